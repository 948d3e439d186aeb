using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>A batch of one model: padded inputs, and the tape they run on.</summary>
internal sealed class ModelBatch : TrainingBatch
{
    private readonly ModelCore _core;
    private readonly SourceRows _source;
    private readonly Tape _tape;
    private readonly int[] _advanceLengths;
    private readonly float[] _advanceOutput;
    private readonly Tape? _advanceTape;
    private bool _isPadded;

    /// <param name="core">The model.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="sizes">The largest sizes.</param>
    /// <param name="maxAdvance">Steps that a state is carried on by where a
    /// portion's own pass does not carry it; 0 where it always does.</param>
    /// <param name="world">The ranks that share each batch.</param>
    public ModelBatch(ModelCore core, Loss loss, BatchSizes sizes, int maxAdvance, TrainingWorld world)
        : base(loss, core.Definition.OutputSize, core.Definition.OutputRows(sizes.Steps, 1), sizes.Count, world)
    {
        _core = core;
        _source = new SourceRows(core, sizes.Steps, MaxShare);
        _tape = core.CreateTape(sizes.Steps, MaxShare);
        _advanceTape = maxAdvance > 0 ? core.CreateTape(maxAdvance, MaxShare) : null;
        _advanceLengths = new int[MaxShare];
        _advanceOutput = new float[BatchRoom.Of("steps", maxAdvance, MaxShare, core.Definition.OutputSize)];
    }

    protected override int OutputSteps => (int)_core.Definition.OutputRows(Portion.Steps, 1);

    protected override int FirstStep => _core.Definition.OutputIsSequence ? Portion.Start + Portion.Context : 0;

    protected override void Measure(TrainingSet set, ReadOnlySpan<int> samples, Span<int> countedLengths)
    {
        _isPadded = false;
        for (var b = 0; b < samples.Length; b++)
        {
            var steps = Math.Clamp(set[samples[b]].Steps - Portion.Start, 0, Portion.Steps);
            _isPadded |= steps < Portion.Steps;
            countedLengths[b] = _core.Definition.OutputIsSequence ? Math.Max(_core.Definition.OutputSteps(steps) - Portion.Context, 0) : 1;
        }
    }

    protected override void Load(TrainingSet set, ReadOnlySpan<int> samples)
    {
        _source.Load(set, samples, Portion.Start, Portion.Steps, _isPadded);
        if (Share.Count > 0)
        {
            Reshape(_tape, Portion.Steps);
        }
    }

    protected override void FillTargets(TargetBatch target, TrainingSet set, ReadOnlySpan<int> samples, int steps) =>
        target.Fill(set, samples, steps, Portion.Start + Portion.Context);

    protected override void RunForward(bool trains, ulong dropoutSeed, CarriedState? streams)
    {
        var start = streams?.Begin(Portion);
        if (Share.Count == 0)
        {
            return;
        }

        (_tape.Training, _tape.DropoutSeed) = (trains, dropoutSeed);
        _source.Forward(_tape, Output, _source.Lengths, start, FinalState(streams));
        Advance(streams);
    }

    protected override double RunOnDevice(
        IDeviceTraining device, ulong dropoutSeed, LossTargets targets, LossShape shape, double divisor, CarriedState? streams)
    {
        var start = streams?.Begin(Portion);
        (_tape.Training, _tape.DropoutSeed) = (true, dropoutSeed);
        var sum = device.Train(_source.OnDevice(_tape), start, FinalState(streams), targets, shape, divisor);
        Advance(streams);
        return sum;
    }

    protected override void RunBackward(ReadOnlySpan<ParameterSet> gradients) => _core.Backward(Gradient, default, _tape, gradients[0]);

    /// <summary>What receives the state at the portion's end; null where nobody goes on from there.</summary>
    private ModelState? FinalState(CarriedState? streams) => Portion.Advance == Portion.Steps ? streams?.State : null;

    /// <summary>
    /// Carries a state over the batch's first steps, with the dropout of the pass, where the next window begins before this one ends.
    /// </summary>
    private void Advance(CarriedState? streams)
    {
        var steps = Portion.Advance;
        if (streams is null || steps <= 0 || steps >= Portion.Steps)
        {
            return;
        }

        Reshape(_advanceTape!, steps);
        (_advanceTape!.Training, _advanceTape.DropoutSeed) = (_tape.Training, _tape.DropoutSeed);
        var lengths = _advanceLengths.AsSpan(0, _source.Lengths.Length);
        for (var b = 0; b < lengths.Length; b++)
        {
            lengths[b] = Math.Min(_source.Lengths[b], steps);
        }

        var output = _advanceOutput.AsSpan(0, steps * Share.Count * _core.Definition.OutputSize);
        _source.Forward(_advanceTape, output, lengths, streams.State, streams.State);
    }
}
