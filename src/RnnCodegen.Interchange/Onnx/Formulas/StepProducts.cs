namespace RnnCodegen.Interchange.Onnx.Formulas;

/// <summary>Operators inside a step that are a matrix times a row: MatMul, Gemm, Conv and Pad.</summary>
internal static class StepProducts
{
    public static GraphValue[] MatMul(NodeReader n)
    {
        if (n.Input(1) is ConstantValue { Tensor.Shape.Length: 2 })
        {
            var matrix = n.Weights(1, "matrix");
            return [Right(n, StepOps.Value(n), matrix.ToReals(), matrix.Shape[0], matrix.Shape[1])];
        }

        if (n.Input(0) is ConstantValue { Tensor.Shape.Length: 2 })
        {
            var matrix = n.Weights(0, "matrix");
            return [Left(n, matrix.ToReals(), matrix.Shape[0], matrix.Shape[1], StepOps.Value(n, 1))];
        }

        throw n.Refuse("it multiplies rows by rows, or by no matrix; no cell does");
    }

    public static GraphValue[] Gemm(NodeReader n)
    {
        n.Require("transA", 0, "a step reads its rows as they are");
        var (alpha, beta, isTransposed) = (n.Real("alpha", 1), n.Real("beta", 1), n.Integer("transB", 0) != 0);
        var matrix = n.Weights(1, "matrix");
        if (matrix.Shape.Length != 2)
        {
            throw n.Refuse($"its matrix {matrix} has not two axes");
        }

        var (inputs, units) = isTransposed ? (matrix.Shape[1], matrix.Shape[0]) : (matrix.Shape[0], matrix.Shape[1]);
        var values = isTransposed ? GateBlocks.Transpose(matrix.ToReals(), units, inputs) : matrix.ToReals();
        var product = Right(n, StepOps.Value(n), alpha == 1 ? values : [.. values.Select(v => v * alpha)], inputs, units);
        if (!n.Has(2))
        {
            return [product];
        }

        var (a, b) = FormulaOps.Broadcast(n, product, StepOps.Value(n, 2));
        var graph = n.Graph.Formulas.Graph;
        var bias = beta == 1 ? b.Formula
            : graph.Pair(PairOp.Multiply, b.Formula, graph.Constant([.. Enumerable.Repeat((double)beta, b.Formula.Width)]));
        return [new FormulaValue(graph.Pair(PairOp.Add, a.Formula, bias), a.Shape, a.Free)];
    }

    /// <summary>A convolution along the last axis of what a step reads.</summary>
    public static GraphValue[] Conv(NodeReader n)
    {
        var (weight, value) = (n.Weights(1, "kernel"), StepOps.Value(n));
        if (weight.Shape.Length != 3 || value.Shape.Length != 3 || value.Shape[0] != 1)
        {
            throw n.Refuse($"its kernel {weight} is not along one axis of [samples, channels, length]");
        }

        var (filters, kernel, groups) = (weight.Shape[0], weight.Shape[2], n.Integer("group", 1));
        var stride = One(n, "strides", 1);
        var dilation = One(n, "dilations", 1);
        _ = n.Integers("kernel_shape");
        var pads = n.Integers("pads") ?? [0, 0];
        if (n.Text("auto_pad", "NOTSET") is not ("NOTSET" or "VALID") || pads.Count != 2 || pads.Any(p => p is < 0 or > 1 << 20)
            || groups < 1 || weight.Shape[1] * groups != value.Shape[1] || filters % groups != 0)
        {
            throw n.Refuse("its attributes auto_pad, pads or group do not fit its input");
        }

        var (channels, length) = (value.Shape[1], value.Shape[2]);
        var left = (length + pads[0] + pads[1] - (dilation * (kernel - 1L)) - 1) / stride;
        if (kernel == 0 || length + pads[0] + pads[1] < (dilation * (kernel - 1L)) + 1 || left >= 1 << 20)
        {
            throw n.Refuse($"its kernel of {kernel} does not fit the length {length}");
        }

        var steps = (int)left + 1;
        n.Graph.Formulas.Graph.Require((long)filters * steps * channels * length);
        var matrix = new float[(long)filters * steps * channels * length];
        var reals = weight.ToReals();
        for (var f = 0; f < filters; f++)
        {
            var first = (int)(f / (filters / groups) * weight.Shape[1]);
            for (var t = 0; t < steps; t++)
            {
                for (var k = 0; k < weight.Shape[1] * kernel; k++)
                {
                    var place = ((long)t * stride) + (k % kernel * dilation) - pads[0];
                    if (place >= 0 && place < length)
                    {
                        matrix[(((((long)f * steps) + t) * channels) + first + (k / kernel)) * length + place] =
                            reals[(f * weight.Shape[1] * kernel) + k];
                    }
                }
            }
        }

        var graph = n.Graph.Formulas.Graph;
        var result = graph.Product(value.Formula, matrix);
        if (n.Has(2))
        {
            var bias = n.Weights(2, "bias").ToReals();
            result = bias.Length == filters
                ? graph.Pair(PairOp.Add, result,
                    graph.Constant([.. Enumerable.Range(0, filters * steps).Select(k => (double)bias[k / steps])]))
                : throw n.Refuse($"its bias has {bias.Length} values for {filters} filters");
        }

        return [new FormulaValue(result, [1, filters, steps], value.Free)];
    }

    /// <summary>Zeros, the edge's values or a mirror image before and after what a step reads.</summary>
    public static GraphValue[] Pad(NodeReader n)
    {
        var mode = n.Text("mode", "constant");
        var filler = n.Real("value", 0) + (n.OptionalConstant(2, "constant_value")?.ToReals().FirstOrDefault() ?? 0);
        var pads = n.List("pads", 1) ?? throw n.Refuse("it lacks its pads");
        var value = StepOps.Value(n);
        var axes = n.OptionalConstant(3, "axes")?.IntegerValues ?? [.. Enumerable.Range(0, value.Shape.Length).Select(a => (long)a)];
        if (pads.Count != 2 * axes.Length || mode is not ("constant" or "reflect" or "edge") || (mode == "constant" && filler != 0)
            || pads.Any(p => p is < 0 or > 1 << 20))
        {
            throw n.Refuse($"attribute mode {mode} with these pads is not followed inside a step");
        }

        for (var k = 0; k < axes.Length; k++)
        {
            var (left, right, axis) = ((int)pads[k], (int)pads[k + axes.Length], n.Axis(axes[k], value.Shape.Length));
            if ((left, right) == (0, 0))
            {
                continue;
            }

            var size = value.Shape[axis];
            if (value.Free[axis] is not null || (mode == "reflect" && Math.Max(left, right) >= size))
            {
                throw n.Refuse($"it pads axis {axis} of {Constant.Describe(value.Shape)} by {left} and {right}");
            }

            var items = Enumerable.Range(-left, size + left + right).Select(i => i >= 0 && i < size ? i
                : mode == "constant" ? -1
                : mode == "edge" ? Math.Clamp(i, 0, size - 1)
                : i < 0 ? -i : (2 * (size - 1)) - i).ToArray();
            value = Padded(n, value, axis, items);
        }

        return [value];
    }

    private static FormulaValue Padded(NodeReader n, FormulaValue value, int axis, int[] items)
    {
        var graph = n.Graph.Formulas.Graph;
        int[] shape = [.. value.Shape];
        shape[axis] = items.Length;
        var inner = value.Shape[(axis + 1)..].Aggregate(1, (product, s) => product * s);
        var outer = value.Shape[..axis].Aggregate(1, (product, s) => product * s);
        var places = new List<int>();
        for (var o = 0; o < outer; o++)
        {
            foreach (var item in items)
            {
                // Behind the values stands a 0, for the places that are none of theirs.
                places.AddRange(Enumerable.Range(0, inner).Select(i => item < 0
                    ? value.Formula.Width
                    : ((((o * value.Shape[axis]) + item) * inner) + i)));
            }
        }

        return new FormulaValue(graph.Pick(graph.Join([value.Formula, graph.Constant([0])]), [.. places]), shape, value.Free);
    }

    /// <summary>Rows [..., K] times a matrix [K, N].</summary>
    private static FormulaValue Right(NodeReader n, FormulaValue value, float[] matrix, int inputs, int units)
    {
        if (value.Shape.Length == 0 || value.Shape[^1] != inputs || value.Free[^1] is not null || inputs == 0 || units == 0)
        {
            throw n.Refuse($"it multiplies {Constant.Describe(value.Shape)} by [{inputs}, {units}]");
        }

        var outer = value.Formula.Width / inputs;
        n.Graph.Formulas.Graph.Require((long)outer * outer * inputs * units);
        var all = new float[(long)outer * units * outer * inputs];
        for (var o = 0; o < outer; o++)
        {
            for (var k = 0; k < inputs; k++)
            {
                for (var u = 0; u < units; u++)
                {
                    all[((((long)o * units) + u) * outer * inputs) + (o * inputs) + k] = matrix[(k * units) + u];
                }
            }
        }

        return new FormulaValue(n.Graph.Formulas.Graph.Product(value.Formula, all), [.. value.Shape[..^1], units], value.Free);
    }

    /// <summary>A matrix [M, K] times columns [K, N].</summary>
    private static FormulaValue Left(NodeReader n, float[] matrix, int units, int inputs, FormulaValue value)
    {
        if (value.Shape.Length < 2 || value.Shape[^2] != inputs || value.Free[^2] is not null
            || value.Formula.Width != inputs * value.Shape[^1])
        {
            throw n.Refuse($"it multiplies [{units}, {inputs}] by {Constant.Describe(value.Shape)}");
        }

        var columns = value.Shape[^1];
        n.Graph.Formulas.Graph.Require((long)units * columns * inputs * columns);
        var all = new float[(long)units * columns * inputs * columns];
        for (var u = 0; u < units; u++)
        {
            for (var k = 0; k < inputs; k++)
            {
                for (var c = 0; c < columns; c++)
                {
                    all[((((long)u * columns) + c) * inputs * columns) + (k * columns) + c] = matrix[(u * inputs) + k];
                }
            }
        }

        return new FormulaValue(n.Graph.Formulas.Graph.Product(value.Formula, all), [.. value.Shape[..^2], units, columns], value.Free);
    }

    private static long One(NodeReader n, string name, long otherwise) => n.Integers(name) is not { } list ? otherwise
        : list is [>= 1 and < 1 << 20 and var only] ? only
        : throw n.Refuse($"attribute {name} is not one positive number");
}
