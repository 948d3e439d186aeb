namespace RnnCodegen.Interchange.Onnx;

/// <summary>Arithmetic between constants, which exporters leave to whoever runs the graph.</summary>
internal static class ConstantOps
{
    /// <summary>The operator's result, broadcast as the format says.</summary>
    public static Constant Combine(NodeReader n, Constant a, Constant b)
    {
        var rank = Math.Max(a.Shape.Length, b.Shape.Length);
        int[] left = Padded(a.Shape, rank), right = Padded(b.Shape, rank);
        if (left.Zip(right).Any(s => s.First != s.Second && s.First != 1 && s.Second != 1))
        {
            throw n.Refuse($"it combines constants {a} and {b}, whose shapes do not fit");
        }

        int[] shape = [.. left.Zip(right, (x, y) => x == 1 ? y : x)];
        n.Graph.Spend(shape.Aggregate(1L, (product, size) => Math.Min(product * size, int.MaxValue)));
        var (first, second) = (Spread(a, left, shape), Spread(b, right, shape));
        if (first.IntegerValues is { } x && second.IntegerValues is { } y)
        {
            return n.Op == "Div" && y.Contains(0) ? throw n.Refuse("it divides integers by 0")
                : Constant.Of(shape, [.. x.Zip(y, (p, q) => Integer(n.Op, p, q))]);
        }

        var reals = first.ToReals().Zip(second.ToReals());
        return n.Op is "Add" or "Sub" or "Mul" or "Div"
            ? Constant.Of(shape, [.. reals.Select(p => Real(n.Op, p.First, p.Second))])
            : Constant.Of(shape, [.. reals.Select(p => Integer(n.Op, p.First.CompareTo(p.Second), 0))]);
    }

    /// <summary>Weights that are stored as small integers: (q - zero) * scale, with one scale or one for each item of an axis.</summary>
    public static GraphValue[] Dequantize(NodeReader n)
    {
        var tensor = n.Constant(0, "quantised values");
        var scale = n.Weights(1, "scale");
        var zero = n.OptionalConstant(2, "zero point");
        n.Require("block_size", 0, "scales of blocks are not read");
        var axisAttribute = n.Integer("axis", 1);
        if (tensor.IntegerValues is not { } integers || scale.Shape.Length > 1
            || (zero is not null && (zero.Length != scale.Length || zero.IntegerValues is null)))
        {
            throw n.Refuse("its values, scale and zero point are not integers with a scale each");
        }

        n.Graph.Spend(tensor.Length);
        var (period, count) = (1, 1);
        if (scale.Shape.Length == 1 && scale.Length != 1)
        {
            var axis = n.Axis(axisAttribute, tensor.Shape.Length);
            (period, count) = (tensor.Shape[(axis + 1)..].Aggregate(1, (product, size) => product * size), tensor.Shape[axis]);
            if (count != scale.Length)
            {
                throw n.Refuse($"it has {scale.Length} scales for the {count} items of axis {axis}");
            }
        }

        var scales = scale.ToReals();
        return [new ConstantValue(Constant.Of(tensor.Shape,
            [.. integers.Select((q, k) => (q - (zero?.IntegerValues![k / period % count] ?? 0)) * scales[k / period % count])]))];
    }

    public static GraphValue[] SquareRoot(NodeReader n)
    {
        var tensor = n.Constant(0, "operand");
        n.Graph.Spend(tensor.Length);
        return [new ConstantValue(Constant.Of(tensor.Shape, Array.ConvertAll(tensor.ToReals(), MathF.Sqrt)))];
    }

    private static long Integer(string op, long x, long y) => op switch
    {
        "Add" => unchecked(x + y),
        "Sub" => unchecked(x - y),
        "Mul" => unchecked(x * y),
        "Equal" => x == y ? 1 : 0,
        "Less" => x < y ? 1 : 0,
        "LessOrEqual" => x <= y ? 1 : 0,
        "Greater" => x > y ? 1 : 0,
        "GreaterOrEqual" => x >= y ? 1 : 0,
        "And" => x != 0 && y != 0 ? 1 : 0,
        "Or" => x != 0 || y != 0 ? 1 : 0,
        "Xor" => (x != 0) != (y != 0) ? 1 : 0,
        _ => y == -1 ? unchecked(-x) : x / y,
    };

    private static float Real(string op, float x, float y) => op switch
    {
        "Add" => x + y,
        "Sub" => x - y,
        "Mul" => x * y,
        _ => x / y,
    };

    private static int[] Padded(int[] shape, int rank) => [.. Enumerable.Repeat(1, rank - shape.Length), .. shape];

    private static Constant Spread(Constant tensor, int[] own, int[] shape)
    {
        var strides = Places.Strides(own);
        return tensor.Taken(shape, Places.Of(shape, 0, [.. own.Select((size, axis) => size == 1 ? 0 : strides[axis])]));
    }
}
