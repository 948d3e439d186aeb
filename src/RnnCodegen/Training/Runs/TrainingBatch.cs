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
    private readonly TrainingWorld _world;
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
    private readonly float[] _joinedOutput;
    private readonly float[] _joinedGradient;
    private float[] _joinBuffer = [];
    private Portion _portion;
    private BatchShare _share;
    private double _divisor;
    private bool _isPadded;

    /// <param name="core">The model.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="maxSteps">Time steps of the longest portion.</param>
    /// <param name="maxCount">Samples of the largest.</param>
    /// <param name="maxAdvance">Steps that a state is carried on by where a portion's own pass does not carry it; 0 where it always does.</param>
    /// <param name="world">The ranks that share each batch.</param>
    public TrainingBatch(ModelCore core, Loss loss, int maxSteps, int maxCount, int maxAdvance, TrainingWorld world)
    {
        (_core, _model, _loss, _world) = (core, core.Definition, loss, world);
        var (countedRows, countedSamples) = (0, maxCount);
        if (world.JoinsBatches)
        {
            countedRows = checked((int)_model.OutputRows(maxSteps, maxCount));
        }

        _lengths = new int[maxCount];
        _countedLengths = new int[maxCount];
        _joinedOutput = new float[checked(countedRows * _model.OutputSize)];
        _joinedGradient = new float[_joinedOutput.Length];
        maxCount = Math.Max(1, world.MostOf(maxCount));
        var rows = checked(maxSteps * maxCount);
        var outputRows = checked((int)_model.OutputRows(maxSteps, maxCount));
        _rows = new float[checked(rows * _model.InputSize)];
        _tokens = new int[_model.TakesTokens ? rows : 0];
        _output = new float[checked(outputRows * _model.OutputSize)];
        _outputGradient = new float[_output.Length];
        _target = world.JoinsBatches
            ? new TargetBatch(loss, _model.OutputSize, countedRows, countedSamples)
            : new TargetBatch(loss, _model.OutputSize, outputRows, maxCount);
        _tape = core.CreateTape(maxSteps, maxCount);
        _advanceTape = maxAdvance > 0 ? core.CreateTape(maxAdvance, maxCount) : null;
        _advanceLengths = new int[maxCount];
        _advanceOutput = new float[maxAdvance * maxCount * _model.OutputSize];
    }

    /// <summary>
    /// What the batch's loss counts in a mean over batches: the weight of all that its own mean is over, 0 where nothing counts. Where ranks add up later, this
    /// rank's part of it.
    /// </summary>
    public double Weight => _world.SumsUpdates && _loss.Reduction == Reduction.Sum ? (_world.IsFirst ? 1 : 0) : _divisor;

    private ReadOnlySpan<int> Lengths => _isPadded ? _lengths.AsSpan(_share.First, _share.Count) : default;

    /// <summary>The samples whose losses are computed here: this rank's, or all.</summary>
    private BatchShare Counted => _world.JoinsBatches ? new(0, _portion.Count) : _share;

    private int OutputSteps => (int)_model.OutputRows(_portion.Steps, 1);

    /// <summary>Output rows before those whose losses count.</summary>
    private int ContextRows => _portion.Context * _share.Count;

    private int OutputRows => OutputSteps * _share.Count;

    /// <summary>The counted rows.</summary>
    private LossShape Shape => new(
        OutputSteps - _portion.Context, Counted.Count, _model.OutputSize,
        _isPadded && _model.OutputIsSequence ? _countedLengths.AsSpan(Counted.First, Counted.Count) : default)
    {
        SampleWeights = _target.Weights,
        Window = _loss.Window,
    };

    private Span<float> Output => _output.AsSpan(0, OutputRows * _model.OutputSize);

    private Span<float> Gradient => _outputGradient.AsSpan(0, OutputRows * _model.OutputSize);

    /// <summary>The outputs that count, and their gradient, of the samples whose losses are computed here.</summary>
    private Span<float> CountedOutput => _world.JoinsBatches ? Joined(_joinedOutput) : Output[(ContextRows * _model.OutputSize)..];

    /// <summary>Lays the chosen samples out time-major, zeros behind the shorter ones; among several ranks, those of this one.</summary>
    public void Fill(TrainingSet set, ReadOnlySpan<int> samples, in Portion portion)
    {
        (_portion, _isPadded, _share) = (portion, false, _world.ShareOf(portion.Count));
        for (var b = 0; b < samples.Length; b++)
        {
            _lengths[b] = Math.Clamp(set[samples[b]].Steps - portion.Start, 0, portion.Steps);
            _countedLengths[b] = Math.Max(_model.OutputSteps(_lengths[b]) - portion.Context, 0);
            _isPadded |= _lengths[b] < portion.Steps;
        }

        for (var b = 0; b < _share.Count; b++)
        {
            var sample = set[samples[_share.First + b]];
            if (_model.TakesTokens)
            {
                Spread(sample.Tokens.Span, _tokens, 1, portion.Start, portion.Steps, b, _share.Count);
            }
            else
            {
                Spread(sample.Rows.Span, _rows, _model.InputSize, portion.Start, portion.Steps, b, _share.Count);
            }
        }

        var counted = Counted;
        _target.Fill(set, samples.Slice(counted.First, counted.Count), OutputSteps - portion.Context, portion.Start + portion.Context);
        _divisor = counted.Count == 0 ? 0 : _loss.Divisor(_target.Targets, Shape);
        if (_share.Count > 0)
        {
            Reshape(_tape, portion.Steps);
        }
    }

    /// <summary>The sum of the batch's losses without dropout.</summary>
    public double Evaluate(ModelState? initialState, ModelState? finalState)
    {
        _tape.Training = false;
        Forward(_tape, Output, Lengths, initialState, finalState);
        return Sum(wantsGradient: false, _divisor);
    }

    /// <summary>What a gradient is divided by: all that the batch counts, or, where that comes later, 1; 0 where nothing counts.</summary>
    public double DivisorOf(bool isAlone) => isAlone || _divisor == 0 ? _divisor : 1;

    /// <summary>The sum of the batch's losses with dropout; ready for <see cref="Backward"/>.</summary>
    /// <param name="dropoutSeed">Seed of the masks.</param>
    /// <param name="divisor">What the gradient is divided by, not the sum; 0 where nothing counts.</param>
    /// <param name="initialState">The state before the first step; the model's own start where null.</param>
    /// <param name="finalState">Receives the state after the last step.</param>
    public double Train(ulong dropoutSeed, double divisor, ModelState? initialState = null, ModelState? finalState = null)
    {
        (_tape.Training, _tape.DropoutSeed) = (true, dropoutSeed);
        Forward(_tape, Output, Lengths, initialState, finalState);
        Gradient[..(ContextRows * _model.OutputSize)].Clear();
        return Sum(wantsGradient: true, divisor);
    }

    /// <summary>Gradients of what <see cref="Train"/> returned, divided as it was asked; among several ranks, what this one's samples give.</summary>
    public void Backward(ParameterSet gradients)
    {
        if (_share.Count > 0)
        {
            _core.Backward(Gradient, default, _tape, gradients);
        }
        else
        {
            gradients.Clear();
        }
    }

    /// <summary>Carries a state over the batch's first steps, with the dropout of the last <see cref="Train"/>.</summary>
    public void Advance(int steps, ModelState state)
    {
        if (_share.Count == 0)
        {
            return;
        }

        Reshape(_advanceTape!, steps);
        (_advanceTape!.Training, _advanceTape.DropoutSeed) = (_tape.Training, _tape.DropoutSeed);
        var lengths = _advanceLengths.AsSpan(0, _isPadded ? _share.Count : 0);
        for (var b = 0; b < lengths.Length; b++)
        {
            lengths[b] = Math.Min(Lengths[b], steps);
        }

        Forward(_advanceTape, _advanceOutput.AsSpan(0, steps * _share.Count * _model.OutputSize), lengths, state, state);
    }

    /// <summary>Adds the outputs of the last pass to a metric.</summary>
    public void AddTo(Metric metric)
    {
        if (Counted.Count > 0)
        {
            metric.Add(CountedOutput, _target.Targets, Shape);
        }
    }

    /// <summary>The first output of the last pass, in the order of steps, that counts and is not finite: its sample's place, its step, and what it is.</summary>
    public (int Sample, int Step, float Value)? FindBadOutput()
    {
        if (Counted.Count == 0)
        {
            return null;
        }

        var shape = Shape;
        for (var row = 0; row < shape.Rows; row++)
        {
            var (step, sample) = Math.DivRem(row, shape.Batch);
            var (start, end) = shape.StepsOf(sample);
            var outputs = CountedOutput.Slice(row * _model.OutputSize, _model.OutputSize);
            if (step >= start && step < end && GradientGuard.IndexOfBad(outputs) is >= 0 and var bad)
            {
                return (Counted.First + sample, (_model.OutputIsSequence ? _portion.Start + _portion.Context : 0) + step, outputs[bad]);
            }
        }

        return null;
    }

    private void Reshape(Tape tape, int steps)
    {
        tape.Reshape(steps, _share.Count);
        tape.Place = (_share.First, _portion.Count - _share.Count);
    }

    private void Forward(Tape tape, Span<float> output, ReadOnlySpan<int> lengths, ModelState? initialState, ModelState? finalState)
    {
        if (_share.Count == 0)
        {
            return;
        }

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

    private double Sum(bool wantsGradient, double divisor)
    {
        if (Counted.Count == 0)
        {
            return 0;
        }

        var own = Output[(ContextRows * _model.OutputSize)..];
        var ownGradient = Gradient[(ContextRows * _model.OutputSize)..];
        if (!_world.JoinsBatches)
        {
            return _loss.Sum(own, _target.Targets, wantsGradient ? ownGradient : default, Shape, divisor);
        }

        // The loss of all samples on each rank, so that its bits are those of one process; then this rank's rows of the gradient.
        var (steps, width) = (OutputSteps - _portion.Context, _model.OutputSize);
        _world.Join(own, steps, _portion.Count, width, Joined(_joinedOutput), ref _joinBuffer);
        var gradient = wantsGradient ? Joined(_joinedGradient) : default;
        var sum = _loss.Sum(Joined(_joinedOutput), _target.Targets, gradient, Shape, divisor);
        for (var t = 0; t < steps && wantsGradient; t++)
        {
            var rows = gradient.Slice(((t * _portion.Count) + _share.First) * width, _share.Count * width);
            rows.CopyTo(ownGradient[(t * _share.Count * width)..]);
        }

        return sum;
    }

    private Span<float> Joined(float[] rows) => rows.AsSpan(0, (OutputSteps - _portion.Context) * _portion.Count * _model.OutputSize);

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
