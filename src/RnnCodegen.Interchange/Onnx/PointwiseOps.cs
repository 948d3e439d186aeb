namespace RnnCodegen.Interchange.Onnx;

/// <summary>Operators that work element by element: functions, and arithmetic with constants and between branches.</summary>
internal static class PointwiseOps
{
    public static GraphValue[] Function(NodeReader n)
    {
        var (activation, alpha) = n.Op switch
        {
            "Relu" => (Activation.Relu, float.NaN),
            "Sigmoid" => (Activation.Sigmoid, float.NaN),
            "Tanh" => (Activation.Tanh, float.NaN),
            "Softplus" => (Activation.Softplus, float.NaN),
            "HardSwish" => (Activation.HardSwish, float.NaN),
            "Mish" => (Activation.Mish, float.NaN),
            "LeakyRelu" => (Activation.LeakyRelu, n.Real("alpha", ActivationNames.LeakyReluAlpha)),
            "Elu" => (Activation.Elu, n.Real("alpha", ActivationNames.EluAlpha)),
            _ => (ActivationNames.HardSigmoid(n.Real("alpha", 0.2f), n.Real("beta", 0.5f)) is { } kind ? kind
                : throw n.Refuse(
                    $"attributes alpha {n.Real("alpha", 0.2f)} and beta {n.Real("beta", 0.5f)}: hard sigmoids have 0.2 and 0.5, or " +
                    "1/6 and 0.5"), float.NaN),
        };
        return [Apply(n, activation, ActivationNames.Alpha(n, activation, alpha))];
    }

    /// <summary>x sigmoid(alpha x).</summary>
    public static GraphValue[] Swish(NodeReader n) => n.Real("alpha", 1) == 1
        ? [Apply(n, Activation.Silu, float.NaN)]
        : throw n.Refuse($"attribute alpha is {n.Real("alpha", 1)}; layers have 1, which is Silu");

    /// <summary>Its exact form, or the one with tanh.</summary>
    public static GraphValue[] Gelu(NodeReader n) => n.Text("approximate", "none") switch
    {
        "none" => [Apply(n, Activation.Gelu, float.NaN)],
        "tanh" => [Apply(n, Activation.GeluTanh, float.NaN)],
        var form => throw n.Refuse($"attribute approximate is '{form}'; known are 'none' and 'tanh'"),
    };

    /// <summary>Clip from 0 up is Relu; other bounds have no layer.</summary>
    public static GraphValue[] Clip(NodeReader n)
    {
        var lowest = n.HasAttribute("min")
            ? n.Real("min", float.MinValue)
            : n.OptionalConstant(1, "min")?.ToReals().FirstOrDefault() ?? float.MinValue;
        var highest = n.HasAttribute("max")
            ? n.Real("max", float.MaxValue)
            : n.OptionalConstant(2, "max")?.ToReals().FirstOrDefault() ?? float.MaxValue;
        return lowest == 0 && highest >= float.MaxValue ? [Apply(n, Activation.Relu, float.NaN)]
            : throw n.Refuse($"it bounds values to [{lowest}, {highest}]; no layer does, but for [0, infinity), which is Relu");
    }

    public static GraphValue[] PRelu(NodeReader n)
    {
        var rows = n.Rows(0);
        var slopes = RowLayers.AlongFeatures(n, rows, n.Weights(1, "slope"), "slope");
        return [RowLayers.Add(n, rows, new PReluAttribute(), layer => layer.Parameters.Add("weight", WeightValues.Vector(slopes)))];
    }

    /// <summary>Softmax and LogSoftmax: of the features at the output, or of the steps, as weights of a mean over time.</summary>
    public static GraphValue[] Softmax(NodeReader n)
    {
        var rows = n.Rows(0);
        var rank = rows.Axes.Length;
        var axis = n.Axis(n.Integer("axis", n.Opset < 13 ? 1 : -1), rank);
        if (n.Opset < 13 && axis != rank - 1)
        {
            throw n.Refuse(
                $"attribute axis is {axis}: up to operator set 12, softmax went over all axes from there on; no layer does that");
        }

        if (n.Op == "Softmax" && rows.Axes[axis].Role != AxisRole.Feature
            && rows.Source is DraftLayer { Options: DenseAttribute { Units: 1, Bias: false, Activation: Activation.Linear } } scores
            && rows.Axes[axis].TryBe(AxisRole.Time))
        {
            return [new StepWeightsValue(rows, scores, isSummand: false)];
        }

        RowLayers.RequireFeatures(n, rows, axis, RowLayers.Width(n, rows));
        var transform = n.Op == "Softmax" ? OutputTransform.Softmax : OutputTransform.LogSoftmax;
        var layer = new DraftLayer(n.Scope, RowLayers.Width(n, rows), rows.Source.IsSequence,
            rows.Source) { Kind = n.Op, Transform = transform };
        return [new RowsValue(n.Graph.Add(layer), rows.Axes)];
    }

    public static GraphValue[] Negate(NodeReader n)
    {
        if (n.Input(0) is ConstantValue { Tensor: var tensor })
        {
            n.Graph.Spend(tensor.Length);
            return [new ConstantValue(Constant.Of(tensor.Shape, Array.ConvertAll(tensor.ToReals(), v => -v)))];
        }

        var rows = n.Rows(0);
        var width = RowLayers.Width(n, rows);
        return [LinearOps.Affine(n, rows, Filled(width, -1), new float[width])];
    }

    public static GraphValue[] Arithmetic(NodeReader n)
    {
        if (SizeOps.Arithmetic(n) is { } sizes)
        {
            return [sizes];
        }

        return (n.Input(0), n.Input(1)) switch
        {
            (ConstantValue a, ConstantValue b) => [new ConstantValue(ConstantOps.Combine(n, a.Tensor, b.Tensor))],
            (StepWeightsValue weights, _) => [AttentionOps.Weighted(n, weights, n.Rows(1))],
            (_, StepWeightsValue weights) => [AttentionOps.Weighted(n, weights, n.Rows(0))],
            (_, ConstantValue constant) => [WithConstant(n, n.Rows(0), constant.Tensor, isFirst: false)],
            (ConstantValue constant, _) => [WithConstant(n, n.Rows(1), constant.Tensor, isFirst: true)],
            _ => [Joined(n)],
        };
    }

    public static GraphValue[] Sum(NodeReader n) => n.InputCount == 1 ? [n.Input(0)] : [Joined(n)];

    private static RowsValue Apply(NodeReader n, Activation activation, float alpha) =>
        RowLayers.Add(n, n.Rows(0), new ActivationAttribute(activation) { Alpha = alpha });

    private static RowsValue WithConstant(NodeReader n, RowsValue rows, Constant tensor, bool isFirst)
    {
        // A constant of more axes gives the result as many.
        var added = Math.Max(0, tensor.Shape.Length - rows.Axes.Length);
        rows = new RowsValue(rows.Source, [.. Enumerable.Range(0, added).Select(_ => new Axis(size: 1)), .. rows.Axes]);
        var c = RowLayers.AlongFeatures(n, rows, tensor, "constant");
        float[] ones = Filled(c.Length, 1), zeros = new float[c.Length];
        var (scale, shift) = (n.Op, isFirst) switch
        {
            ("Add", _) => (ones, c),
            ("Sub", false) => (ones, Array.ConvertAll(c, v => -v)),
            ("Sub", true) => (Filled(c.Length, -1), c),
            ("Mul", _) => (c, zeros),
            (_, false) when Array.TrueForAll(c, v => v != 0) => (Array.ConvertAll(c, v => 1 / v), zeros),
            _ => throw n.Refuse("it divides by rows or by 0; no layer does"),
        };
        return LinearOps.Affine(n, rows, scale, shift);
    }

    private static RowsValue Joined(NodeReader n)
    {
        RowsValue[] parts = [.. Enumerable.Range(0, n.InputCount).Select(n.Rows)];
        foreach (var part in parts.Skip(1))
        {
            RowLayers.RequireAlike(n, parts[0], part);
        }

        var (kind, join) = n.Op switch
        {
            "Add" or "Sum" or "Sub" => ("Add", (Func<string[], LayerAttribute>)(names => new AddAttribute(names))),
            "Mul" => ("Multiply", names => new MultiplyAttribute(names)),
            _ => throw n.Refuse("it divides rows by rows; no layer does"),
        };
        if (n.Op == "Sub")
        {
            var width = RowLayers.Width(n, parts[1]);
            parts[1] = LinearOps.Affine(n, parts[1], Filled(width, -1), new float[width]);
        }

        var longest = parts.MaxBy(p => p.Axes.Length)!;
        var layer = new DraftLayer(n.Scope, RowLayers.Width(n, parts[0]), parts[0].Source.IsSequence,
            [.. parts.Select(p => p.Source)]) { Kind = kind, Join = join };
        var result = new RowsValue(n.Graph.Add(layer), longest.Axes);

        // Some functions are spelled as products of others.
        return n.Op == "Mul" && n.Graph.Formulas.Function(n, result) is { } function ? function : result;
    }

    private static float[] Filled(int length, float value)
    {
        var values = new float[length];
        Array.Fill(values, value);
        return values;
    }
}
