using System.Globalization;
using System.Numerics.Tensors;

namespace RnnCodegen;

/// <summary>
/// Cross-entropy of a row of logits and a class, as PyTorch's <c>CrossEntropyLoss</c>. With l_k = log(sum_j exp(y_j)) - y_k, class weights
/// w, smoothing s and C classes, a row of class t has the loss (1 - s) w_t l_t + s / C sum_k w_k l_k. The mean divides the sum of the
/// losses by the sum of the rows' w_t (with sample weights: of sample weight times w_t); ignored rows count nowhere. It is computed from
/// the logits so that it neither overflows nor loses small losses.
/// </summary>
public sealed class CrossEntropyLoss : RowLoss
{
    private readonly float[] _classWeights = [];

    /// <inheritdoc/>
    public override TargetKind TargetKind => TargetKind.Classes;

    /// <summary>The weight of each class, as many as the outputs have features; null, the default, for 1 each.</summary>
    /// <exception cref="ArgumentException">There is none, or one is negative or not finite.</exception>
    public IReadOnlyList<float>? ClassWeights
    {
        get => _classWeights.Length == 0 ? null : Array.AsReadOnly(_classWeights);
        init => _classWeights = value is null ? [] : LossWeights.Check(value, nameof(ClassWeights));
    }

    /// <summary>Part of a target's certainty that is spread evenly over all classes, from 0 to 1; 0 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not from 0 to 1.</exception>
    public float LabelSmoothing
    {
        get;
        init => field = value is >= 0 and <= 1
            ? value
            : throw new ArgumentOutOfRangeException(nameof(LabelSmoothing), value, "Must be from 0 to 1.");
    }

    /// <summary>
    /// A class id of rows that do not count, e.g. PyTorch's -100. Null, the default, takes no other ids than the outputs have features.
    /// </summary>
    public int? IgnoreIndex { get; init; }

    /// <inheritdoc/>
    protected internal override string Settings => string.Create(
        CultureInfo.InvariantCulture,
        $"class weights {(_classWeights.Length == 0 ? "none" : Words(_classWeights))}, smoothing {LabelSmoothing:R}, " +
        $"ignored {IgnoreIndex?.ToString(CultureInfo.InvariantCulture) ?? "none"}");

    /// <inheritdoc/>
    protected internal override string? FindFault(int features) => _classWeights.Length == 0 || _classWeights.Length == features
        ? null
        : $"The loss has {_classWeights.Length} class weights, but there are {features} output features.";

    /// <inheritdoc/>
    protected internal override string? FindFault(LossTargets target, LossShape shape)
    {
        for (int row = 0, run; row < shape.Rows; row += run)
        {
            run = shape.Run(row, out var weight);
            var ids = target.Ids.Slice(row, run);
            for (var i = 0; i < run && weight > 0; i++)
            {
                if ((uint)ids[i] >= (uint)shape.Features && ids[i] != IgnoreIndex)
                {
                    return $"Class id {ids[i]} at {shape.Place(row + i)} is not from 0 to {shape.Features - 1}.";
                }
            }
        }

        return null;
    }

    private protected override double WeighRows(LossTargets target, int rows, int features)
    {
        var sum = 0.0;
        foreach (var id in target.Ids)
        {
            sum += id == IgnoreIndex ? 0 : WeightOf(id);
        }

        return sum;
    }

    private protected override double AddRows(
        ReadOnlySpan<float> output, LossTargets target, Span<float> gradient, int features, float scale)
    {
        var (smooth, spread) = Spread(features);
        var sum = 0.0;
        for (var row = 0; row < target.Ids.Length; row++)
        {
            var logits = output.Slice(row * features, features);
            var rowGradient = gradient.IsEmpty ? gradient : gradient.Slice(row * features, features);
            var id = target.Ids[row];
            if (id == IgnoreIndex)
            {
                rowGradient.Clear();
                continue;
            }

            var hit = (1.0 - LabelSmoothing) * WeightOf(id);
            var (largest, total) = SoftmaxRow.Sum(logits, rowGradient);
            sum += hit * (Math.Log(total) - ((double)logits[id] - largest));
            if (smooth > 0)
            {
                sum += (spread * Math.Log(total)) + (smooth * AddDistances(logits, largest));
            }

            if (!gradient.IsEmpty)
            {
                TensorPrimitives.Multiply(rowGradient, (float)((hit + spread) * scale / total), rowGradient);
                Subtract(rowGradient, (float)(smooth * scale));
                rowGradient[id] -= (float)(hit * scale);
            }
        }

        return sum;
    }

    /// <summary>What smoothing gives each class besides its weight, and all of them with theirs.</summary>
    internal (double Each, double All) Spread(int features)
    {
        var each = LabelSmoothing / (double)features;
        return (each, each * (_classWeights.Length == 0 ? features : DoubleSum.Of(_classWeights)));
    }

    private float WeightOf(int id) => _classWeights.Length == 0 ? 1 : _classWeights[id];

    /// <summary>The sum of all w_k (largest - y_k).</summary>
    private double AddDistances(ReadOnlySpan<float> logits, float largest)
    {
        Span<float> scratch = stackalloc float[Part];
        var sum = 0.0;
        for (var start = 0; start < logits.Length; start += Part)
        {
            var distances = scratch[..Math.Min(Part, logits.Length - start)];
            TensorPrimitives.Subtract(largest, logits.Slice(start, distances.Length), distances);
            if (_classWeights.Length > 0)
            {
                TensorPrimitives.Multiply(distances, _classWeights.AsSpan(start, distances.Length), distances);
            }

            sum += DoubleSum.Of(distances);
        }

        return sum;
    }

    /// <summary>Takes what smoothing gives each class off its gradient.</summary>
    private void Subtract(Span<float> gradient, float smooth)
    {
        if (smooth == 0)
        {
            return;
        }

        if (_classWeights.Length == 0)
        {
            TensorPrimitives.Subtract(gradient, smooth, gradient);
        }
        else
        {
            TensorPrimitives.MultiplyAdd(_classWeights, -smooth, gradient, gradient);
        }
    }
}
