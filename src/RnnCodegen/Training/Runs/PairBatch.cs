using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>
/// A batch of an encoder and a decoder: sources and targets, both padded, the decoder fed with the start token and the target (teacher
/// forcing), and compared with the target and the end token.
/// </summary>
internal sealed class PairBatch : TrainingBatch
{
    private readonly ModelCore _encoder;
    private readonly ModelCore _decoder;
    private readonly (int Start, int End) _marks;
    private readonly SourceRows _source;
    private readonly Tape _sourceTape;
    private readonly Tape _targetTape;
    private readonly ModelState _encoderState;
    private readonly ModelState _decoderState;
    private readonly int[] _fed;
    private readonly int[] _targetLengths;
    private readonly float[] _encoded;
    private readonly float[] _encodedGradient;
    private readonly int[] _encodedLengths;
    private readonly PairDecoding? _decoding;
    private int _targetSteps;
    private bool _hasShortSources;
    private bool _hasShortTargets;

    /// <param name="encoder">The encoder.</param>
    /// <param name="decoder">The decoder, whose state fits the encoder's.</param>
    /// <param name="loss">The loss of the decoder's outputs.</param>
    /// <param name="marks">Start and end token.</param>
    /// <param name="sizes">The largest sizes.</param>
    /// <param name="decoding">Decodes samples for the metrics that need it; null where none does.</param>
    /// <param name="world">The ranks that share each batch.</param>
    public PairBatch(
        ModelCore encoder, ModelCore decoder, Loss loss, (int Start, int End) marks, BatchSizes sizes, PairDecoding? decoding,
        TrainingWorld world)
        : base(loss, decoder.Definition.OutputSize, sizes.Labels + 1L, sizes.Count, world)
    {
        (_encoder, _decoder, _marks, _decoding) = (encoder, decoder, marks, decoding);
        _source = new SourceRows(encoder, sizes.Steps, MaxShare);
        _encoded = new float[BatchRoom.Of("encoded steps", encoder.Definition.OutputRows(sizes.Steps, 1), MaxShare,
            encoder.Definition.OutputSize)];
        _encodedGradient = new float[_encoded.Length];
        _encodedLengths = new int[MaxShare];
        _fed = new int[BatchRoom.Of("target tokens", sizes.Labels + 1L, MaxShare)];
        _targetLengths = new int[MaxShare];
        _sourceTape = encoder.CreateTape(sizes.Steps, MaxShare);
        _targetTape = decoder.CreateTape(sizes.Labels + 1, MaxShare);
        (_encoderState, _decoderState) = (encoder.CreateState(MaxShare), decoder.CreateState(MaxShare));
    }

    protected override int OutputSteps => _targetSteps;

    protected override int FirstStep => 0;

    private int EncodedLength => (int)_encoder.Definition.OutputRows(Portion.Steps, Share.Count) * _encoder.Definition.OutputSize;

    private ReadOnlySpan<int> EncodedLengths => _encodedLengths.AsSpan(0, _hasShortSources ? Share.Count : 0);

    private ReadOnlySpan<int> Fed => _fed.AsSpan(0, _targetSteps * Share.Count);

    private ReadOnlySpan<int> TargetLengths => _targetLengths.AsSpan(0, _hasShortTargets ? Share.Count : 0);

    private bool Attends => _decoder.Definition.MemorySize > 0;

    public override bool IsOfOwnSamples(Metric metric) => metric is SequenceMetric;

    public override void AddTo(ReadOnlySpan<Metric> metrics, TrainingSet set, ReadOnlySpan<int> samples)
    {
        foreach (var metric in metrics)
        {
            if (!IsOfOwnSamples(metric))
            {
                AddOutputs(metric);
            }
        }

        _decoding?.AddTo(metrics, set, samples.Slice(Share.First, Share.Count));
    }

    protected override void Measure(TrainingSet set, ReadOnlySpan<int> samples, Span<int> countedLengths)
    {
        (_targetSteps, _hasShortSources, _hasShortTargets) = (0, false, false);
        for (var b = 0; b < samples.Length; b++)
        {
            countedLengths[b] = set[samples[b]].Ids.Length + 1;
            _targetSteps = Math.Max(_targetSteps, countedLengths[b]);
            _hasShortSources |= set[samples[b]].Steps < Portion.Steps;
        }

        _hasShortTargets = countedLengths[..samples.Length].ContainsAnyExcept(_targetSteps);
    }

    protected override void Load(TrainingSet set, ReadOnlySpan<int> samples)
    {
        _source.Load(set, samples, 0, Portion.Steps, _hasShortSources);
        for (var b = 0; b < samples.Length; b++)
        {
            var ids = set[samples[b]].Ids.Span;
            (_fed[b], _targetLengths[b]) = (_marks.Start, ids.Length + 1);
            _encodedLengths[b] = _encoder.Definition.OutputSteps(set[samples[b]].Steps);
            SourceRows.Spread(ids, _fed.AsSpan(samples.Length), 1, 0, _targetSteps - 1, b, samples.Length);
        }

        if (samples.Length > 0)
        {
            Reshape(_sourceTape, Portion.Steps);
            Reshape(_targetTape, _targetSteps);
            _encoderState.Reshape(samples.Length);
            _decoderState.Reshape(samples.Length);
        }
    }

    protected override void FillTargets(TargetBatch target, TrainingSet set, ReadOnlySpan<int> samples, int steps) =>
        target.FillEnded(set, samples, steps, _marks.End);

    protected override void RunForward(bool trains, ulong dropoutSeed, CarriedState? streams)
    {
        if (Share.Count == 0)
        {
            return;
        }

        SetDropout(trains, dropoutSeed);
        var encoded = _encoded.AsSpan(0, EncodedLength);
        _source.Forward(_sourceTape, encoded, _source.Lengths, null, _encoderState);
        _decoderState.CopyAcross(_encoderState);
        if (Attends)
        {
            _decoderState.SetMemory(encoded, _encoder.Definition.OutputSteps(Portion.Steps), EncodedLengths);
        }

        _decoder.Forward(Fed, Output, _targetTape, TargetLengths, _decoderState);
    }

    protected override double RunOnDevice(
        IDeviceTraining device, ulong dropoutSeed, LossTargets targets, LossShape shape, double divisor, CarriedState? streams)
    {
        SetDropout(trains: true, dropoutSeed);
        return device.Train(
            _source.OnDevice(_sourceTape), SourceRows.OnDevice(_decoder.Definition, new ModelInput(Fed), _targetTape, TargetLengths),
            EncodedLengths, targets, shape, divisor);
    }

    /// <summary>The encoder's gradients come through the state, and through its outputs where the decoder attends to them.</summary>
    protected override void RunBackward(ReadOnlySpan<ParameterSet> gradients)
    {
        _decoder.Backward(Gradient, default, _targetTape, gradients[1], initialStateGradient: _decoderState);
        _encoderState.CopyAcross(_decoderState);
        var gradient = _encodedGradient.AsSpan(0, EncodedLength);
        if (Attends)
        {
            _decoderState.CopyMemoryTo(gradient);
        }

        _encoder.Backward(gradient, default, _sourceTape, gradients[0], finalStateGradient: _encoderState);
    }

    /// <summary>Masks of their own: layers of equal places in both models would otherwise drop the same units.</summary>
    private void SetDropout(bool trains, ulong seed)
    {
        (_sourceTape.Training, _sourceTape.DropoutSeed) = (trains, seed);
        (_targetTape.Training, _targetTape.DropoutSeed) = (trains, SeededRandom.Mix(seed));
    }
}
