using RnnCodegen.Interchange.Onnx.Format;

namespace RnnCodegen.Interchange.Onnx;

/// <summary>Operators that move axes about: Transpose, Squeeze, Unsqueeze, Flatten, and what passes a value on as it is.</summary>
internal static class LayoutOps
{
    /// <summary>A new axis of size 1, in a list of old ones.</summary>
    private const int Inserted = -1;

    public static GraphValue[] Identity(NodeReader n) => [n.Input(0)];

    /// <summary>Dropout outside training. The mask is no value of the model.</summary>
    public static GraphValue[] Dropout(NodeReader n)
    {
        _ = n.Real("ratio", 0);
        n.Integer("seed", 0);
        n.PassOver(1);
        if (n.OptionalConstant(2, "training_mode") is { Length: 1, IntegerValues: [not 0] })
        {
            throw n.Refuse("its training_mode is on; export the model for inference");
        }

        return [n.Input(0)];
    }

    public static GraphValue[] Cast(NodeReader n)
    {
        var to = (OnnxDataType)n.Integer("to", 0);
        n.Integer("saturate", 1);
        var isReal = to.IsReal();
        switch (n.Input(0))
        {
            case ConstantValue { Tensor: var tensor } when to.Size() > 0:
                n.Graph.Spend(tensor.Length);
                return [new ConstantValue(isReal ? Constant.Of(tensor.Shape, tensor.ToReals())
                    : Constant.Of(tensor.Shape, tensor.IntegerValues ?? Array.ConvertAll(tensor.RealValues!, v => (long)v)))];
            case SizesValue or RepeatedSizeValue when !isReal:
                return [n.Input(0)];
            case RepeatedValue repeated when isReal == (repeated.Part.RealValues is not null):
                return [repeated];
            case RowsValue { Source: InputRows { IsTokens: true } input } tokens when to.Holds(input.Type):
                return [tokens];
            case RowsValue { Source: InputRows { IsTokens: true } input }:
                throw n.Refuse(
                    $"attribute to: it makes {to} of the {input.Type} ids of '{input.Name}'; ids stay the integers that they are");
            case RowsValue or StatesValue or InputPartValue when isReal:
                n.Graph.ComputesIn(to);
                return [n.Input(0)];
            case var value:
                throw n.Refuse($"attribute to: it makes {to} of {NodeReader.Kind(value)}; layers compute in Float");
        }
    }

    public static GraphValue[] Transpose(NodeReader n)
    {
        var value = n.Input(0);
        var rank = Rank(n, value);
        int[] from = n.Integers("perm") is { } order ? [.. order.Select(a => n.Axis(a, rank))] : [.. Enumerable.Range(0, rank).Reverse()];
        if (from.Length != rank || from.Distinct().Count() != rank)
        {
            throw n.Refuse($"attribute perm [{string.Join(", ", from)}] is not an order of {rank} axes");
        }

        return [Rearranged(n, value, from)];
    }

    public static GraphValue[] Squeeze(NodeReader n)
    {
        var value = n.Input(0);
        if (value is SizesValue { IsScalar: false, Items.Length: 1 } sizes)
        {
            _ = n.List("axes", 1);
            return [new SizesValue(sizes.Items, isScalar: true)];
        }

        var rank = Rank(n, value);
        var axes = n.List("axes", 1) is { } listed ? listed.Select(a => n.Axis(a, rank)).ToHashSet() : null;
        var from = Enumerable.Range(0, rank).Where(a => axes is null ? !IsOne(value, a) : !axes.Contains(a)).ToArray();
        return [Rearranged(n, value, from)];
    }

    public static GraphValue[] Unsqueeze(NodeReader n)
    {
        var value = n.Input(0);
        var axes = n.List("axes", 1) ?? throw n.Refuse("it lacks its axes");
        if (value is SizesValue { IsScalar: true } size && axes is [0 or -1])
        {
            return [new SizesValue(size.Items, isScalar: false)];
        }

        var rank = Rank(n, value) + axes.Count;
        if (rank > Constant.MaxRank)
        {
            throw n.Refuse($"it makes {rank} axes, more than the {Constant.MaxRank} that are followed");
        }

        var inserted = axes.Select(a => n.Axis(a, rank)).ToHashSet();
        if (inserted.Count != axes.Count)
        {
            throw n.Refuse("one of its axes occurs twice");
        }

        var next = 0;
        return [Rearranged(n, value, [.. Enumerable.Range(0, rank).Select(a => inserted.Contains(a) ? Inserted : next++)])];
    }

    public static int Rank(NodeReader n, GraphValue value) => value switch
    {
        ConstantValue constant => constant.Tensor.Shape.Length,
        SizesValue sizes => sizes.IsScalar ? 0 : 1,
        RowsValue rows => rows.Axes.Length,
        StatesValue states => states.Axes.Length,
        InputPartValue part => part.Axes.Length,
        RepeatedValue { Sizes: { } sizes } => sizes.Length,
        RepeatedValue or RepeatedSizeValue when n.Integers("perm") is { } order => order.Count,

        // A number that is the same everywhere stays what it is, whatever its axes; as many are assumed as an operator could name.
        RepeatedValue or RepeatedSizeValue => Constant.MaxRank / 2,
        _ => throw n.Refuse($"it moves the axes of {NodeReader.Kind(value)}"),
    };

    /// <summary>Whether a constant repeated is one number everywhere.</summary>
    public static bool IsUniform(RepeatedValue repeated) =>
        repeated.Part.RealValues is { Length: > 0 } reals ? reals.AsSpan().IndexOfAnyExcept(reals[0]) < 0
        : repeated.Part.IntegerValues is { Length: > 0 } integers && integers.AsSpan().IndexOfAnyExcept(integers[0]) < 0;

    private static bool IsOne(GraphValue value, int axis) => value switch
    {
        ConstantValue constant => constant.Tensor.Shape[axis] == 1,
        RowsValue rows => rows.Axes[axis].IsOne,
        StatesValue states => states.Axes[axis].IsOne,
        InputPartValue part => part.Axes[axis].IsOne,
        _ => false,
    };

    /// <summary>A value with its axes in a new order, some gone, some new.</summary>
    /// <param name="n">The node.</param>
    /// <param name="value">The value.</param>
    /// <param name="from">For each axis of the result, the one it was, or <see cref="Inserted"/>.</param>
    private static GraphValue Rearranged(NodeReader n, GraphValue value, int[] from)
    {
        switch (value)
        {
            case ConstantValue { Tensor: var tensor }:
                return new ConstantValue(Rearranged(n, tensor, from));
            case RowsValue rows:
                return new RowsValue(rows.Source, Rearranged(n, rows.Axes, from)) { TimePads = rows.TimePads };
            case StatesValue states:
                return new StatesValue(states.Parts, Rearranged(n, states.Axes, from), Array.IndexOf(from, states.PartsAxis));
            case InputPartValue part:
                return part.Moved(Rearranged(n, part.Axes, from), from);
            case RepeatedSizeValue:
                return value;
            case RepeatedValue repeated when IsUniform(repeated):
                return new RepeatedValue(repeated.Part.Uniform(),
                    repeated.Sizes is { } sizes ? [.. from.Select(f => f == Inserted ? AxisSize.One : sizes[f])] : null);
            default:
                throw n.Refuse($"it moves the axes of {NodeReader.Kind(value)} that is not the same everywhere");
        }
    }

    private static Axis[] Rearranged(NodeReader n, Axis[] axes, int[] from)
    {
        foreach (var gone in Enumerable.Range(0, axes.Length).Except(from))
        {
            if (!axes[gone].TryHave(1))
            {
                throw n.Refuse(
                    $"it removes axis {gone}, whose size " +
                    $"is {axes[gone].Size?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "not always 1"}");
            }
        }

        return [.. from.Select(f => f == Inserted ? new Axis(size: 1) : axes[f])];
    }

    private static Constant Rearranged(NodeReader n, Constant tensor, int[] from)
    {
        var gone = Enumerable.Range(0, tensor.Shape.Length).Except(from).ToList();
        if (gone.Find(a => tensor.Shape[a] != 1) is var wrong && gone.Any(a => tensor.Shape[a] != 1))
        {
            throw n.Refuse($"it removes axis {wrong} of a constant {tensor}");
        }

        int[] shape = [.. from.Select(f => f == Inserted ? 1 : tensor.Shape[f])];
        var old = from.Where(f => f != Inserted).ToArray();
        if (old.SequenceEqual(old.Order()))
        {
            return tensor.Reshaped(shape);
        }

        n.Graph.Spend(tensor.Length);
        var strides = Places.Strides(tensor.Shape);
        return tensor.Taken(shape, Places.Of(shape, 0, [.. from.Select(f => f == Inserted ? 0 : strides[f])]));
    }
}
