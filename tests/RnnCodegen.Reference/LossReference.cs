namespace RnnCodegen.Reference;

/// <summary>A loss, targets for it, and its published definition in double precision.</summary>
/// <param name="Loss">The loss.</param>
/// <param name="Values">Target values, or none.</param>
/// <param name="Classes">Target classes, or none.</param>
/// <param name="Row">The losses of a row's elements, or of the row, and their weights in the mean; of (outputs, row).</param>
public sealed record LossReference(Loss Loss, float[] Values, int[] Classes,
    Func<double[], int, IEnumerable<(double Loss, double Weight)>> Row)
{
    public float Compute(float[] output, float[] gradient, LossShape shape) => Loss.TargetKind == TargetKind.Values
        ? Loss.Compute(output, Values, gradient, shape)
        : Loss.Compute(output, Classes, gradient, shape);

    /// <summary>The loss over the rows that count, each with its sample's weight.</summary>
    public double Total(double[] output, IEnumerable<(int Row, double Weight)> rows)
    {
        var (sum, weights) = (0.0, 0.0);
        foreach (var (row, sampleWeight) in rows)
        {
            foreach (var (loss, weight) in Row(output, row))
            {
                sum += sampleWeight * loss;
                weights += sampleWeight * weight;
            }
        }

        return Loss.Reduction == Reduction.Mean ? sum / weights : sum;
    }

    public static LossReference SquaredError(Random random, int rows, int features, Reduction reduction, LossWindow window) => Elements(
        new MeanSquaredErrorLoss { Reduction = reduction, Window = window }, random, rows, features, (y, t) => (y - t) * (y - t));

    /// <summary>One of each loss with and without its options.</summary>
    public static IEnumerable<LossReference> All(Random random, int rows, int features, Reduction reduction, LossWindow window)
    {
        yield return SquaredError(random, rows, features, reduction, window);
        yield return Elements(
            new MeanAbsoluteErrorLoss { Reduction = reduction, Window = window }, random, rows, features, (y, t) => Math.Abs(y - t));
        yield return Elements(
            new HuberLoss { Delta = 0.7f, Reduction = reduction, Window = window }, random, rows, features,
            (y, t) => Math.Abs(y - t) <= 0.7f ? 0.5 * (y - t) * (y - t) : 0.7f * (Math.Abs(y - t) - (0.5 * 0.7f)));

        yield return Quantile([0.9f]);
        if (features % 3 == 0)
        {
            yield return Quantile([0.1f, 0.5f, 0.8f]);
        }

        yield return Binary(null);
        yield return Binary([2.5f]);
        yield return Binary([.. Enumerable.Range(0, features).Select(_ => (float)(random.NextDouble() * 3))]);

        yield return CrossEntropy(null, 0, null);
        yield return CrossEntropy(null, 0.2f, null);
        yield return CrossEntropy([.. Enumerable.Range(0, features).Select(_ => (float)(0.5 + random.NextDouble()))], 0, -100);
        yield return CrossEntropy([.. Enumerable.Range(0, features).Select(_ => (float)(0.5 + random.NextDouble()))], 0.3f, features - 1);

        LossReference Quantile(float[] quantiles)
        {
            var target = Uniform(random, rows * features / quantiles.Length);
            return new LossReference(
                new QuantileLoss(quantiles) { Reduction = reduction, Window = window }, target, [],
                (y, row) => Enumerable.Range(row * features, features).Select(i =>
                {
                    var (q, d) = ((double)quantiles[i % quantiles.Length], target[i / quantiles.Length] - y[i]);
                    return (Math.Max(q * d, (q - 1) * d), 1.0);
                }));
        }

        LossReference Binary(float[]? positive)
        {
            // Half of the targets are 0 or 1, half between.
            float[] target = [.. Enumerable.Range(0, rows * features).Select(i =>
                i % 2 == 0 ? random.Next(2) : (float)random.NextDouble())];
            var loss = new BinaryCrossEntropyLoss { Reduction = reduction, Window = window };
            return new LossReference(
                positive is null ? loss : new BinaryCrossEntropyLoss { PositiveWeights = positive, Reduction = reduction, Window = window },
                target, [],
                (y, row) => Enumerable.Range(row * features, features).Select(i =>
                {
                    var p = ScalarFunction.Value(Activation.Sigmoid, y[i]);
                    var weight = positive is null ? 1.0 : positive[i % features % positive.Length];
                    return (-((weight * target[i] * Math.Log(p)) + ((1 - target[i]) * Math.Log(1 - p))), 1.0);
                }));
        }

        LossReference CrossEntropy(float[]? weights, float smoothing, int? ignore)
        {
            // The first row always counts, so that there is a mean.
            int[] target = [.. Enumerable.Range(0, rows).Select(row =>
                row > 0 && ignore == -100 && random.Next(3) == 0 ? -100 : random.Next(features))];
            target[0] = 0;
            ignore = features == 1 ? null : ignore;
            if (ignore is null && features == 1)
            {
                Array.Clear(target);
            }

            return new LossReference(
                new CrossEntropyLoss
                {
                    ClassWeights = weights, LabelSmoothing = smoothing, IgnoreIndex = ignore, Reduction = reduction, Window = window,
                },
                [], target,
                (y, row) =>
                {
                    if (target[row] == ignore)
                    {
                        return [];
                    }

                    var loss = -RowTransform.LogSoftmax(y[(row * features)..((row + 1) * features)]).Select(
                        (log, k) => (weights?[k] ?? 1.0) * log
                            * (((1.0 - smoothing) * (k == target[row] ? 1 : 0)) + (smoothing / (double)features))).Sum();
                    return [(loss, weights?[target[row]] ?? 1.0)];
                });
        }
    }

    /// <summary>
    /// The losses of values, with every third target of the given places unknown: those elements are in no sum, whatever their outputs.
    /// </summary>
    public static IEnumerable<LossReference> WithUnknown(Random random, int rows, int features, Reduction reduction, LossWindow window)
    {
        foreach (var reference in All(random, rows, features, reduction, window))
        {
            Loss? loss = reference.Loss switch
            {
                MeanSquaredErrorLoss => new MeanSquaredErrorLoss { Reduction = reduction, Window = window, IgnoreNaN = true },
                MeanAbsoluteErrorLoss => new MeanAbsoluteErrorLoss { Reduction = reduction, Window = window, IgnoreNaN = true },
                HuberLoss huber => new HuberLoss { Delta = huber.Delta, Reduction = reduction, Window = window, IgnoreNaN = true },
                QuantileLoss q => new QuantileLoss([.. q.Quantiles]) { Reduction = reduction, Window = window, IgnoreNaN = true },
                BinaryCrossEntropyLoss b => new BinaryCrossEntropyLoss
                {
                    PositiveWeights = b.PositiveWeights, Reduction = reduction, Window = window, IgnoreNaN = true,
                },
                _ => null,
            };
            if (loss is null)
            {
                continue;
            }

            for (var i = 1; i < reference.Values.Length; i += 3)
            {
                reference.Values[i] = float.NaN;
            }

            // A rule's loss of an unknown target is NaN and drops out with its weight.
            var row = reference.Row;
            yield return reference with { Loss = loss, Row = (y, r) => row(y, r).Where(element => !double.IsNaN(element.Loss)) };
        }
    }

    public static float[] Uniform(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 6) - 3))];

    private static LossReference Elements(Loss loss, Random random, int rows, int features, Func<double, double, double> element)
    {
        var target = Uniform(random, rows * features);
        return new LossReference(
            loss, target, [], (y, row) => Enumerable.Range(row * features, features).Select(i => (element(y[i], target[i]), 1.0)));
    }
}
