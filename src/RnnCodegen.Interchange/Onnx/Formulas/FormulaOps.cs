namespace RnnCodegen.Interchange.Onnx.Formulas;

/// <summary>
/// Operators that combine the values of each row, or what each row's features add up to: what functions and normalisations are spelled in.
/// </summary>
internal static class FormulaOps
{
    private static readonly Dictionary<string, Func<NodeReader, GraphValue[]>> s_table = new(StringComparer.Ordinal)
    {
        ["Add"] = n => Pair(n, PairOp.Add),
        ["Sub"] = n => Pair(n, PairOp.Subtract),
        ["Mul"] = n => Pair(n, PairOp.Multiply),
        ["Div"] = n => Pair(n, PairOp.Divide),
        ["Pow"] = n => Pair(n, PairOp.Power),
        ["Min"] = n => Pair(n, PairOp.Smaller),
        ["Max"] = n => Pair(n, PairOp.Larger),
        ["Neg"] = n => [Scaled(n, Operand(n, 0), -1)],
        ["ReduceMean"] = Mean,
        ["ReduceSum"] = Mean,
        ["Identity"] = n => [n.Input(0)],
        ["Dropout"] = LayoutOps.Dropout,
        ["Cast"] = n => Cast(n),
        ["Clip"] = Clip,
    };

    /// <summary>Whether an operator's rows may be a formula.</summary>
    public static bool Takes(string op) => s_table.ContainsKey(op) || ScalarFunction.Knows(op);

    /// <summary>Follows an operator whose operands are rows, formulas and constants.</summary>
    public static GraphValue[] Follow(NodeReader n) => s_table.TryGetValue(n.Op, out var follow) ? follow(n) : [Function(n)];

    /// <summary>
    /// The rows of a formula, made by layers. Axes that are neither samples nor steps are the features, several of them as a file lays out
    /// one row.
    /// </summary>
    public static RowsValue ToRows(GraphImport graph, FormulaValue value)
    {
        var layers = new FormulaLayers(graph, value.Scope, value.Subject) { IsSequence = graph.Formulas.IsSequence(value.Formula) };
        graph.Formulas.Give(layers);
        var source = layers.Make(value.Formula);
        var sizes = value.Shape.Where((s, k) => value.Free[k] is null && s != 1).ToList();
        var whole = new Axis(AxisRole.Feature, value.Formula.Width);
        var next = 0;
        var axes = value.Shape.Select((size, k) => value.Free[k]
            ?? (sizes.Count == 1 && size != 1 ? whole
                : size == 1 && (sizes.Count > 0 || k < value.Shape.Length - 1) ? new Axis(size: 1)
                : sizes.Count == 0 ? whole
                : new Axis(AxisRole.Feature, size) { Split = (whole, next++, sizes.Count) })).ToArray();
        return new RowsValue(source, axes);
    }

    /// <summary>An operand as a formula.</summary>
    public static FormulaValue Operand(NodeReader n, int index) => n.Input(index) switch
    {
        FormulaValue value => value,
        ConstantValue { Tensor: var tensor } => Value(n, 
            n.Graph.Formulas.Graph.Constant(Array.ConvertAll(tensor.ToReals(), v => (double)v)), tensor.Shape,
            new Axis?[tensor.Shape.Length]),
        RepeatedValue repeated when LayoutOps.IsUniform(repeated) => Value(n, 
            n.Graph.Formulas.Graph.Constant([repeated.Part.ToReals()[0]]), [], []),
        RowsValue or StatesValue when n.Graph.Step is not null =>
            throw n.Refuse($"it reads all of '{n.InputName(index)}' inside a step; a step reads a row of a sequence"),
        _ => n.Graph.Formulas.Lifted(n, n.Rows(index)),
    };

    private static FormulaValue Value(NodeReader n, Formula formula, int[] shape, Axis?[] free) =>
        new(formula, shape, free) { Scope = n.Scope, Subject = n.Subject };

    /// <summary>Two formulas in one shape, as the format broadcasts them.</summary>
    public static (FormulaValue A, FormulaValue B) Broadcast(NodeReader n, FormulaValue a, FormulaValue b)
    {
        var rank = Math.Max(a.Shape.Length, b.Shape.Length);
        var (x, y) = (Padded(n, a, rank), Padded(n, b, rank));
        var (shape, free) = (new int[rank], new Axis?[rank]);
        for (var k = 0; k < rank; k++)
        {
            free[k] = x.Free[k] ?? y.Free[k];
            shape[k] = x.Shape[k] == 1 ? y.Shape[k] : x.Shape[k];
            if ((x.Shape[k] != 1 && y.Shape[k] != 1 && x.Shape[k] != y.Shape[k]) || (free[k] is not null && shape[k] != 1)
                || (x.Free[k] is { } own && y.Free[k] is { } other && !own.TryEqual(other)))
            {
                throw n.Refuse($"it combines rows {Constant.Describe(a.Shape)} and {Constant.Describe(b.Shape)}, whose axes do not fit");
            }
        }

        return (Spread(n, x, shape, free), Spread(n, y, shape, free));
    }

    private static FormulaValue Padded(NodeReader n, FormulaValue value, int rank)
    {
        var added = rank - value.Shape.Length;
        return Value(n, value.Formula, [.. Enumerable.Repeat(1, added), .. value.Shape], [.. new Axis?[added], .. value.Free]);
    }

    private static FormulaValue Spread(NodeReader n, FormulaValue value, int[] shape, Axis?[] free)
    {
        var strides = Places.Strides(value.Shape);
        var places = Places.Of(shape, 0, [.. value.Shape.Select((size, k) => size == 1 ? 0 : strides[k])]);
        return Value(n, n.Graph.Formulas.Graph.Pick(value.Formula, places), shape, free);
    }

    private static GraphValue[] Pair(NodeReader n, PairOp op)
    {
        var result = Operand(n, 0);
        for (var k = 1; k < n.InputCount; k++)
        {
            var (a, b) = Broadcast(n, result, Operand(n, k));
            result = Value(n, n.Graph.Formulas.Graph.Pair(op, a.Formula, b.Formula), a.Shape, a.Free);
        }

        return [result];
    }

    private static FormulaValue Scaled(NodeReader n, FormulaValue value, double factor)
    {
        var graph = n.Graph.Formulas.Graph;
        var factors = graph.Constant([.. Enumerable.Repeat(factor, value.Formula.Width)]);
        return Value(n, graph.Pair(PairOp.Multiply, value.Formula, factors), value.Shape, value.Free);
    }

    private static FormulaValue Function(NodeReader n)
    {
        var function = n.Op switch
        {
            "LeakyRelu" => new ScalarFunction(n.Op, n.Real("alpha", ActivationNames.LeakyReluAlpha)),
            "Elu" => new ScalarFunction(n.Op, n.Real("alpha", ActivationNames.EluAlpha)),
            "HardSigmoid" => new ScalarFunction(n.Op, n.Real("alpha", 0.2f), n.Real("beta", 0.5f)),
            "Swish" => new ScalarFunction(n.Op, n.Real("alpha", 1)),
            "Gelu" => new ScalarFunction(n.Text("approximate", "none") == "tanh" ? "GeluTanh" : n.Op),
            _ => new ScalarFunction(n.Op),
        };
        var value = Operand(n, 0);
        return Value(n, n.Graph.Formulas.Graph.Map(function, value.Formula), value.Shape, value.Free);
    }

    private static GraphValue[] Clip(NodeReader n)
    {
        var (lowest, highest) = (Bound("min", 1, double.NegativeInfinity), Bound("max", 2, double.PositiveInfinity));
        var value = Operand(n, 0);
        return [Value(n, n.Graph.Formulas.Graph.Map(new ScalarFunction("Clip", lowest, highest), value.Formula), value.Shape,
            value.Free)];

        double Bound(string name, int index, double none) => n.HasAttribute(name) ? n.Real(name, 0)
            : n.OptionalConstant(index, name) is { } bound ? bound.ToReals().FirstOrDefault() : none;
    }

    private static GraphValue[] Cast(NodeReader n)
    {
        var to = (Format.OnnxDataType)n.Integer("to", 0);
        n.Integer("saturate", 1);
        n.Graph.ComputesIn(to);
        return Format.OnnxDataTypes.IsReal(to) ? [n.Input(0)]
            : throw n.Refuse($"attribute to: it makes {to} of rows; layers compute in Float");
    }

    /// <summary>The mean or the sum of what lies along axes within the rows.</summary>
    private static GraphValue[] Mean(NodeReader n)
    {
        var value = Operand(n, 0);
        var keepsAxes = n.Integer("keepdims", 1) != 0;
        n.Integer("noop_with_empty_axes", 0);
        var listed = n.List("axes", 1) ?? throw n.Refuse("it reduces all axes at once");
        var axes = listed.Select(a => n.Axis(a, value.Shape.Length)).ToHashSet();
        if (axes.Any(a => value.Free[a] is not null))
        {
            throw n.Refuse("it reduces samples or steps together with what lies within a row; no layer does");
        }

        var shape = value.Shape.Select((s, k) => axes.Contains(k) ? 1 : s).ToArray();
        var places = Places.Of(value.Shape, 0, [.. Places.Strides(shape).Select((s, k) => axes.Contains(k) ? 0 : s)]);
        var rows = shape.Aggregate(1, (product, size) => product * size);
        var matrix = new float[(long)rows * places.Length];
        for (var k = 0; k < places.Length; k++)
        {
            matrix[(places[k] * places.Length) + k] = n.Op == "ReduceMean" ? (float)((double)rows / places.Length) : 1;
        }

        var kept = Enumerable.Range(0, shape.Length).Where(k => keepsAxes || !axes.Contains(k)).ToList();
        return [Value(n, n.Graph.Formulas.Graph.Product(value.Formula, matrix), [.. kept.Select(k => shape[k])],
            [.. kept.Select(k => value.Free[k])])];
    }
}
