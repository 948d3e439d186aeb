using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>An encoder and a decoder.</summary>
internal sealed class PairTask(
    ModelCore encoder, ModelCore decoder, Optimizer encoderOptimizer, Optimizer decoderOptimizer, (int Start, int End) marks)
    : TrainingTask(new Trainee(encoder, encoderOptimizer, "encoder"), new Trainee(decoder, decoderOptimizer, "decoder"))
{
    public CrossEntropyLoss CrossEntropy { get; set; } = new();

    /// <summary>Most tokens that are decoded of a sample for metrics.</summary>
    public int MaxLength { get; set; } = 100;

    public override Loss Loss => CrossEntropy;

    public override IReadOnlyList<(string Key, string Words, string What)> Words =>
        [("decoding", FormattableString.Invariant($"start {marks.Start}, end {marks.End}, at most {MaxLength} tokens"), "decoding")];

    /// <summary>Refuses models that the loss would train other functions of than they compute.</summary>
    public void CheckModels()
    {
        TrainingSettings.RequireFit(decoder.Definition, CrossEntropy);
        if (decoder.Definition.MemorySize > 0 && encoder.Definition.Output != OutputTransform.None)
        {
            throw new ArgumentException(
                $"{decoder.Definition.Name} attends to the outputs of {encoder.Definition.Name}, which are trained before its output " +
                $"transform, but Encode applies {encoder.Definition.Output} to them, so one function would be trained and another one " +
                "run: remove the encoder's Output.", "models");
        }

        if (CrossEntropy.IgnoreIndex == marks.End)
        {
            throw new ArgumentException(
                $"The loss ignores class {marks.End}, which is the end token: {decoder.Definition.Name} would never learn to end. " +
                "Set another IgnoreIndex, or none.", "loss");
        }
    }

    public override void CheckSettings(TrainingSettings settings)
    {
        foreach (var metric in settings.Metrics)
        {
            if (metric is SequenceMetric { Blank: { } blank })
            {
                throw new ArgumentException(
                    $"The metric {metric.Name} has the Blank {blank}, which only outputs trained by CTC " +
                    $"have: {decoder.Definition.Name} says its targets token by token. Remove Blank.", nameof(settings.Metrics));
            }
        }

        CheckMetrics(settings);
    }

    public override void Check(TrainingSet set, string argument, IReadOnlyList<Metric> metrics)
    {
        var target = decoder.Definition;
        set.CheckInput(encoder.Definition, argument);
        if (set.TargetKind != TargetKind.Labels)
        {
            throw new ArgumentException("The set's targets are not sequences of tokens; add them with AddLabels.", argument);
        }

        if (Loss.FindFault(target.OutputSize) is { } fault)
        {
            throw new ArgumentException($"The loss does not fit {target.Name}: {fault}", argument);
        }

        var counts = false;
        for (var i = 0; i < set.Count; i++)
        {
            var ids = set[i].Ids.Span;
            if (ids.IndexOfAnyExceptInRange(0, target.OutputSize - 1) is >= 0 and var bad)
            {
                throw new ArgumentException(
                    $"Target token {ids[bad]} at position {bad} of sample {i} is none of {target.Name}'s outputs, 0 " +
                    $"to {target.OutputSize - 1}.", argument);
            }

            if (ids.IndexOf(marks.End) is >= 0 and var end)
            {
                throw new ArgumentException(
                    $"The target of sample {i} has the end token {marks.End} at position {end}; remove it, because training " +
                    "puts it behind each target.", argument);
            }

            counts |= set[i].Weight > 0 && (Counts(ids) || Counts([marks.End]));
        }

        if (!counts)
        {
            throw new ArgumentException(
                "No target of the set counts: all samples have weight 0, or only tokens that the loss ignores or weighs with 0.", argument);
        }

        bool Counts(ReadOnlySpan<int> ids) =>
            ids.Length > 0 && Loss.Count(new LossTargets(ids), new LossShape(ids.Length, 1, target.OutputSize)) > 0;
    }

    /// <summary>What the decoder says of each sample when it runs freely.</summary>
    public Hypothesis[] Predict(TrainingSet set, CancellationToken cancellation)
    {
        set.CheckInput(encoder.Definition, nameof(set));
        var decoding = new PairDecoding(encoder, decoder, marks, MaxLength, maxLabels: 0);
        var found = new Hypothesis[set.Count];
        for (var i = 0; i < found.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            found[i] = decoding.Decode(set, i);
        }

        return found;
    }

    public override long OutputSteps(BatchSizes sizes) => sizes.Labels + 1L;

    public override TrainingBatch CreateBatch(BatchSizes sizes, TrainingSettings settings, TrainingWorld world)
    {
        var decodes = settings.Metrics.Any(metric => metric is SequenceMetric);
        return new PairBatch(
            encoder, decoder, Loss, marks, sizes, decodes ? new PairDecoding(encoder, decoder, marks, MaxLength, sizes.Labels) : null,
            world);
    }
}
