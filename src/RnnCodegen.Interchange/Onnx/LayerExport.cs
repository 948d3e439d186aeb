using RnnCodegen.Interchange.Onnx.Format;

namespace RnnCodegen.Interchange.Onnx;

/// <summary>What each layer is in ONNX's operators.</summary>
internal static class LayerExport
{
    // [T, B, F] to the format's [B, F, T] of convolutions and pooling, and back.
    private static readonly long[] s_timeLast = [1, 2, 0];
    private static readonly long[] s_timeFirst = [2, 0, 1];

    /// <summary>Adds a layer's nodes, and says what they make.</summary>
    /// <param name="export">The export.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="previous">What the member before it makes.</param>
    public static ExportedRows Write(ModelExport export, LayerDescription layer, ExportedRows previous)
    {
        var rows = layer.Options is ChainedLayerAttribute { From: { } from } ? export.Rows(layer, from) : previous;
        switch (layer.Options)
        {
            case RecurrentAttribute recurrent:
                return new RecurrentExport(export, layer, recurrent).Write(Sequence(layer, rows));
            case EmbeddingAttribute { Column: >= 0 } category:
                return Category(export, layer, category, rows);
            case EmbeddingAttribute e:
                var table = export.Graph.Constant($"{layer.Name}.weight", [e.Vocabulary, e.Size],
                    export.Parameter(layer, "weight", e.Vocabulary, e.Size));
                return previous with { Value = export.Graph.Node(layer.Name, "Gather", table, previous.Value), Width = e.Size };
            case DenseAttribute dense:
                return Dense(export, layer, dense, rows);
            case RowConv1dAttribute convolution:
                return InRow(export, layer, convolution, rows);
            case Conv1dAttribute convolution:
                return Convolution(export, layer, convolution, Sequence(layer, rows));
            case Pool1dAttribute pool:
                return Pool(export, layer, pool, Sequence(layer, rows));
            case GlobalPoolAttribute pool:
                var op = pool.Pooling == Pooling.Max ? "ReduceMax" : "ReduceMean";
                var reduced = export.Graph.Node(layer.Name, op, [Sequence(layer, rows).Value],
                    [ExportGraph.Attribute("axes", (long[])[0L]), ExportGraph.Attribute("keepdims", 0L)]);
                return rows with { Value = reduced, IsSequence = false };
            case AttentionPoolAttribute:
                return AttentionPool(export, layer, Sequence(layer, rows));
            case LayerNormAttribute norm:
                var normalized = export.Graph.Node(
                    layer.Name, "LayerNormalization",
                    [rows.Value, Vector(export, layer, "weight", rows.Width), Vector(export, layer, "bias", rows.Width)],
                    [ExportGraph.Attribute("axis", -1L), ExportGraph.Attribute("epsilon", norm.Epsilon)]);
                return rows with { Value = normalized };
            case AffineAttribute:
                var scaled = export.Graph.Node(layer.Name, "Mul", rows.Value, Vector(export, layer, "weight", rows.Width));
                return rows with { Value = export.Graph.Node(layer.Name, "Add", scaled, Vector(export, layer, "bias", rows.Width)) };
            case PReluAttribute:
                return rows with
                {
                    Value = export.Graph.Node(layer.Name, "PRelu", rows.Value, Vector(export, layer, "weight", rows.Width))
                };
            case ActivationAttribute function:
                return rows with { Value = Activated(export, layer, rows.Value, function.Activation, function.Alpha) };
            case DropoutAttribute:
                export.Notes.Add($"Dropout '{layer.Name}' is left out: the file is for inference.");
                return rows;
            case ReverseTimeAttribute:
                string[] range = [.. new[] { -1, long.MinValue + 1, 0, -1 }.Zip(["starts", "ends", "axes", "steps"],
                    (v, name) => export.Graph.Constant($"{layer.Name}.{name}", [v]))];
                return rows with { Value = export.Graph.Node(layer.Name, "Slice", [Sequence(layer, rows).Value, .. range]) };
            case ConcatAttribute concat:
                return Joined(export, layer, concat.Sources,
                    parts => export.Graph.Node(layer.Name, "Concat", parts, [ExportGraph.Attribute("axis", -1L)]), adds: true);
            case AddAttribute add:
                return Joined(export, layer, add.Sources, parts => export.Graph.Node(layer.Name, "Sum", parts), adds: false);
            case MultiplyAttribute multiply:
                return Joined(export, layer, multiply.Sources,
                    parts => parts.Aggregate((a, b) => export.Graph.Node(layer.Name, "Mul", a, b)), adds: false);
            default:
                throw ModelExport.Refuse(layer, layer.Options.GetType().Name[..^nameof(Attribute).Length], "ONNX has no operator for it");
        }
    }

    /// <summary>A function's node; the value itself where it is the identity.</summary>
    public static string Activated(ModelExport export, LayerDescription layer, string value, Activation activation, float alpha)
    {
        var name = ActivationNames.Of(activation).Name;
        return activation switch
        {
            Activation.Linear => value,
            Activation.HardSigmoid => export.Graph.Node(
                layer.Name, name, [value],
                [ExportGraph.Attribute("alpha", ActivationNames.HardSigmoidAlpha),
                    ExportGraph.Attribute("beta", ActivationNames.HardSigmoidBeta)]),
            Activation.LeakyRelu or Activation.Elu => export.Graph.Node(layer.Name, name, [value],
                [ExportGraph.Attribute("alpha", ActivationNames.AlphaOf(activation, alpha))]),

            // The operators Swish, Mish and Gelu are of later versions than files are written in; they are products of earlier ones.
            Activation.Silu => export.Graph.Node(layer.Name, "Mul", value, export.Graph.Node(layer.Name, "Sigmoid", value)),
            Activation.Mish => export.Graph.Node(layer.Name, "Mul", value,
                export.Graph.Node(layer.Name, "Tanh", export.Graph.Node(layer.Name, "Softplus", value))),
            Activation.Sqrt => export.Graph.Node(layer.Name, name, export.Graph.Node(layer.Name, "Relu", value)),
            Activation.Gelu => Gelu(export, layer, value, export.Graph.Node(layer.Name, "Erf",
                Scaled(export, layer, "Div", value, MathF.Sqrt(2)))),
            Activation.GeluTanh => Gelu(export, layer, value, export.Graph.Node(layer.Name, "Tanh", CubicOfGelu(export, layer, value))),
            _ => export.Graph.Node(layer.Name, name, value),
        };
    }

    /// <summary>x (1 + s) / 2, in the order in which PyTorch's own exporter writes it.</summary>
    private static string Gelu(ModelExport export, LayerDescription layer, string value, string sigmoid) => Scaled(export, layer, "Mul",
        export.Graph.Node(layer.Name, "Mul", value, Scaled(export, layer, "Add", sigmoid, 1)), 0.5f);

    /// <summary>sqrt(2 / pi) (x + 0.044715 x^3).</summary>
    private static string CubicOfGelu(ModelExport export, LayerDescription layer, string value)
    {
        var cube = Scaled(export, layer, "Pow", value, 3);
        return Scaled(export, layer, "Mul", export.Graph.Node(layer.Name, "Add", value, Scaled(export, layer, "Mul", cube, 0.044715f)),
            (float)Math.Sqrt(2 / Math.PI));
    }

    private static string Scaled(ModelExport export, LayerDescription layer, string op, string value, float number) =>
        export.Graph.Node(layer.Name, op, value, export.Graph.Constant($"{layer.Name}.number", [], [number]));

    private static ExportedRows Sequence(LayerDescription layer, ExportedRows rows) => rows.IsSequence
        ? rows
        : throw new ArgumentException($"Layer '{layer.Name}' works along time, but reads one row a sequence.", nameof(layer));

    private static string Vector(ModelExport export, LayerDescription layer, string end, int length) =>
        export.Graph.Constant($"{layer.Name}.{end}", [length], export.Parameter(layer, end, length));

    /// <summary>The other columns, then the rows of the table for the ids, which ONNX wants as integers.</summary>
    private static ExportedRows Category(ModelExport export, LayerDescription layer, EmbeddingAttribute embedding, ExportedRows rows)
    {
        var (graph, place) = (export.Graph, export.PlaceOf(embedding));
        var table = graph.Constant($"{layer.Name}.weight", [embedding.Vocabulary, embedding.Size],
            export.Parameter(layer, "weight", embedding.Vocabulary, embedding.Size));
        var column = graph.Node(layer.Name, "Gather", [rows.Value, graph.Scalar($"{layer.Name}.column", place)],
            [ExportGraph.Attribute("axis", 2L)]);
        var ids = graph.Node(layer.Name, "Cast", [column], [ExportGraph.Attribute("to", (long)OnnxDataType.Int64)]);
        List<string> parts = [graph.Node(layer.Name, "Gather", table, ids)];
        if (rows.Width > 1)
        {
            long[] others = [.. Enumerable.Range(0, rows.Width).Where(c => c != place).Select(c => (long)c)];
            parts.Insert(0, graph.Node(layer.Name, "Gather", [rows.Value, graph.Constant($"{layer.Name}.others", others)],
                [ExportGraph.Attribute("axis", 2L)]));
        }

        var joined = parts.Count == 1 ? parts[0] : graph.Node(layer.Name, "Concat", parts, [ExportGraph.Attribute("axis", -1L)]);
        return rows with { Value = joined, Width = rows.Width - 1 + embedding.Size };
    }

    private static ExportedRows Dense(ModelExport export, LayerDescription layer, DenseAttribute dense, ExportedRows rows)
    {
        var value = Product(export, layer, rows, export.Parameter(layer, "weight", dense.Units, rows.Width),
            dense.Bias ? export.Parameter(layer, "bias", dense.Units) : null);
        return rows with { Value = Activated(export, layer, value, dense.Activation, dense.Alpha), Width = dense.Units };
    }

    /// <summary>
    /// A convolution inside rows as the matrix that does the same: ONNX's Conv has one axis of samples, and rows have steps too.
    /// </summary>
    private static ExportedRows InRow(ModelExport export, LayerDescription layer, RowConv1dAttribute c, ExportedRows rows)
    {
        var (width, kernel) = (rows.Width, export.Parameter(layer, "weight", c.Filters, c.Channels, c.Kernel));
        var value = Product(export, layer, rows, RowConvolutions.Matrix(c, width, kernel),
            c.Bias ? RowConvolutions.Bias(c, width, export.Parameter(layer, "bias", c.Filters)) : null);
        return rows with
        {
            Value = Activated(export, layer, value, c.Activation, c.Alpha), Width = c.Filters * RowConvolutions.Positions(c, width),
        };
    }

    private static string Product(ModelExport export, LayerDescription layer, ExportedRows rows, float[] matrix, float[]? bias)
    {
        var units = matrix.Length / rows.Width;
        var value = export.Graph.Node(layer.Name, "MatMul", rows.Value, export.Graph.Constant(
            $"{layer.Name}.weight", [rows.Width, units], GateBlocks.Transpose(matrix, units, rows.Width)));
        return bias is null ? value
            : export.Graph.Node(layer.Name, "Add", value, export.Graph.Constant($"{layer.Name}.bias", [units], bias));
    }

    private static ExportedRows Convolution(ModelExport export, LayerDescription layer, Conv1dAttribute c, ExportedRows rows)
    {
        var reach = (long)c.Dilation * (c.Kernel - 1);
        var (left, right) = c.Padding switch
        {
            TimePadding.Causal => (reach, 0L),
            TimePadding.Same => (reach / 2, reach - (reach / 2)),
            _ => ((long)c.PadLeft, c.PadRight),
        };
        int[] shape = [c.Filters, rows.Width, c.Kernel];
        var kernel = export.Graph.Constant($"{layer.Name}.weight", shape, export.Parameter(layer, "weight", shape));
        string[] inputs = c.Bias
            ? [Moved(export, layer, rows.Value, s_timeLast), kernel, Vector(export, layer, "bias", c.Filters)]
            : [Moved(export, layer, rows.Value, s_timeLast), kernel];
        var value = export.Graph.Node(layer.Name, "Conv", inputs,
        [
            ExportGraph.Attribute("kernel_shape", (long[])[(long)c.Kernel]), ExportGraph.Attribute("strides", (long[])[(long)c.Stride]),
            ExportGraph.Attribute("dilations", (long[])[(long)c.Dilation]), ExportGraph.Attribute("pads", (long[])[left, right]),
            ExportGraph.Attribute("group", 1L),
        ]);
        value = Activated(export, layer, Moved(export, layer, value, s_timeFirst), c.Activation, c.Alpha);
        return rows with { Value = value, Width = c.Filters, HasInputSteps = rows.HasInputSteps && c.Stride == 1 && left + right == reach };
    }

    private static ExportedRows Pool(ModelExport export, LayerDescription layer, Pool1dAttribute pool, ExportedRows rows)
    {
        var stride = pool.Stride == 0 ? pool.Size : pool.Stride;
        var value = export.Graph.Node(
            layer.Name, pool.Pooling == Pooling.Max ? "MaxPool" : "AveragePool", [Moved(export, layer, rows.Value, s_timeLast)],
            [ExportGraph.Attribute("kernel_shape", (long[])[(long)pool.Size]), ExportGraph.Attribute("strides", (long[])[(long)stride])]);
        return rows with { Value = Moved(export, layer, value, s_timeFirst), HasInputSteps = rows.HasInputSteps
            && (pool.Size, stride) == (1, 1) };
    }

    private static ExportedRows AttentionPool(ModelExport export, LayerDescription layer, ExportedRows rows)
    {
        var graph = export.Graph;
        var scores = graph.Node(layer.Name, "MatMul", rows.Value,
            graph.Constant($"{layer.Name}.weight", [rows.Width, 1], export.Parameter(layer, "weight", rows.Width)));
        var weighted = graph.Node(layer.Name, "Mul", rows.Value,
            graph.Node(layer.Name, "Softmax", [scores], [ExportGraph.Attribute("axis", 0L)]));
        var sum = graph.Node(layer.Name, "ReduceSum", [weighted, graph.Constant($"{layer.Name}.axes", [0L])],
            [ExportGraph.Attribute("keepdims", 0L)]);
        return rows with { Value = sum, IsSequence = false };
    }

    private static ExportedRows Joined(ModelExport export, LayerDescription layer, IReadOnlyList<string> sources,
        Func<string[], string> join, bool adds)
    {
        ExportedRows[] parts = [.. sources.Select(s => export.Rows(layer, s))];
        if (parts.Length < 2 || parts.Any(p => p.IsSequence != parts[0].IsSequence || (!adds && p.Width != parts[0].Width)))
        {
            throw new ArgumentException($"Layer '{layer.Name}' joins {parts.Length} layers that do not make alike rows.", nameof(layer));
        }

        return parts[0] with
        {
            Value = join([.. parts.Select(p => p.Value)]),
            Width = adds ? parts.Sum(p => p.Width) : parts[0].Width,
            HasInputSteps = parts.All(p => p.HasInputSteps),
        };
    }

    private static string Moved(ModelExport export, LayerDescription layer, string value, long[] order) =>
        export.Graph.Node(layer.Name, "Transpose", [value], [ExportGraph.Attribute("perm", order)]);
}
