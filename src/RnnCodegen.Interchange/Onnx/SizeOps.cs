namespace RnnCodegen.Interchange.Onnx;

/// <summary>Operators that compute with shapes: exporters leave them where a state or a shape depends on the batch.</summary>
internal static class SizeOps
{
    public static GraphValue[] Constant(NodeReader n)
    {
        var value = n.Tensor("value") is { } tensor ? n.Graph.Read(tensor)
            : n.HasAttribute("value_int") ? Onnx.Constant.Of([], [n.Integer("value_int", 0)])
            : n.HasAttribute("value_float") ? Onnx.Constant.Of([], [n.Real("value_float", 0)])
            : n.Integers("value_ints") is { } integers ? Onnx.Constant.Of([integers.Count], [.. integers])
            : n.Reals("value_floats") is { } reals ? Onnx.Constant.Of([reals.Count], [.. reals])
            : throw n.Refuse("its value is neither a dense tensor nor numbers");
        return [new ConstantValue(value)];
    }

    public static GraphValue[] Shape(NodeReader n)
    {
        var sizes = n.Input(0) switch
        {
            ConstantValue constant => constant.Tensor.Shape.Select(s => AxisSize.Of(s)).ToArray(),
            RowsValue rows => [.. rows.Axes.Select(AxisSize.Of)],
            StatesValue states => [.. states.Axes.Select(AxisSize.Of)],
            InputPartValue part => [.. part.Axes.Select(AxisSize.Of)],
            RepeatedValue { Sizes: { } repeated } => repeated,
            SizesValue { IsScalar: false } list => [AxisSize.Of(list.Items.Length)],
            var value => throw n.Refuse($"it asks for the shape of {NodeReader.Kind(value)}"),
        };
        var start = Clamp(n.Integer("start", 0), sizes.Length);
        var end = Clamp(n.Integer("end", sizes.Length), sizes.Length);
        return [List(n, start < end ? sizes[start..end] : [])];
    }

    public static GraphValue[] ConstantOfShape(NodeReader n)
    {
        var fill = n.Tensor("value") is { } tensor ? n.Graph.Read(tensor) : Onnx.Constant.Of([1], [0f]);
        return fill.Length == 1 ? [Repeated(n, fill.Reshaped([]), n.Input(0))] : throw n.Refuse("attribute value is not one number");
    }

    public static GraphValue[] Expand(NodeReader n)
    {
        // What is the same everywhere stays so, whatever the shape.
        n.PassOver(1);
        switch (n.Input(0))
        {
            case ConstantValue constant:
                return [Repeated(n, constant.Tensor, n.Input(1))];
            case RepeatedValue repeated when LayoutOps.IsUniform(repeated):
                return [new RepeatedValue(repeated.Part.Uniform())];
            case SizesValue { Items.Length: 1 } size:
                return [new RepeatedSizeValue(size.Items[0])];
            case RepeatedSizeValue size:
                return [size];
            case var value:
                throw n.Refuse($"it repeats {NodeReader.Kind(value)}; layers repeat no values");
        }
    }

    public static GraphValue[] Tile(NodeReader n)
    {
        n.PassOver(1);
        switch (n.Input(0))
        {
            case ConstantValue { Tensor: var tensor }:
                var repeats = Items(n, n.Input(1));
                return repeats.All(r => r.IsOne) ? [n.Input(0)]
                    : repeats.Length == tensor.Shape.Length && tensor.Shape.Zip(repeats).All(s => s.First == 1 || s.Second.IsOne)
                        ? [new RepeatedValue(tensor)]
                    : throw n.Refuse("it repeats a constant along an axis of several values");
            case SizesValue { Items.Length: 1 } size:
                return [new RepeatedSizeValue(size.Items[0])];
            case RepeatedValue repeated when LayoutOps.IsUniform(repeated):
                return [new RepeatedValue(repeated.Part.Uniform())];
            case var value:
                throw n.Refuse($"it repeats {NodeReader.Kind(value)}; layers repeat no values");
        }
    }

    public static GraphValue[] ReduceProd(NodeReader n)
    {
        var keeps = n.Integer("keepdims", 1) != 0;
        _ = n.List("axes", 1);
        n.Integer("noop_with_empty_axes", 0);
        var product = Items(n, n.Input(0)).Aggregate((AxisSize?)AxisSize.One, (all, size) => all is null ? null : all * size);
        return [Sized([product ?? throw n.Refuse("its sizes have no product")], isScalar: !keeps)];
    }

    /// <summary>
    /// Equal and Where choose between sizes; a size that depends on the call equals no negative number, and nothing else is asked.
    /// </summary>
    public static GraphValue[] Equal(NodeReader n)
    {
        if (n.Input(0) is ConstantValue first && n.Input(1) is ConstantValue second)
        {
            return [new ConstantValue(ConstantOps.Combine(n, first.Tensor, second.Tensor))];
        }

        var (a, b) = Pair(n, 0, 1);
        var equal = new long[Math.Max(a.Length, b.Length)];
        for (var k = 0; k < equal.Length; k++)
        {
            var (x, y) = (At(a, k), At(b, k));
            equal[k] = x.Equals(y) ? 1
                : (x.Value is not null && y.Value is not null) || x.Value < 0 || y.Value < 0 ? 0
                : throw n.Refuse("it compares sizes that depend on the input");
        }

        return [new ConstantValue(Onnx.Constant.Of([equal.Length], equal))];
    }

    /// <inheritdoc cref="Equal"/>
    public static GraphValue[] Where(NodeReader n)
    {
        var choice = n.Constant(0, "condition").IntegerValues ?? throw n.Refuse("its condition is not made of truth values");
        var (a, b) = Pair(n, 1, 2);
        var length = Math.Max(choice.Length, Math.Max(a.Length, b.Length));
        n.Graph.Spend(length);
        return choice.Length is 1 || choice.Length == length
            ? [List(n, [.. Enumerable.Range(0, length).Select(k => choice[choice.Length == 1 ? 0 : k] != 0 ? At(a, k) : At(b, k))])]
            : throw n.Refuse("its inputs are not of one length");
    }

    /// <summary>Add, Sub, Mul and Div of sizes; null where the operands are something else.</summary>
    public static GraphValue? Arithmetic(NodeReader n)
    {
        var (first, second) = (n.Input(0), n.Input(1));
        if (!(first is SizesValue || second is SizesValue) || !IsSizes(first) || !IsSizes(second))
        {
            return null;
        }

        var (a, b) = Pair(n, 0, 1);
        var results = Enumerable.Range(0, Math.Max(a.Length, b.Length)).Select(k => (n.Op, At(a, k), At(b, k)) switch
        {
            ("Mul", var x, var y) => x * y,
            ("Div", var x, var y) => x.DividedBy(y),
            (_, { Value: { } x }, { Value: { } y }) => AxisSize.Of(n.Op == "Add" ? x + y : x - y),
            ("Add" or "Sub", var x, { Value: 0 }) => x,
            _ => null,
        } ?? throw n.Refuse("it computes with sizes that depend on the input")).ToArray();
        return Sized(results, IsScalar(first) && IsScalar(second));
    }

    /// <summary>The items of a list of sizes, known or not.</summary>
    public static AxisSize[] Items(NodeReader n, GraphValue value) => value switch
    {
        SizesValue sizes => sizes.Items,
        ConstantValue { Tensor: { IntegerValues: { } integers, Shape.Length: <= 1 } } => Array.ConvertAll(integers, AxisSize.Of),
        _ => throw n.Refuse($"it takes {NodeReader.Kind(value)} for a shape"),
    };

    public static bool IsSizes(GraphValue value) =>
        value is SizesValue or ConstantValue { Tensor: { IntegerValues: not null, Shape.Length: <= 1 } };

    public static bool IsScalar(GraphValue value) => value is SizesValue { IsScalar: true } or ConstantValue { Tensor.Shape.Length: 0 };

    public static GraphValue List(NodeReader n, AxisSize[] sizes)
    {
        n.Graph.Spend(sizes.Length);
        return Sized(sizes, isScalar: false);
    }

    /// <summary>Sizes; a constant where they depend on no call.</summary>
    public static GraphValue Sized(AxisSize[] sizes, bool isScalar) => sizes.All(s => s.Value is not null)
        ? new ConstantValue(Onnx.Constant.Of(isScalar ? [] : [sizes.Length], [.. sizes.Select(s => s.Value!.Value)]))
        : new SizesValue(sizes, isScalar);

    /// <summary>A constant broadcast to a shape: spelt out where the shape is known, else noted as repeated.</summary>
    private static GraphValue Repeated(NodeReader n, Constant part, GraphValue shape)
    {
        var sizes = Items(n, shape);
        if (sizes.Length > Onnx.Constant.MaxRank)
        {
            throw n.Refuse($"it makes {sizes.Length} axes, more than the {Onnx.Constant.MaxRank} that are followed");
        }

        if (sizes.Any(s => s.Value is null))
        {
            // A broadcast constant may have more axes than it is broadcast to, and sizes where that has 1.
            AxisSize[] own = [.. Enumerable.Repeat(AxisSize.One, Math.Max(0, sizes.Length - part.Shape.Length)),
                .. part.Shape.Select(s => AxisSize.Of(s))];
            AxisSize[] all = [.. Enumerable.Repeat(AxisSize.One, own.Length - sizes.Length), .. sizes];
            return new RepeatedValue(part, [.. all.Zip(own, (wanted, old) => old.IsOne ? wanted : old)]);
        }

        var rank = Math.Max(sizes.Length, part.Shape.Length);
        var strides = Places.Strides(part.Shape);
        var (result, steps, count) = (new int[rank], new int[rank], 1L);
        for (var axis = 0; axis < rank; axis++)
        {
            var (target, own) = (axis - (rank - sizes.Length), axis - (rank - part.Shape.Length));
            var (wanted, old) = (target < 0 ? 1 : sizes[target].Value!.Value, own < 0 ? 1 : part.Shape[own]);
            if (wanted is < 0 or > int.MaxValue || (wanted != old && wanted != 1 && old != 1))
            {
                throw n.Refuse($"a constant {part} cannot be repeated to [{string.Join(", ", sizes.Select(s => s.Value))}]");
            }

            result[axis] = old == 1 ? (int)wanted : old;
            steps[axis] = old == 1 ? 0 : strides[own];
            count = Math.Min(count * result[axis], int.MaxValue);
        }

        n.Graph.Spend(count);
        return new ConstantValue(part.Taken(result, Places.Of(result, 0, steps)));
    }

    private static (AxisSize[] A, AxisSize[] B) Pair(NodeReader n, int first, int second)
    {
        var (a, b) = (Items(n, n.Input(first)), Items(n, n.Input(second)));
        n.Graph.Spend(Math.Max(a.Length, b.Length));
        return a.Length == b.Length || a.Length == 1 || b.Length == 1 ? (a, b) : throw n.Refuse("its inputs are not of one length");
    }

    private static AxisSize At(AxisSize[] sizes, int index) => sizes[sizes.Length == 1 ? 0 : index];

    private static int Clamp(long index, int length) => (int)Math.Clamp(index < 0 ? index + length : index, 0, length);
}
