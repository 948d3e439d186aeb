namespace RnnCodegen.Reference;

/// <summary>A convolution inside rows, straight from its definition.</summary>
public static class RowConvolution
{
    /// <summary>Outputs a row.</summary>
    public static int Places(RowConv1dAttribute conv, int width) =>
        (int)Math.Floor((double)(Padded(conv, width) - (conv.Dilation * (conv.Kernel - 1)) - 1) / conv.Stride) + 1;

    /// <summary>y[f, p] = g(sum over c and j of W[f, c, j] x[c, s p + j D - left] + b[f]), with rows padded.</summary>
    public static Node Convolve(Graph graph, RowConv1dAttribute conv, Func<string, Node> parameter, Node x)
    {
        var length = x.Columns / conv.Channels;
        var zero = new Node(x.Rows, 1, new double[x.Rows]);
        Node[] channels = [.. Enumerable.Range(0, conv.Channels).Select(c => graph.Concat(
            [.. Enumerable.Range(-conv.PadLeft, Padded(conv, x.Columns)).Select(i => Value(c, i))]))];
        return graph.Interleave([.. Enumerable.Range(0, Places(conv, x.Columns)).Select(p =>
        {
            var window = graph.Concat([.. channels.SelectMany(
                padded => Enumerable.Range(0, conv.Kernel).Select(j => graph.Slice(padded, (p * conv.Stride) + (j * conv.Dilation), 1)))]);
            var product = graph.Product(window, parameter("weight"));
            return graph.Activate(conv.Bias ? graph.Add(product, parameter("bias")) : product, conv.Activation, conv.Alpha);
        })]);

        Node Value(int channel, int place) =>
            place >= 0 && place < length ? graph.Slice(x, (channel * length) + place, 1)
            : !conv.Mirror ? zero
            : graph.Slice(x, (channel * length) + (place < 0 ? -place : length - 2 - (place - length)), 1);
    }

    private static int Padded(RowConv1dAttribute conv, int width) => (width / conv.Channels) + conv.PadLeft + conv.PadRight;
}
