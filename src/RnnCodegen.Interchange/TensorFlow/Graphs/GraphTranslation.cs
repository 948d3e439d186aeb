using RnnCodegen.Interchange.Onnx;
using RnnCodegen.Interchange.Onnx.Format;

namespace RnnCodegen.Interchange.TensorFlow.Graphs;

/// <summary>Writes a TensorFlow graph in ONNX's operators, from its output back to its input; a loop becomes recurrent nodes.</summary>
internal sealed class GraphTranslation
{
    private const int MaxDepth = 2_000;
    private const long Float = 1;
    private const long Double = 2;
    private const long Int32 = 3;
    private const long Int64 = 9;
    private const long BFloat16 = 14;
    private const long Half = 19;

    /// <summary>Operators that make spectra of sound, which no layer does.</summary>
    private static readonly HashSet<string> s_frontEnds = new(StringComparer.Ordinal) { "Mfcc", "AudioSpectrogram", "DecodeWav" };

    private static readonly Dictionary<string, string> s_functions = new(StringComparer.Ordinal)
    {
        ["Sigmoid"] = "Sigmoid", ["Tanh"] = "Tanh", ["Relu"] = "Relu", ["Softplus"] = "Softplus", ["Elu"] = "Elu", ["Neg"] = "Neg",
    };

    private static readonly Dictionary<string, string> s_arithmetic = new(StringComparer.Ordinal)
    {
        ["BiasAdd"] = "Add", ["Add"] = "Add", ["AddV2"] = "Add", ["Sub"] = "Sub", ["Mul"] = "Mul", ["RealDiv"] = "Div", ["Div"] = "Div",
    };

    private readonly Translation _to;
    private readonly string _file;
    private readonly Dictionary<string, GraphNode> _nodes = new(StringComparer.Ordinal);
    private readonly List<GraphNode> _order;
    private readonly GraphConstants _constants;
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (LoopBody Body, LoopCells Cells)> _loops = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Frame, int State), (string Rows, string Last)> _layers = [];
    private int _depth;

    public GraphTranslation(string file, List<GraphNode> nodes)
    {
        (_file, _order, _to) = (file, nodes, new Translation(file, GraphImporter.Format));
        foreach (var node in nodes)
        {
            if (!_nodes.TryAdd(node.Name, node))
            {
                throw new InvalidDataException($"'{file}': two nodes are called '{node.Name}'.");
            }
        }

        _constants = new GraphConstants(_nodes);
    }

    public ModelDescription Run(string? output)
    {
        try
        {
            return Read(output);
        }
        catch (Exception e) when (e is ArgumentException or IndexOutOfRangeException or OverflowException)
        {
            // Nodes with fewer inputs than their operators have, and sizes that are none.
            throw new InvalidDataException($"'{_file}': the file is truncated or not a TensorFlow graph: {e.Message}", e);
        }
    }

    private ModelDescription Read(string? output)
    {
        var end = output ?? OnlyOutput();
        if (!_nodes.ContainsKey(end))
        {
            throw new InvalidDataException($"'{_file}': there is no node '{end}'; the last are {Listed(_order.TakeLast(8))}.");
        }

        _to.Output(Value(end), end);
        return _to.Read();
    }

    private string OnlyOutput()
    {
        var read = _order.SelectMany(n => n.Inputs).Select(i => i.Split(':')[0]).ToHashSet(StringComparer.Ordinal);
        var ends = _order.FindAll(n => !read.Contains(n.Name)
            && n.Op is not ("Const" or "Placeholder" or "NoOp" or "Assert" or "Exit" or "NextIteration" or "SaveV2" or "RestoreV2"));
        return ends is [var only]
            ? only.Name
            : throw new InvalidDataException(
                $"'{_file}': {ends.Count} nodes are read by no other, {Listed(ends)}; name one: --part NAME.");
    }

    private static string Listed(IEnumerable<GraphNode> nodes) => string.Join(", ", nodes.Take(8).Select(n => $"'{n.Name}' ({n.Op})"));

    private string Value(string value)
    {
        if (_values.TryGetValue(value, out var found))
        {
            return found;
        }

        if (++_depth > MaxDepth)
        {
            throw new InvalidDataException($"'{_file}': its nodes read each other in circles, or more than {MaxDepth} deep.");
        }

        var node = _nodes.GetValueOrDefault(value) ?? throw _to.Refuse($"'{value}'", "it is read, but is not the one output of a node");
        found = _constants.Of(value) is { } constant
            ? _to.Constant(value, constant.Shape, Array.ConvertAll(constant.Values, v => (float)v))
            : Read(node);
        _depth--;
        return _values[value] = found;
    }

    private string Read(GraphNode node)
    {
        if (s_functions.TryGetValue(node.Op, out var function))
        {
            return _to.Node(Translation.Layer(node.Name, function), function, [Value(node.Inputs[0])]);
        }

        if (s_arithmetic.TryGetValue(node.Op, out var operation))
        {
            if (node.Texts.GetValueOrDefault("data_format") is "NCHW")
            {
                throw Refuse(node, "its features are not the last axis (data_format NCHW)");
            }

            return _to.Node(Translation.Layer(node.Name, operation), operation, [Value(node.Inputs[0]), Value(node.Inputs[1])]);
        }

        if (s_frontEnds.Contains(node.Op))
        {
            return FrontEnd(node, null);
        }

        switch (node.Op)
        {
            case "Placeholder":
                _to.Input(node.Name, node.Shape ?? throw Refuse(node, "it says no shape"), IsWhole(node.Type));
                return node.Name;
            case "Identity" or "StopGradient" or "Snapshot" or "PlaceholderWithDefault":
                return Value(node.Inputs[0]);
            case "Cast":
                // Real numbers that become whole ones are rounded.
                return IsReal(node.Numbers.GetValueOrDefault("DstT"))
                    || (IsWhole(node.Numbers.GetValueOrDefault("SrcT")) && IsWhole(node.Numbers.GetValueOrDefault("DstT")))
                        ? Value(node.Inputs[0])
                        : throw Refuse(node, "it makes whole numbers or truth values of others, which no layer does");
            case "MatMul":
                return Product(node);
            case "Softmax" or "LogSoftmax":
                return _to.Node(Translation.Layer(node.Name, node.Op), node.Op, [Value(node.Inputs[0])],
                    ExportGraph.Attribute("axis", -1L));
            case "LeakyRelu":
                throw Refuse(node, "its slope is not read");
            case "Transpose":
                return _to.Transposed(Value(node.Inputs[0]), Whole(node, 1));
            case "Reshape":
                return Reshaped(node);
            case "ReverseV2":
                return Whole(node, 1) is [var axis]
                    ? _to.Reversed(Value(node.Inputs[0]), axis)
                    : throw Refuse(node, "it turns several axes around");
            case "ExpandDims":
                return _to.Node("", "Unsqueeze", [Value(node.Inputs[0]), _to.Constant("axes", Whole(node, 1))]);
            case "Mean" or "Max":
                return _to.Node("", node.Op == "Mean" ? "ReduceMean" : "ReduceMax", [Value(node.Inputs[0])],
                    ExportGraph.Attribute("axes", Whole(node, 1)),
                    ExportGraph.Attribute("keepdims", node.Numbers.GetValueOrDefault("keep_dims")));
            case "ConcatV2":
                return _to.Node(Translation.Layer(node.Name, "Concat"), "Concat", node.Inputs.SkipLast(1).Select(Value),
                    ExportGraph.Attribute("axis", Whole(node, node.Inputs.Count - 1)[0]));
            case "GatherV2" or "Gather" or "ResourceGather" when node.Numbers.GetValueOrDefault("batch_dims") != 0:
                throw Refuse(node, "it picks from a table for each sample (batch_dims), which no layer does");
            case "GatherV2" or "Gather" or "ResourceGather":
                return _to.Node(Translation.Layer(node.Name, "Embedding"), "Gather", [Value(node.Inputs[0]), Value(node.Inputs[1])],
                    ExportGraph.Attribute("axis", node.Inputs.Count > 2 ? Whole(node, 2)[0] : 0));
            case "StridedSlice":
                int[] Places(int input) => Array.ConvertAll(Whole(node, input), v => (int)v);
                long Mask(string name) => node.Numbers.GetValueOrDefault(name);
                return Mask("ellipsis_mask") == 0 && Mask("new_axis_mask") == 0
                    ? _to.Sliced(Value(node.Inputs[0]), Places(1), Places(2), Places(3),
                        (Mask("begin_mask"), Mask("end_mask"), Mask("shrink_axis_mask")))
                    : throw Refuse(node, "its ellipsis or new axes are not read");
            case "Exit" or "TensorArrayGatherV3" or "TensorArrayReadV3" or "TensorListStack" or "TensorListGetItem":
                return OfLoop(node);
            case "Variable" or "VariableV2" or "VarHandleOp" or "ReadVariableOp":
                throw new InvalidDataException(
                    $"'{_file}': the weights of '{node.Name}' ({node.Op}) are in other files. Freeze the graph first, " +
                    "convert_variables_to_constants, or import the Keras model that it was made of.");
            default:
                throw Refuse(node, "no layer is written with this operator");
        }
    }

    private string Product(GraphNode node)
    {
        if (_constants.Of(node.Inputs[1]) is not { Shape: [var rows, var columns] } matrix
            || node.Numbers.GetValueOrDefault("transpose_a") != 0)
        {
            throw Refuse(node, "it is no product with a constant matrix");
        }

        var values = Array.ConvertAll(matrix.Values, v => (float)v);
        var isTurned = node.Numbers.GetValueOrDefault("transpose_b") != 0;
        return _to.Dense(Translation.Layer(node.Name, "Dense"), Value(node.Inputs[0]),
            isTurned ? GateBlocks.Transpose(values, rows, columns) : values, isTurned ? rows : columns, bias: null);
    }

    /// <summary>A new shape; where a front end's rows get the shape that they have, nothing.</summary>
    private string Reshaped(GraphNode node)
    {
        var shape = Whole(node, 1);
        var source = _nodes.GetValueOrDefault(node.Inputs[0]);
        while (source is { Op: "Reshape" })
        {
            source = _nodes.GetValueOrDefault(source.Inputs[0]);
        }

        return source is not null && s_frontEnds.Contains(source.Op) && shape.Length == 3
            ? FrontEnd(source, Array.ConvertAll(shape, s => (int)s))
            : _to.Node("", "Reshape", [Value(node.Inputs[0]), _to.Constant("shape", shape)]);
    }

    /// <summary>What comes out of a front end, which is the model's input here.</summary>
    private string FrontEnd(GraphNode node, int[]? shape)
    {
        if (_values.TryGetValue(node.Name, out var found))
        {
            return found;
        }

        shape ??= node is { Op: "Mfcc" } ? [-1, -1, (int)node.Numbers.GetValueOrDefault("dct_coefficient_count")]
            : throw Refuse(node, "its rows are of a size that the graph does not say");
        _to.Input(node.Name, shape, isInteger: false);
        _to.Notes.Add($"The graph starts from sound; the model starts behind '{node.Name}' ({node.Op}), whose values are its input: " +
            $"{string.Join(", ", FrontEndOptions(node))}.");
        return _values[node.Name] = node.Name;
    }

    private IEnumerable<string> FrontEndOptions(GraphNode node)
    {
        for (var next = node; next is not null && s_frontEnds.Contains(next.Op); next = _nodes.GetValueOrDefault(next.Inputs[0]))
        {
            var options = next.Numbers.Where(n => n.Key is not ("T" or "dtype")).Select(n => $"{n.Key} {n.Value}");
            yield return $"{next.Op} of {string.Join(", ", options)}";
        }
    }

    /// <summary>What a loop gives: all rows of a layer, or its last one.</summary>
    private string OfLoop(GraphNode node)
    {
        var flow = node.Op switch
        {
            "Exit" => node.Name,
            "TensorListStack" or "TensorListGetItem" => node.Inputs[0],
            _ => node.Inputs[2],
        };
        if (_nodes.GetValueOrDefault(flow) is not { Op: "Exit" } exit || FrameOf(exit) is not { } frame)
        {
            throw Refuse(node, "it reads no list that a loop made");
        }

        var loop = LoopOf(frame);
        var variable = loop.Body.VariableOf(exit.Name);
        if (node.Op == "Exit")
        {
            return loop.Body.IsState(variable)
                ? Layer(frame, variable).Last
                : throw Refuse(node, "it gives a loop's counter or list");
        }

        var state = loop.Body.Collected(variable);
        if (state < 0)
        {
            throw Refuse(node, "the loop's list is not that of a layer's outputs");
        }

        return node.Op is "TensorArrayGatherV3" && !_constants.CountsUp(node.Inputs[1])
            ? throw Refuse(node, "it does not take the loop's rows one after the other")
            : node.Op is "TensorArrayGatherV3" or "TensorListStack" ? Layer(frame, state).Rows
            : IsLast(node.Inputs[1], loop.Body) ? Layer(frame, state).Last
            : throw Refuse(node, "it takes another than the loop's last row");
    }

    /// <summary>Whether an index is the loop's last count less 1.</summary>
    private bool IsLast(string index, LoopBody body) =>
        _nodes.GetValueOrDefault(index) is { Op: "Sub", Inputs: [var count, var one] } && _constants.Of(one)?.Number == 1
            && body.VariableOf(count) is >= 0 and var variable && !body.IsState(variable);

    private string? FrameOf(GraphNode exit) =>
        _nodes.GetValueOrDefault(exit.Inputs[0]) is { Op: "Switch" } fork
            && _nodes.GetValueOrDefault(fork.Inputs[0]) is { Op: "Merge" } merge
            && _nodes.GetValueOrDefault(merge.Inputs[0]) is { Op: "Enter" } enter
                ? enter.Texts.GetValueOrDefault("frame_name")
                : null;

    private (LoopBody Body, LoopCells Cells) LoopOf(string frame)
    {
        if (!_loops.TryGetValue(frame, out var loop))
        {
            var body = new LoopBody(frame, _nodes, _constants, (name, why) => _to.Refuse($"'{name}'", why));
            loop = _loops[frame] = (body, new LoopCells(body, (name, why) => _to.Refuse($"'{name}'", why)));
            if (body.MostSteps is { } most)
            {
                _to.Notes.Add($"The loop '{frame}' goes through {most} steps and no more; of longer sequences the model reads all.");
            }
        }

        return loop;
    }

    private (string Rows, string Last) Layer(string frame, int state)
    {
        if (_layers.TryGetValue((frame, state), out var found))
        {
            return found;
        }

        var (body, cells) = LoopOf(frame);
        var cell = cells.Of(state);
        foreach (var variable in body.Variables.Where((_, v) => body.IsState(v)))
        {
            if (!_constants.IsZero(variable.Start))
            {
                throw _to.Refuse($"'{variable.Start}'", "a loop starts from states that are not zeros");
            }
        }

        // The loop's rows have the steps first already.
        var rows = cell.Source >= 0 ? Layer(frame, cell.Source).Rows : Value(body.Rows!);
        var layer = Translation.Layer(frame.Split('/')[0], cell.Weights.Op.ToLowerInvariant());
        return _layers[(frame, state)] = _to.Recurrent(layer, cell.Weights, rows);
    }

    private static bool IsWhole(long type) => type is Int32 or Int64;

    private static bool IsReal(long type) => type is Float or Double or BFloat16 or Half;

    private long[] Whole(GraphNode node, int input) => input < node.Inputs.Count && _constants.Of(node.Inputs[input]) is { } constant
        ? Array.ConvertAll(constant.Values, v => (long)v)
        : throw Refuse(node, $"its input {input} is no constant list of whole numbers");

    private InvalidDataException Refuse(GraphNode node, string why) => _to.Refuse($"'{node.Name}' ({node.Op})", why);
}
