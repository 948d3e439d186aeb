using System.Buffers;
using System.Globalization;

namespace RnnCodegen;

/// <summary>
/// A metric of whole sequences of class ids. With a model's outputs, a sample's hypothesis is the class with the largest output at each of
/// its valid steps, and with a <see cref="Blank"/>, as for CTC, runs of the same class become one and blanks are left out. With an encoder
/// and a decoder it is what the decoder says when it runs freely, each step fed with the likeliest token of the one before.
/// </summary>
public abstract class SequenceMetric : Metric
{
    private protected SequenceMetric()
    {
    }

    /// <summary>CTC's blank class, left out after runs of equal classes became one; null, the default, keeps every step as it is.</summary>
    public int? Blank { get; init; }

    /// <summary>Target ids that stand for no item, such as padding; null, the default, keeps all.</summary>
    public int? IgnoreIndex { get; init; }

    /// <inheritdoc/>
    public sealed override bool Takes(TargetKind kind) => kind is TargetKind.Classes or TargetKind.Labels;

    /// <summary>Adds a pair of sequences of class ids.</summary>
    /// <param name="hypothesis">The recognised sequence.</param>
    /// <param name="reference">The correct sequence.</param>
    public abstract void Add(ReadOnlySpan<int> hypothesis, ReadOnlySpan<int> reference);

    /// <summary>Whether it matters how a hypothesis goes on that is longer than its reference.</summary>
    internal abstract bool ReadsAll { get; }

    /// <summary>Adds what was decoded of a sample, and its target, without the ids that stand for no item.</summary>
    internal void AddDecoded(ReadOnlySpan<int> hypothesis, ReadOnlySpan<int> target)
    {
        if (IgnoreIndex is not { } ignored || !target.Contains(ignored))
        {
            Add(hypothesis, target);
            return;
        }

        var memory = ArrayPool<int>.Shared.Rent(target.Length);
        var count = 0;
        foreach (var id in target)
        {
            if (id != ignored)
            {
                memory[count++] = id;
            }
        }

        Add(hypothesis, memory.AsSpan(0, count));
        ArrayPool<int>.Shared.Return(memory);
    }

    private protected override string Settings => FormattableString.Invariant($"blank {Word(Blank)}, without {Word(IgnoreIndex)}");

    private protected override string? FindMisfit(ModelDefinition model, Loss loss)
    {
        var blank = loss is CtcLoss ctc ? ctc.BlankIndex : Blank;
        return Blank != blank
            ? $"The metric {Name} must know the loss' blank, or it would count each step as a label: set its Blank to {blank}."
            : RequireClass(model, Blank, nameof(Blank));
    }

    /// <summary>Why a class id is none of the model's, or null if it is, or there is none.</summary>
    private protected string? RequireClass(ModelDefinition model, int? id, string property) =>
        id is null || (uint)id < (uint)model.OutputSize
            ? null
            : $"The metric {Name} has the {property} {id}, but {model.Name} has the classes 0 to {model.OutputSize - 1}.";

    private protected static string Word(int? id) => id?.ToString(CultureInfo.InvariantCulture) ?? "none";

    private protected sealed override void AddBatch(ReadOnlySpan<float> output, LossTargets target, LossShape shape)
    {
        var memory = ArrayPool<int>.Shared.Rent(2 * shape.Steps);
        var hypothesis = memory.AsSpan(0, shape.Steps);
        var classes = memory.AsSpan(shape.Steps);
        var labels = 0;
        for (var b = 0; b < shape.Batch; b++)
        {
            var (start, end) = shape.StepsOf(b);
            var (count, references, last) = (0, 0, -1);
            for (var t = start; t < end; t++)
            {
                var row = (t * shape.Batch) + b;
                if (!shape.StepWeights.IsEmpty && shape.StepWeights[row] == 0)
                {
                    continue;
                }

                var predicted = ClassMetric.Predict(output.Slice(row * shape.Features, shape.Features));
                if (Blank is null || (predicted != Blank && predicted != last))
                {
                    hypothesis[count++] = predicted;
                }

                last = predicted;
                if (target.Kind == TargetKind.Classes)
                {
                    classes[references++] = target.Ids[row];
                }
            }

            var reference = target.Kind == TargetKind.Classes ? classes[..references] : target.Ids.Slice(labels, target.LabelLengths[b]);
            labels += target.Kind == TargetKind.Labels ? target.LabelLengths[b] : 0;
            if (shape.WeightOf(b) > 0)
            {
                AddDecoded(hypothesis[..count], reference);
            }
        }

        ArrayPool<int>.Shared.Return(memory);
    }
}
