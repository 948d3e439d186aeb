using System.Numerics.Tensors;

namespace RnnCodegen;

/// <summary>A metric of predicted classes: of each row the one with the largest output, the first of equals.</summary>
public abstract class ClassMetric : Metric
{
    private protected ClassMetric()
    {
    }

    /// <summary>Rows of this target id are skipped; null, the default, skips none.</summary>
    public int? IgnoreIndex { get; init; }

    /// <inheritdoc/>
    public override bool Takes(TargetKind kind) => kind == TargetKind.Classes;

    private protected override void AddRows(ReadOnlySpan<float> output, LossTargets target, int features)
    {
        for (var row = 0; row < target.Ids.Length; row++)
        {
            var id = target.Ids[row];
            if (id == IgnoreIndex)
            {
                continue;
            }

            if ((uint)id >= (uint)features)
            {
                throw new ArgumentException($"Class id {id} is not from 0 to {features - 1}.", nameof(target));
            }

            AddClass(output.Slice(row * features, features), id);
        }
    }

    /// <summary>Adds a row whose target is a class of it.</summary>
    private protected abstract void AddClass(ReadOnlySpan<float> output, int target);

    /// <summary>The class with the largest output.</summary>
    internal static int Predict(ReadOnlySpan<float> output) => TensorPrimitives.IndexOfMax(output);
}
