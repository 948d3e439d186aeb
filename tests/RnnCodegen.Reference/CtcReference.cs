namespace RnnCodegen.Reference;

/// <summary>The loss of connectionist temporal classification, of one sample, in the two ways it is defined.</summary>
public static class CtcReference
{
    /// <summary>-log of the sum of the probabilities of all C^T sequences of classes that say the labels.</summary>
    public static double OfAllAlignments(double[] y, int features, int[] labels, int blank)
    {
        var steps = y.Length / features;
        var log = LogSoftmax(y, features);
        var sum = 0.0;
        for (var path = 0; path < (int)Math.Pow(features, steps); path++)
        {
            var said = new List<int>();
            var (rest, last, probability) = (path, -1, 0.0);
            for (var t = 0; t < steps; t++, rest /= features)
            {
                var k = rest % features;
                probability += log[(t * features) + k];
                if (k != last && k != blank)
                {
                    said.Add(k);
                }

                last = k;
            }

            sum += said.SequenceEqual(labels) ? Math.Exp(probability) : 0;
        }

        return -Math.Log(sum);
    }

    /// <summary>
    /// The forward recursion of Graves et al., equations 6 to 8, with probabilities rather than their logarithms; blank 0.
    /// </summary>
    public static double OfRecursion(double[] y, int features, int[] labels)
    {
        int[] extended = [0, .. labels.SelectMany(label => new[] { label, 0 })];
        var log = LogSoftmax(y, features);
        var alpha = new double[extended.Length];
        for (var t = 0; t < y.Length / features; t++)
        {
            var next = new double[extended.Length];
            for (var s = 0; s < next.Length; s++)
            {
                var ways = t == 0 ? (s < 2 ? 1 : 0) : alpha[s] + (s > 0 ? alpha[s - 1] : 0)
                    + (s > 1 && extended[s] != 0 && extended[s] != extended[s - 2] ? alpha[s - 2] : 0);
                next[s] = ways * Math.Exp(log[(t * features) + extended[s]]);
            }

            alpha = next;
        }

        return -Math.Log(alpha[^1] + alpha[^2]);
    }

    private static double[] LogSoftmax(double[] y, int features) => [.. y.Chunk(features).SelectMany(RowTransform.LogSoftmax)];
}
