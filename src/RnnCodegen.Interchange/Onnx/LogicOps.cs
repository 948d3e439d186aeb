namespace RnnCodegen.Interchange.Onnx;

/// <summary>Comparisons and truth values of constants and sizes, which decide branches and count steps.</summary>
internal static class LogicOps
{
    public static GraphValue[] Compare(NodeReader n)
    {
        switch (n.Op, n.Input(0), n.Input(1))
        {
            case ("Less", ConstantValue { Tensor: { Length: 1, IntegerValues: [var number] } }, SizesValue { Items: [var size] }):
                return [new BeforeEndValue(number, size)];
            case ("Greater", SizesValue { Items: [var size] }, ConstantValue { Tensor: { Length: 1, IntegerValues: [var number] } }):
                return [new BeforeEndValue(number, size)];
            case (_, ConstantValue a, ConstantValue b):
                return [new ConstantValue(ConstantOps.Combine(n, a.Tensor, b.Tensor))];
            case var (_, a, b):
                throw n.Refuse($"it compares {NodeReader.Kind(a)} with {NodeReader.Kind(b)}, which depends on the call");
        }
    }

    public static GraphValue[] And(NodeReader n) => (n.Input(0), n.Input(1)) switch
    {
        (ConstantValue a, ConstantValue b) => [new ConstantValue(ConstantOps.Combine(n, a.Tensor, b.Tensor))],
        (BeforeEndValue end, ConstantValue { Tensor.IntegerValues: [not 0] }) when n.Op == "And" => [end],
        (ConstantValue { Tensor.IntegerValues: [not 0] }, BeforeEndValue end) when n.Op == "And" => [end],
        (BeforeEndValue end, BeforeEndValue other) when n.Op == "And" && end.Number == other.Number && end.Size.Equals(other.Size) => [end],
        var (a, b) => throw n.Refuse($"it combines {NodeReader.Kind(a)} and {NodeReader.Kind(b)}, which depends on the call"),
    };

    public static GraphValue[] Not(NodeReader n)
    {
        var tensor = n.Constant(0, "operand");
        n.Graph.Spend(tensor.Length);
        return [new ConstantValue(Constant.Of(tensor.Shape,
            Array.ConvertAll(tensor.IntegerValues ?? throw n.Refuse("it is no truth value"), v => v == 0 ? 1L : 0)))];
    }

    public static GraphValue[] Size(NodeReader n) => n.Input(0) switch
    {
        ConstantValue { Tensor: var tensor } => [SizeOps.Sized([AxisSize.Of(tensor.Length)], isScalar: true)],
        SizesValue list => [SizeOps.Sized([AxisSize.Of(list.Items.Length)], isScalar: true)],
        RowsValue rows => [SizeOps.Sized([rows.Axes.Select(AxisSize.Of).Aggregate((AxisSize?)AxisSize.One,
            (product, size) => product is null ? null : product * size) ?? throw n.Refuse("its sizes have no product")], isScalar: true)],
        var value => throw n.Refuse($"it asks for the size of {NodeReader.Kind(value)}"),
    };
}
