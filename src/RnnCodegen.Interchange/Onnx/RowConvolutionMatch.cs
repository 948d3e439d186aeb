namespace RnnCodegen.Interchange.Onnx;

/// <summary>
/// Finds dense layers whose matrix is a convolution inside the row, written out: a graph that convolves the places of a frame within a
/// step. The layer then has the kernel's weights alone, which are a fraction of the matrix.
/// </summary>
internal static class RowConvolutionMatch
{
    // A convolution sees a part of a row: of its matrix no less than this share is zeros.
    private const int OneZeroOf = 8;

    // How many times fewer weights are worth another layer; and what a file may make the search take, in numbers of a matrix that is looked
    // at, and in convolutions that are compared with it.
    private const int LeastGain = 2;
    private const int MostNumbers = 1 << 22;
    private const int MostCandidates = 64;

    /// <summary>Replaces what is found.</summary>
    public static void Apply(IEnumerable<DraftLayer> layers)
    {
        foreach (var layer in layers)
        {
            if (layer.Options is DenseAttribute dense && Find(dense, layer.Parameters["weight"],
                layer.Parameters.GetValueOrDefault("bias")?.Values) is var (options, weight, bias))
            {
                layer.Options = options;
                layer.Parameters["weight"] = weight;
                if (bias is not null)
                {
                    layer.Parameters["bias"] = bias;
                }
            }
        }
    }

    private static (RowConv1dAttribute Options, WeightValues Weight, WeightValues? Bias)? Find(
        DenseAttribute dense, WeightValues weight, float[]? bias)
    {
        var (rows, width, matrix) = (weight.Shape[0], weight.Shape[1], weight.Values);
        if (matrix.Length > MostNumbers || matrix.Count(v => v == 0) < matrix.Length / OneZeroOf)
        {
            return null;
        }

        int[] channels = [.. DivisorsOf(width).Where(c => c < width)];
        var candidates =
            from positions in DivisorsOf(rows).Where(p => p > 1 && IsAlike(bias, p))
            let seen = SeenBy(matrix, positions, width)
            from candidate in channels.SelectMany(c => Candidates(seen, positions, c, width / c, rows / positions))
            where SizeOf(candidate) * LeastGain <= matrix.Length && RowConvolutions.Positions(candidate, width) == positions
            select candidate;
        var found = candidates.Take(MostCandidates).ToList().OrderBy(SizeOf)
            .Select(c => (Options: c, Kernel: KernelOf(c, matrix, rows / c.Filters, width))).FirstOrDefault(c => c.Kernel is not null);
        if (found is not ({ } options, { } values))
        {
            return null;
        }

        (options.Activation, options.Alpha, options.Bias) = (dense.Activation, dense.Alpha, dense.Bias);
        var each = rows / options.Filters;
        return (options, new WeightValues([options.Filters, options.Channels, options.Kernel], values),
            bias is null ? null : WeightValues.Vector([.. bias.Where((_, k) => k % each == 0)]));
    }

    private static long SizeOf(RowConv1dAttribute layer) => (long)layer.Filters * layer.Channels * layer.Kernel;

    private static IEnumerable<int> DivisorsOf(int number) => Enumerable.Range(1, number).Where(d => number % d == 0);

    /// <summary>Whether all places of a filter have the same bias.</summary>
    private static bool IsAlike(float[]? bias, int positions) =>
        bias is null || !bias.Where((b, k) => b != bias[k / positions * positions]).Any();

    /// <summary>For each place of an output, which values of a row any filter sees there.</summary>
    private static bool[][] SeenBy(float[] matrix, int positions, int width)
    {
        var seen = Enumerable.Range(0, positions).Select(_ => new bool[width]).ToArray();
        for (var row = 0; row < matrix.Length / width; row++)
        {
            var own = seen[row % positions];
            for (var c = 0; c < width; c++)
            {
                own[c] |= matrix[(row * width) + c] != 0;
            }
        }

        return seen;
    }

    /// <summary>
    /// The convolutions that see such values: the place that sees most of a channel tells the kernel, the one beside it the stride.
    /// </summary>
    private static IEnumerable<RowConv1dAttribute> Candidates(bool[][] seen, int positions, int channels, int length, int filters)
    {
        var bounds = seen.Select(s => BoundsOf(s, channels, length)).ToArray();
        var whole = Array.IndexOf(bounds, bounds.MaxBy(b => b.Last - b.First));
        var strides = new HashSet<int>();
        if (whole + 1 < positions)
        {
            strides.Add(bounds[whole + 1].First - bounds[whole].First);
        }

        if (whole > 0)
        {
            strides.Add(bounds[whole].Last - bounds[whole - 1].Last);
        }

        foreach (var stride in strides.Where(s => s > 0))
        {
            // A kernel may begin and end with zeros: so many that it starts before the row, and that there are no more places.
            var first = bounds[whole].First - (whole * stride);
            var left = Math.Max(0, -first);
            var size = bounds[whole].Last - bounds[whole].First + 1 + Math.Max(0, first);
            var right = Math.Max(0, ((positions - 1) * stride) + size - left - length);
            size = Math.Max(size, length + left + right - (positions * stride) + 1);
            foreach (var mirror in left + right > 0 && Math.Max(left, right) < length ? new[] { false, true } : [false])
            {
                yield return new RowConv1dAttribute(filters, size)
                {
                    Channels = channels, Stride = stride, PadLeft = left, PadRight = right, Mirror = mirror,
                };
            }
        }
    }

    private static (int First, int Last) BoundsOf(bool[] seen, int channels, int length)
    {
        var (first, last) = (length, -1);
        for (var start = 0; start < channels * length; start += length)
        {
            var (ahead, behind) = (0, length - 1);
            while (ahead < first && !seen[start + ahead])
            {
                ahead++;
            }

            while (behind > last && !seen[start + behind])
            {
                behind--;
            }

            (first, last) = (Math.Min(first, ahead), Math.Max(last, behind));
        }

        return (first, last);
    }

    /// <summary>The kernel, where the matrix is that of the convolution to the last bit; null elsewhere.</summary>
    private static float[]? KernelOf(RowConv1dAttribute layer, float[] matrix, int positions, int width)
    {
        var length = width / layer.Channels;

        // Each weight from the first place that sees it alone.
        var kernel = new float[layer.Filters * layer.Channels * layer.Kernel];
        for (var j = 0; j < layer.Kernel; j++)
        {
            var place = Enumerable.Range(0, positions).FirstOrDefault(p => IsAlone(layer, length, p, j), -1);
            for (var k = 0; place >= 0 && k < layer.Filters * layer.Channels; k++)
            {
                var (filter, channel) = (k / layer.Channels, k % layer.Channels);
                kernel[(k * layer.Kernel) + j] = matrix[
                    (((filter * positions) + place) * width) + (channel * length) + RowConvolutions.Seen(layer, length, place, j)];
            }
        }

        return RowConvolutions.Matrix(layer, width, kernel).AsSpan().SequenceEqual(matrix) ? kernel : null;
    }

    /// <summary>Whether an element of the kernel sees a place of the row itself, which no other one sees mirrored.</summary>
    private static bool IsAlone(RowConv1dAttribute layer, int length, int position, int element)
    {
        var first = (position * layer.Stride) - layer.PadLeft;
        var place = first + element;
        return place >= 0 && place < length
            && !(layer.Mirror && ((place > 0 && IsSeen(-place)) || (place < length - 1 && IsSeen((2 * (length - 1)) - place))));

        bool IsSeen(int other) => other >= first && other < first + layer.Kernel;
    }
}
