namespace RnnCodegen;

/// <summary>
/// Memory for one batch of samples side by side: padded inputs and targets, outputs, and the tape they run on. Made once for the largest
/// batch and filled anew for each.
/// </summary>
internal sealed class TrainingBatch
{
    private readonly ModelCore _core;
    private readonly ModelDefinition _model;
    private readonly Loss _loss;
    private readonly Tape _tape;
    private readonly float[] _rows;
    private readonly int[] _tokens;
    private readonly TargetBatch _target;
    private readonly float[] _output;
    private readonly float[] _outputGradient;
    private readonly int[] _lengths;
    private readonly int[] _countedLengths;
    private readonly int[] _advanceLengths;
    private readonly float[] _advanceOutput;
    private readonly Tape? _advanceTape;
    private Portion _portion;
    private bool _isPadded;

    /// <param name="core">The model.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="maxSteps">Time steps of the longest portion.</param>
    /// <param name="maxCount">Samples of the largest.</param>
    /// <param name="maxAdvance">Steps that a state is carried on by where a portion's own pass does not carry it; 0 where it always does.</param>
    public TrainingBatch(ModelCore core, Loss loss, int maxSteps, int maxCount, int maxAdvance)
    {
        (_core, _model, _loss) = (core, core.Definition, loss);
        var rows = checked(maxSteps * maxCount);
        var outputRows = checked((int)_model.OutputRows(maxSteps, maxCount));
        _rows = new float[checked(rows * _model.InputSize)];
        _tokens = new int[_model.TakesTokens ? rows : 0];
        _output = new float[checked(outputRows * _model.OutputSize)];
        _outputGradient = new float[_output.Length];
        _target = new TargetBatch(loss, _model.OutputSize, outputRows, maxCount);
        _lengths = new int[maxCount];
        _countedLengths = new int[maxCount];
        _tape = core.CreateTape(maxSteps, maxCount);
        _advanceTape = maxAdvance > 0 ? core.CreateTape(maxAdvance, maxCount) : null;
        _advanceLengths = new int[maxCount];
        _advanceOutput = new float[maxAdvance * maxCount * _model.OutputSize];
    }

    /// <summary>What the batch's loss counts in a mean over batches: the weight of all that its own mean is over, 0 where nothing counts.</summary>
    public double Weight { get; private set; }

    private ReadOnlySpan<int> Lengths => _isPadded ? _lengths.AsSpan(0, _portion.Count) : default;

    private int OutputSteps => (int)_model.OutputRows(_portion.Steps, 1);

    /// <summary>Output rows before those whose losses count.</summary>
    private int ContextRows => _portion.Context * _portion.Count;

    private int OutputRows => OutputSteps * _portion.Count;

    /// <summary>The counted rows.</summary>
    private LossShape Shape => new(
        OutputSteps - _portion.Context, _portion.Count, _model.OutputSize,
        _isPadded && _model.OutputIsSequence ? _countedLengths.AsSpan(0, _portion.Count) : default)
    {
        SampleWeights = _target.Weights,
        Window = _loss.Window,
    };

    private Span<float> Output => _output.AsSpan(0, OutputRows * _model.OutputSize);

    private Span<float> Gradient => _outputGradient.AsSpan(0, OutputRows * _model.OutputSize);

    /// <summary>Lays the chosen samples out time-major, zeros behind the shorter ones.</summary>
    public void Fill(TrainingSet set, ReadOnlySpan<int> samples, in Portion portion)
    {
        (_portion, _isPadded) = (portion, false);
        for (var b = 0; b < samples.Length; b++)
        {
            _lengths[b] = Math.Clamp(set[samples[b]].Steps - portion.Start, 0, portion.Steps);
            _countedLengths[b] = Math.Max(_model.OutputSteps(_lengths[b]) - portion.Context, 0);
            _isPadded |= _lengths[b] < portion.Steps;
        }

        for (var b = 0; b < samples.Length; b++)
        {
            var sample = set[samples[b]];
            if (_model.TakesTokens)
            {
                Spread(sample.Tokens.Span, _tokens, 1, portion.Start, portion.Steps, b, portion.Count);
            }
            else
            {
                Spread(sample.Rows.Span, _rows, _model.InputSize, portion.Start, portion.Steps, b, portion.Count);
            }
        }

        _target.Fill(set, samples, OutputSteps - portion.Context, portion.Start + portion.Context);
        Weight = _loss.Divisor(_target.Targets, Shape);
        _tape.Reshape(portion.Steps, portion.Count);
    }

    /// <summary>The sum of the batch's losses without dropout.</summary>
    public double Evaluate(ModelState? initialState, ModelState? finalState)
    {
        _tape.Training = false;
        Forward(_tape, Output, Lengths, initialState, finalState);
        return Sum(default, Weight);
    }

    /// <summary>The sum of the batch's losses with dropout; ready for <see cref="Backward"/>.</summary>
    /// <param name="dropoutSeed">Seed of the masks.</param>
    /// <param name="divisor">What the gradient is divided by, not the sum; 0 where nothing counts.</param>
    /// <param name="initialState">The state before the first step; the model's own start where null.</param>
    /// <param name="finalState">Receives the state after the last step.</param>
    public double Train(ulong dropoutSeed, double divisor, ModelState? initialState = null, ModelState? finalState = null)
    {
        (_tape.Training, _tape.DropoutSeed) = (true, dropoutSeed);
        Forward(_tape, Output, Lengths, initialState, finalState);
        var context = ContextRows * _model.OutputSize;
        Gradient[..context].Clear();
        return Sum(Gradient[context..], divisor);
    }

    /// <summary>Gradients of what <see cref="Train"/> returned, divided as it was asked.</summary>
    public void Backward(ParameterSet gradients, bool accumulate) => _core.Backward(Gradient, default, _tape, gradients, accumulate);

    /// <summary>Carries a state over the batch's first steps, with the dropout of the last <see cref="Train"/>.</summary>
    public void Advance(int steps, ModelState state)
    {
        _advanceTape!.Reshape(steps, _portion.Count);
        (_advanceTape.Training, _advanceTape.DropoutSeed) = (_tape.Training, _tape.DropoutSeed);
        var lengths = _advanceLengths.AsSpan(0, _isPadded ? _portion.Count : 0);
        for (var b = 0; b < lengths.Length; b++)
        {
            lengths[b] = Math.Min(_lengths[b], steps);
        }

        Forward(_advanceTape, _advanceOutput.AsSpan(0, steps * _portion.Count * _model.OutputSize), lengths, state, state);
    }

    /// <summary>Adds the outputs of the last pass to a metric.</summary>
    public void AddTo(Metric metric) => metric.Add(Output[(ContextRows * _model.OutputSize)..], _target.Targets, Shape);

    /// <summary>The first output of the last pass, in the order of steps, that counts and is not finite: its sample's place, its step, and what it is.</summary>
    public (int Sample, int Step, float Value)? FindBadOutput()
    {
        var shape = Shape;
        for (var row = 0; row < shape.Rows; row++)
        {
            var (step, sample) = Math.DivRem(row, shape.Batch);
            var (start, end) = shape.StepsOf(sample);
            var outputs = Output.Slice((ContextRows + row) * _model.OutputSize, _model.OutputSize);
            if (step >= start && step < end && GradientGuard.IndexOfBad(outputs) is >= 0 and var bad)
            {
                return (sample, (_model.OutputIsSequence ? _portion.Start + _portion.Context : 0) + step, outputs[bad]);
            }
        }

        return null;
    }

    private void Forward(Tape tape, Span<float> output, ReadOnlySpan<int> lengths, ModelState? initialState, ModelState? finalState)
    {
        var rows = tape.Steps * tape.Batch;
        if (_model.TakesTokens)
        {
            _core.Forward(_tokens.AsSpan(0, rows), output, tape, lengths, initialState, finalState);
        }
        else
        {
            _core.Forward(_rows.AsSpan(0, rows * _model.InputSize), output, tape, lengths, initialState, finalState);
        }
    }

    private double Sum(Span<float> gradient, double divisor) =>
        _loss.Sum(Output[(ContextRows * _model.OutputSize)..], _target.Targets, gradient, Shape, divisor);

    /// <summary>Copies a sample's rows, from a first one on, to every B-th row of a batch; zeros where the sample has no more.</summary>
    internal static void Spread<T>(ReadOnlySpan<T> sample, Span<T> batch, int width, int first, int steps, int b, int count)
    {
        sample = sample[Math.Min(first * width, sample.Length)..];
        var sampleSteps = sample.Length / width;
        for (var t = 0; t < steps; t++)
        {
            var row = batch.Slice(((t * count) + b) * width, width);
            if (t < sampleSteps)
            {
                sample.Slice(t * width, width).CopyTo(row);
            }
            else
            {
                row.Clear();
            }
        }
    }
}
