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

    private protected override string Settings => IgnoreIndex is { } id ? FormattableString.Invariant($"without {id}") : "";

    internal override string? FindFault(LossTargets target, LossShape shape)
    {
        for (int row = 0, run; row < shape.Rows && target.Kind == TargetKind.Classes; row += run)
        {
            run = shape.Run(row, out var weight);
            var ids = target.Ids.Slice(row, run);
            for (var i = 0; i < run && weight > 0; i++)
            {
                if ((uint)ids[i] >= (uint)shape.Features && ids[i] != IgnoreIndex)
                {
                    return $"Class id {ids[i]} at {shape.Place(row + i)} is not from 0 to {shape.Features - 1}, which the " +
                        $"metric {Name} needs. Set the metric's IgnoreIndex as the loss has it.";
                }
            }
        }

        return null;
    }

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
