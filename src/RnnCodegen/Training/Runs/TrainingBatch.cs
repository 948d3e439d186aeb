namespace RnnCodegen;

/// <summary>
/// Memory for one batch of samples side by side: the outputs of the model that has the loss, their
/// targets, the loss and its gradient. Made once for the largest batch and filled anew for each.
/// How samples become outputs, and gradients of outputs those of parameters, is each task's.
/// </summary>
internal abstract class TrainingBatch
{
    private readonly Loss _loss;
    private readonly int _width;
    private readonly TargetBatch _target;
    private readonly float[] _output;
    private readonly float[] _outputGradient;
    private readonly int[] _countedLengths;
    private readonly float[] _joinedOutput;
    private readonly float[] _joinedGradient;
    private float[] _joinBuffer = [];
    private double _divisor;
    private bool _isPadded;

    /// <param name="loss">The loss.</param>
    /// <param name="width">Features of an output row.</param>
    /// <param name="outputSteps">Output rows of the sample that has most.</param>
    /// <param name="maxCount">Samples of the largest batch.</param>
    /// <param name="world">The ranks that share each batch.</param>
    protected TrainingBatch(Loss loss, int width, long outputSteps, int maxCount, TrainingWorld world)
    {
        (_loss, _width, World) = (loss, width, world);
        MaxShare = Math.Max(1, world.MostOf(maxCount));
        _output = new float[BatchRoom.Of("output steps", outputSteps, MaxShare, width)];
        _outputGradient = new float[_output.Length];
        _countedLengths = new int[maxCount];

        // Ranks that join their outputs see those of all samples.
        var counted = world.JoinsBatches ? maxCount : MaxShare;
        _joinedOutput = new float[world.JoinsBatches ? BatchRoom.Of("output steps", outputSteps, counted, width) : 0];
        _joinedGradient = new float[_joinedOutput.Length];
        _target = new TargetBatch(loss, width, BatchRoom.Of("output steps", outputSteps, counted), counted);
    }

    /// <summary>
    /// What the batch's loss counts in a mean over batches: the weight of all that its own mean is over, 0 where nothing counts. Where
    /// ranks add up later, this rank's part of it.
    /// </summary>
    public double Weight => World.SumsUpdates && _loss.Reduction == Reduction.Sum ? (World.IsFirst ? 1 : 0) : _divisor;

    /// <summary>What trains where the model computes, and keeps the outputs there; null where losses are computed here.</summary>
    public IDeviceTraining? Device { get; set; }

    protected TrainingWorld World { get; }

    /// <summary>Most samples that this rank has of a batch; at least 1.</summary>
    protected int MaxShare { get; }

    /// <summary>Which samples and steps the batch has.</summary>
    protected Portion Portion { get; private set; }

    /// <summary>This rank's samples of it.</summary>
    protected BatchShare Share { get; private set; }

    /// <summary>Output rows of a sample, context included.</summary>
    protected abstract int OutputSteps { get; }

    /// <summary>The input step of the first output row that counts; 0 where outputs are not of the inputs' steps.</summary>
    protected abstract int FirstStep { get; }

    /// <summary>Outputs of this rank's samples, [T, B, F].</summary>
    protected Span<float> Output => _output.AsSpan(0, OutputSteps * Share.Count * _width);

    /// <summary>Their gradient.</summary>
    protected Span<float> Gradient => _outputGradient.AsSpan(0, OutputSteps * Share.Count * _width);

    /// <summary>The samples whose losses are computed here: this rank's, or all.</summary>
    private BatchShare Counted => World.JoinsBatches ? new(0, Portion.Count) : Share;

    private int CountedSteps => OutputSteps - Portion.Context;

    /// <summary>Where the outputs that count begin.</summary>
    private int CountedStart => Portion.Context * Share.Count * _width;

    /// <summary>The counted rows.</summary>
    private LossShape Shape => new(
        CountedSteps, Counted.Count, _width, _isPadded ? _countedLengths.AsSpan(Counted.First, Counted.Count) : default)
    {
        SampleWeights = _target.Weights,
        StepWeights = _target.StepWeights,
        Window = _loss.Window,
    };

    /// <summary>The outputs that count, of the samples whose losses are computed here.</summary>
    private Span<float> CountedOutput => World.JoinsBatches ? Joined(_joinedOutput) : Output[CountedStart..];

    /// <summary>Lays the chosen samples out time-major, zeros behind the shorter ones; among several ranks, those of this one.</summary>
    public void Fill(TrainingSet set, ReadOnlySpan<int> samples, in Portion portion)
    {
        (Portion, Share) = (portion, World.ShareOf(portion.Count));
        Measure(set, samples, _countedLengths);
        _isPadded = _countedLengths.AsSpan(0, samples.Length).ContainsAnyExcept(CountedSteps);
        Load(set, samples.Slice(Share.First, Share.Count));
        FillTargets(_target, set, samples.Slice(Counted.First, Counted.Count), CountedSteps);
        _divisor = Counted.Count == 0 ? 0 : _loss.Divisor(_target.Targets, Shape);
    }

    /// <summary>The sum of the batch's losses without dropout.</summary>
    /// <param name="streams">The state that goes on from window to window of a stream; null where samples are whole.</param>
    public double Evaluate(CarriedState? streams)
    {
        RunForward(trains: false, 0, streams);
        return Sum(wantsGradient: false, _divisor);
    }

    /// <summary>What a gradient is divided by: all that the batch counts, or, where that comes later, 1; 0 where nothing counts.</summary>
    public double DivisorOf(bool isAlone) => isAlone || _divisor == 0 ? _divisor : 1;

    /// <summary>The sum of the batch's losses with dropout; ready for <see cref="Backward"/>.</summary>
    /// <param name="dropoutSeed">Seed of the masks.</param>
    /// <param name="divisor">What the gradient is divided by, not the sum; 0 where nothing counts.</param>
    /// <param name="streams">The state that goes on from window to window of a stream; null where samples are whole.</param>
    public double Train(ulong dropoutSeed, double divisor, CarriedState? streams = null)
    {
        if (Device is not null)
        {
            return RunOnDevice(Device, dropoutSeed, _target.Targets, Shape, divisor, streams);
        }

        RunForward(trains: true, dropoutSeed, streams);
        Gradient[..CountedStart].Clear();
        return Sum(wantsGradient: true, divisor);
    }

    /// <summary>
    /// Gradients of what <see cref="Train"/> returned, divided as it was asked; among several ranks, what this one's samples give.
    /// </summary>
    /// <param name="gradients">Receives them, model by model; nothing where a device has made them with the loss.</param>
    public void Backward(ReadOnlySpan<ParameterSet> gradients)
    {
        if (Device is not null)
        {
            return;
        }

        if (Share.Count > 0)
        {
            RunBackward(gradients);
            return;
        }

        foreach (var set in gradients)
        {
            set.Clear();
        }
    }

    /// <summary>Adds the outputs of the last pass to metrics.</summary>
    /// <param name="metrics">The metrics.</param>
    /// <param name="set">What the batch was filled from.</param>
    /// <param name="samples">Its samples.</param>
    public virtual void AddTo(ReadOnlySpan<Metric> metrics, TrainingSet set, ReadOnlySpan<int> samples)
    {
        foreach (var metric in metrics)
        {
            AddOutputs(metric);
        }
    }

    /// <summary>Whether each rank adds to a metric what its own samples give, though ranks join their outputs.</summary>
    public virtual bool IsOfOwnSamples(Metric metric) => false;

    /// <summary>
    /// The first output of the last pass, in the order of steps, that counts
    /// and is not finite: its sample's place, its step, and what it is.
    /// </summary>
    public (int Sample, int Step, float Value)? FindBadOutput()
    {
        if (Counted.Count == 0)
        {
            return null;
        }

        Device?.ReadOutput(Output);
        var shape = Shape;
        for (var row = 0; row < shape.Rows; row++)
        {
            var (step, sample) = Math.DivRem(row, shape.Batch);
            var (start, end) = shape.StepsOf(sample);
            var outputs = CountedOutput.Slice(row * _width, _width);
            if (step >= start && step < end && GradientGuard.IndexOfBad(outputs) is >= 0 and var bad)
            {
                return (Counted.First + sample, FirstStep + step, outputs[bad]);
            }
        }

        return null;
    }

    /// <summary>Finds how many steps the batch has, and each sample's output rows that count.</summary>
    protected abstract void Measure(TrainingSet set, ReadOnlySpan<int> samples, Span<int> countedLengths);

    /// <summary>Lays this rank's samples out.</summary>
    protected abstract void Load(TrainingSet set, ReadOnlySpan<int> samples);

    /// <summary>Lays out the targets of the samples whose losses are computed here.</summary>
    protected abstract void FillTargets(TargetBatch target, TrainingSet set, ReadOnlySpan<int> samples, int steps);

    /// <summary>Computes the outputs. A rank without samples carries its state all the same.</summary>
    protected abstract void RunForward(bool trains, ulong dropoutSeed, CarriedState? streams);

    /// <summary>Has a device compute outputs, loss and gradients; batches that it can take override this.</summary>
    protected virtual double RunOnDevice(
        IDeviceTraining device, ulong dropoutSeed, LossTargets targets, LossShape shape, double divisor, CarriedState? streams) =>
        throw new NotSupportedException();

    /// <summary>Computes the parameters' gradients from that of the outputs.</summary>
    protected abstract void RunBackward(ReadOnlySpan<ParameterSet> gradients);

    /// <summary>Adds the outputs of the last pass to a metric.</summary>
    protected void AddOutputs(Metric metric)
    {
        if (Counted.Count > 0)
        {
            metric.Add(CountedOutput, _target.Targets, Shape);
        }
    }

    /// <summary>Gives a tape the batch's sizes, and says which of a larger batch's samples it has.</summary>
    protected void Reshape(Tape tape, int steps)
    {
        tape.Reshape(steps, Share.Count);
        tape.Place = (Share.First, Portion.Count - Share.Count);
    }

    private double Sum(bool wantsGradient, double divisor)
    {
        if (Counted.Count == 0)
        {
            return 0;
        }

        var own = Output[CountedStart..];
        var ownGradient = Gradient[CountedStart..];
        if (!World.JoinsBatches)
        {
            return _loss.Sum(own, _target.Targets, wantsGradient ? ownGradient : default, Shape, divisor);
        }

        // The loss of all samples on each rank, so that its bits are those of one process; then this rank's rows of the gradient.
        World.Join(own, CountedSteps, Portion.Count, _width, Joined(_joinedOutput), ref _joinBuffer);
        var gradient = wantsGradient ? Joined(_joinedGradient) : default;
        var sum = _loss.Sum(Joined(_joinedOutput), _target.Targets, gradient, Shape, divisor);
        for (var t = 0; t < CountedSteps && wantsGradient; t++)
        {
            var rows = gradient.Slice(((t * Portion.Count) + Share.First) * _width, Share.Count * _width);
            rows.CopyTo(ownGradient[(t * Share.Count * _width)..]);
        }

        return sum;
    }

    private Span<float> Joined(float[] rows) => rows.AsSpan(0, CountedSteps * Portion.Count * _width);
}
