namespace RnnCodegen;

/// <summary>What a sequence-to-sequence trainer trains, and how.</summary>
internal sealed class SequenceToSequenceTask(
    ModelCore encoder, ModelCore decoder, Optimizer encoderOptimizer, Optimizer decoderOptimizer, (int Start, int End) marks)
{
    public ModelCore Encoder => encoder;

    public ModelCore Decoder => decoder;

    public Optimizer EncoderOptimizer => encoderOptimizer;

    public Optimizer DecoderOptimizer => decoderOptimizer;

    public CrossEntropyLoss Loss { get; set; } = new();

    /// <summary>Refuses models that the loss would train other functions of than they compute.</summary>
    public void CheckModels()
    {
        TrainingSettings.RequireFit(decoder.Definition, Loss);
        if (decoder.Definition.MemorySize > 0 && encoder.Definition.Output != OutputTransform.None)
        {
            throw new ArgumentException(
                $"{decoder.Definition.Name} attends to the outputs of {encoder.Definition.Name}, which are trained before its output transform, but Encode applies " +
                $"{encoder.Definition.Output} to them, so one function would be trained and another one run: remove the encoder's Output.", "models");
        }

        if (Loss.IgnoreIndex == marks.End)
        {
            throw new ArgumentException(
                $"The loss ignores class {marks.End}, which is the end token: {decoder.Definition.Name} would never learn to end. Set another IgnoreIndex, or none.", "loss");
        }
    }

    /// <summary>Refuses a set that the models or the loss cannot take, before anything is computed.</summary>
    public void Check(TrainingSet set, string argument)
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
                    $"Target token {ids[bad]} at position {bad} of sample {i} is none of {target.Name}'s outputs, 0 to {target.OutputSize - 1}.", argument);
            }

            if (ids.IndexOf(marks.End) is >= 0 and var end)
            {
                throw new ArgumentException(
                    $"The target of sample {i} has the end token {marks.End} at position {end}; leave it away, it is put behind each target.", argument);
            }

            counts |= set[i].Weight > 0 && (Counts(ids) || Counts([marks.End]));
        }

        if (!counts)
        {
            throw new ArgumentException("Nothing of the set counts: all samples have weight 0, or only tokens that the loss ignores or weighs with 0.", argument);
        }

        bool Counts(ReadOnlySpan<int> ids) =>
            ids.Length > 0 && Loss.Count(new LossTargets(ids), new LossShape(ids.Length, 1, target.OutputSize)) > 0;
    }

    public SequenceToSequenceBatch CreateBatch(BatchPlan plan, TrainingSet set, BatchPlan? otherPlan = null, TrainingSet? other = null) => new(
        encoder, decoder, Loss, marks, Math.Max(set.MaxSteps, other?.MaxSteps ?? 0), Math.Max(set.MaxLabels, other?.MaxLabels ?? 0),
        Math.Max(plan.MaxCount, otherPlan?.MaxCount ?? 0));

    public SequenceToSequenceEvaluator CreateEvaluator(TrainingSet set, BatchPlan plan, SequenceToSequenceBatch batch) =>
        new(encoder, decoder, marks, set, plan, batch);
}
