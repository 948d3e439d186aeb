namespace RnnCodegen.Interchange;

/// <summary>Convolutions inside rows as what other formats have: a matrix for the whole row.</summary>
internal static class RowConvolutions
{
    /// <summary>Outputs a row: floor((L + left + right - D (K - 1) - 1) / s) + 1; 0 of a layer that does not fit its rows.</summary>
    public static int Positions(RowConv1dAttribute layer, int width)
    {
        var places = (width / Math.Max(1, layer.Channels)) + (long)layer.PadLeft + layer.PadRight - 1
            - (layer.Dilation * (layer.Kernel - 1L));
        return places < 0 ? 0 : (int)(places / Math.Max(1, layer.Stride)) + 1;
    }

    /// <summary>The place of a channel that an output sees with an element of its kernel; -1 for a zero.</summary>
    public static int Seen(RowConv1dAttribute layer, int length, int position, int element)
    {
        var place = (position * layer.Stride) + (element * layer.Dilation) - layer.PadLeft;
        return place >= 0 && place < length ? place
            : !layer.Mirror ? -1
            : place < 0 ? -place : (2 * (length - 1)) - place;
    }

    /// <summary>
    /// The matrix [F P, C L] that does the same as a kernel [F, C, K]; where places are seen twice, their weights are added.
    /// </summary>
    public static float[] Matrix(RowConv1dAttribute layer, int width, float[] kernel)
    {
        var (positions, length) = (Positions(layer, width), width / layer.Channels);
        var result = new float[(long)layer.Filters * positions * width];
        var row = new double[width];
        for (var f = 0; f < layer.Filters; f++)
        {
            for (var p = 0; p < positions; p++)
            {
                Array.Clear(row);
                for (var k = 0; k < layer.Channels * layer.Kernel; k++)
                {
                    if (Seen(layer, length, p, k % layer.Kernel) is >= 0 and var seen)
                    {
                        row[(k / layer.Kernel * length) + seen] += kernel[(f * layer.Channels * layer.Kernel) + k];
                    }
                }

                for (var c = 0; c < width; c++)
                {
                    result[((((long)f * positions) + p) * width) + c] = (float)row[c];
                }
            }
        }

        return result;
    }

    /// <summary>The bias of each of a row's outputs.</summary>
    public static float[] Bias(RowConv1dAttribute layer, int width, float[] bias) =>
        [.. bias.SelectMany(b => Enumerable.Repeat(b, Positions(layer, width)))];
}
