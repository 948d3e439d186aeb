namespace RnnCodegen;

/// <summary>
/// Memory for one batch of sources and targets: both padded, the decoder fed with the start token and the target (teacher forcing), and
/// compared with the target and the end token. Made once for the largest batch and filled anew for each.
/// </summary>
internal sealed class SequenceToSequenceBatch
{
    private readonly ModelCore _encoder;
    private readonly ModelCore _decoder;
    private readonly Loss _loss;
    private readonly (int Start, int End) _marks;
    private readonly Tape _source;
    private readonly Tape _target;
    private readonly ModelState _encoderState;
    private readonly ModelState _decoderState;
    private readonly float[] _rows;
    private readonly int[] _tokens;
    private readonly int[] _sourceLengths;
    private readonly int[] _fed;
    private readonly int[] _wanted;
    private readonly int[] _targetLengths;
    private readonly float[] _weights;
    private readonly float[] _encoded;
    private readonly float[] _encodedGradient;
    private readonly int[] _encodedLengths;
    private readonly float[] _output;
    private readonly float[] _outputGradient;

    /// <param name="encoder">The encoder.</param>
    /// <param name="decoder">The decoder, whose state fits the encoder's.</param>
    /// <param name="loss">The loss of the decoder's outputs.</param>
    /// <param name="marks">Start and end token.</param>
    /// <param name="maxSource">Steps of the longest source.</param>
    /// <param name="maxTarget">Tokens of the longest target.</param>
    /// <param name="maxCount">Samples of the largest batch.</param>
    public SequenceToSequenceBatch(
        ModelCore encoder, ModelCore decoder, Loss loss, (int Start, int End) marks, int maxSource, int maxTarget, int maxCount)
    {
        (_encoder, _decoder, _loss, _marks) = (encoder, decoder, loss, marks);
        var (source, target) = (encoder.Definition, decoder.Definition);
        var (sourceRows, targetRows) = (checked(maxSource * maxCount), checked((maxTarget + 1) * maxCount));
        _rows = new float[checked(sourceRows * source.InputSize)];
        _tokens = new int[source.TakesTokens ? sourceRows : 0];
        _encoded = new float[checked((int)source.OutputRows(maxSource, maxCount) * source.OutputSize)];
        _encodedGradient = new float[_encoded.Length];
        _encodedLengths = new int[maxCount];
        (_fed, _wanted) = (new int[targetRows], new int[targetRows]);
        _output = new float[checked(targetRows * target.OutputSize)];
        _outputGradient = new float[_output.Length];
        (_sourceLengths, _targetLengths, _weights) = (new int[maxCount], new int[maxCount], new float[maxCount]);
        _source = encoder.CreateTape(maxSource, maxCount);
        _target = decoder.CreateTape(maxTarget + 1, maxCount);
        (_encoderState, _decoderState) = (encoder.CreateState(maxCount), decoder.CreateState(maxCount));
    }

    /// <summary>What the batch's loss counts in a mean over batches.</summary>
    public double Weight { get; private set; }

    private int Count => _source.Batch;

    private ReadOnlySpan<int> Wanted => _wanted.AsSpan(0, _target.Steps * Count);

    private Span<float> Output => _output.AsSpan(0, _target.Steps * Count * _decoder.Definition.OutputSize);

    private Span<float> Gradient => _outputGradient.AsSpan(0, Output.Length);

    private int EncodedLength => (int)_encoder.Definition.OutputRows(_source.Steps, Count) * _encoder.Definition.OutputSize;

    private bool Attends => _decoder.Definition.MemorySize > 0;

    private LossShape Shape => new(_target.Steps, Count, _decoder.Definition.OutputSize, _targetLengths.AsSpan(0, Count))
    {
        SampleWeights = _weights.AsSpan(0, Count),
    };

    /// <summary>Lays the chosen samples out time-major, zeros behind the shorter ones.</summary>
    public void Fill(TrainingSet set, ReadOnlySpan<int> samples)
    {
        var (count, sourceSteps, targetSteps) = (samples.Length, 0, 0);
        for (var b = 0; b < count; b++)
        {
            var sample = set[samples[b]];
            (_sourceLengths[b], _targetLengths[b], _weights[b]) = (sample.Steps, sample.Ids.Length + 1, sample.Weight);
            (sourceSteps, targetSteps) = (Math.Max(sourceSteps, _sourceLengths[b]), Math.Max(targetSteps, _targetLengths[b]));
        }

        for (var b = 0; b < count; b++)
        {
            var sample = set[samples[b]];
            if (_encoder.Definition.TakesTokens)
            {
                TrainingBatch.Spread(sample.Tokens.Span, _tokens, 1, 0, sourceSteps, b, count);
            }
            else
            {
                TrainingBatch.Spread(sample.Rows.Span, _rows, _encoder.Definition.InputSize, 0, sourceSteps, b, count);
            }

            TrainingBatch.Spread(sample.Ids.Span, _wanted, 1, 0, targetSteps, b, count);
            TrainingBatch.Spread(sample.Ids.Span, _fed.AsSpan(count), 1, 0, targetSteps - 1, b, count);
            _wanted[(sample.Ids.Length * count) + b] = _marks.End;
            _fed[b] = _marks.Start;
        }

        _source.Reshape(sourceSteps, count);
        _target.Reshape(targetSteps, count);
        _encoderState.Reshape(count);
        _decoderState.Reshape(count);
        Weight = _loss.Divisor(new LossTargets(Wanted), Shape);
    }

    /// <summary>The sum of the batch's losses without dropout.</summary>
    public double Evaluate()
    {
        (_source.Training, _target.Training) = (false, false);
        Forward();
        return _loss.Sum(Output, new LossTargets(Wanted), default, Shape, Weight);
    }

    /// <summary>The sum of the batch's losses with dropout; ready for <see cref="Backward"/>.</summary>
    public double Train(ulong encoderSeed, ulong decoderSeed)
    {
        (_source.Training, _source.DropoutSeed) = (true, encoderSeed);
        (_target.Training, _target.DropoutSeed) = (true, decoderSeed);
        Forward();
        return _loss.Sum(Output, new LossTargets(Wanted), Gradient, Shape, Weight);
    }

    /// <summary>Gradients of the batch's loss, the encoder's through the state, and through its outputs where the decoder attends to them.</summary>
    public void Backward(ParameterSet encoderGradients, ParameterSet decoderGradients)
    {
        _decoder.Backward(Gradient, default, _target, decoderGradients, initialStateGradient: _decoderState);
        _encoderState.CopyAcross(_decoderState);
        var gradient = _encodedGradient.AsSpan(0, EncodedLength);
        if (Attends)
        {
            _decoderState.CopyMemoryTo(gradient);
        }

        _encoder.Backward(gradient, default, _source, encoderGradients, finalStateGradient: _encoderState);
    }

    private void Forward()
    {
        var rows = _source.Steps * Count;
        var lengths = _sourceLengths.AsSpan(0, Count);
        var encoded = _encoded.AsSpan(0, EncodedLength);
        if (_encoder.Definition.TakesTokens)
        {
            _encoder.Forward(_tokens.AsSpan(0, rows), encoded, _source, lengths, finalState: _encoderState);
        }
        else
        {
            _encoder.Forward(_rows.AsSpan(0, rows * _encoder.Definition.InputSize), encoded, _source, lengths, finalState: _encoderState);
        }

        _decoderState.CopyAcross(_encoderState);
        if (Attends)
        {
            for (var b = 0; b < Count; b++)
            {
                _encodedLengths[b] = _encoder.Definition.OutputSteps(_sourceLengths[b]);
            }

            _decoderState.SetMemory(encoded, _encoder.Definition.OutputSteps(_source.Steps), _encodedLengths.AsSpan(0, Count));
        }

        _decoder.Forward(_fed.AsSpan(0, Wanted.Length), Output, _target, _targetLengths.AsSpan(0, Count), _decoderState);
    }
}
