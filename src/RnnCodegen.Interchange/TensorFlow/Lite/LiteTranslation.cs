using RnnCodegen.Interchange.Onnx;

namespace RnnCodegen.Interchange.TensorFlow.Lite;

/// <summary>Writes a TensorFlow Lite graph in ONNX's operators, one operator after the other.</summary>
internal sealed class LiteTranslation
{
    private delegate string Reader(LiteTranslation t, LiteOperator op);

    private static readonly Dictionary<int, (string Name, Reader? Read)> s_operators = new()
    {
        [0] = ("ADD", (t, op) => t.Arithmetic(op, "Add")),
        [2] = ("CONCATENATION", (t, op) => t.Activated(op, t.Joined(op), 1)),
        [3] = ("CONV_2D", null),
        [6] = ("DEQUANTIZE", (t, op) => t.Value(op, 0)),
        [9] = ("FULLY_CONNECTED", (t, op) => t.FullyConnected(op)),
        [14] = ("LOGISTIC", (t, op) => t.Function(op, "Sigmoid")),
        [16] = ("LSTM", null),
        [18] = ("MUL", (t, op) => t.Arithmetic(op, "Mul")),
        [19] = ("RELU", (t, op) => t.Function(op, "Relu")),
        [22] = ("RESHAPE", (t, op) => t.Reshaped(op)),
        [24] = ("RNN", null),
        [25] = ("SOFTMAX", (t, op) => t.Softmax(op)),
        [27] = ("SVDF", null),
        [28] = ("TANH", (t, op) => t.Function(op, "Tanh")),
        [32] = ("CUSTOM", null),
        [35] = ("UNIDIRECTIONAL_SEQUENCE_RNN", (t, op) => LiteRecurrent.Simple(t, op)),
        [36] = ("GATHER", (t, op) => t.Gathered(op)),
        [39] = ("TRANSPOSE", (t, op) => t._to.Transposed(t.Value(op, 0), t.Whole(op, 1))),
        [40] = ("MEAN", (t, op) => t._to.Node("", "ReduceMean", [t.Value(op, 0)], ExportGraph.Attribute("axes", t.Whole(op, 1)),
            ExportGraph.Attribute("keepdims", op.Options?.Flag(0) == true ? 1L : 0L))),
        [41] = ("SUB", (t, op) => t.Arithmetic(op, "Sub")),
        [42] = ("DIV", (t, op) => t.Arithmetic(op, "Div")),
        [43] = ("SQUEEZE", (t, op) => t.Squeezed(op)),
        [44] = ("UNIDIRECTIONAL_SEQUENCE_LSTM", (t, op) => LiteRecurrent.Lstm(t, op)),
        [45] = ("STRIDED_SLICE", (t, op) => t.Sliced(op)),
        [52] = ("BIDIRECTIONAL_SEQUENCE_LSTM", null),
        [53] = ("CAST", (t, op) => t.Cast(op)),
        [70] = ("EXPAND_DIMS", (t, op) => t._to.Node("", "Unsqueeze", [t.Value(op, 0), t._to.Constant("axes", t.Whole(op, 1))])),
        [98] = ("LEAKY_RELU", (t, op) => t.Function(op, "LeakyRelu", ExportGraph.Attribute("alpha", op.Options?.Float(0) ?? 0f))),
        [105] = ("REVERSE_V2", (t, op) => t.Whole(op, 1) is [var axis]
            ? t._to.Reversed(t.Value(op, 0), axis)
            : throw t._to.Refuse(t.Named(op), "it turns several axes around")),
        [111] = ("ELU", (t, op) => t.Function(op, "Elu", ExportGraph.Attribute("alpha", 1f))),
        [114] = ("QUANTIZE", null),
        [117] = ("HARD_SWISH", (t, op) => t.Function(op, "HardSwish")),
        [118] = ("IF", null),
        [119] = ("WHILE", null),
    };

    private const int Reshape = 22;

    /// <summary>What may follow inside of an operator, by its number in the format.</summary>
    private static readonly string?[] s_fused = [null, "Relu", "", "", "Tanh", ""];

    private readonly Translation _to;
    private readonly string _file;
    private readonly LiteModel _model;
    private readonly string?[] _values;
    private readonly int[] _makers;

    public LiteTranslation(string file, LiteModel model)
    {
        (_to, _file, _model) = (new Translation(file, LiteImporter.Format), file, model);
        (_values, _makers) = (new string?[model.Tensors.Length], new int[model.Tensors.Length]);
        Array.Fill(_makers, -1);
        for (var k = 0; k < model.Operators.Length; k++)
        {
            foreach (var output in model.Operators[k].Outputs.Where(o => o >= 0))
            {
                _makers[output] = k;
            }
        }
    }

    public Translation To => _to;

    public ModelDescription Run(string? output)
    {
        var end = OutputOf(output);
        var needed = Needed(end);
        foreach (var input in _model.Inputs.Where(needed.Contains))
        {
            AddInput(input);
        }

        for (var k = 0; k < _model.Operators.Length; k++)
        {
            var op = _model.Operators[k];
            if (op.Outputs.Any(needed.Contains))
            {
                _values[op.Outputs[0]] = Read(op);
            }
        }

        _to.Output(_values[end]!, _model.Tensors[end].Name is { Length: > 0 } name ? name : "output");
        return _to.Read();
    }

    /// <summary>What an operator is called in messages.</summary>
    public string Named(LiteOperator op) =>
        $"{NameOf(op)} '{(op.Outputs is [>= 0 and var first, ..] ? _model.Tensors[first].Name : "")}'";

    /// <summary>What an operator is.</summary>
    public static string NameOf(LiteOperator op) =>
        (s_operators.TryGetValue(op.Code, out var known) ? known.Name : $"operator {op.Code}")
            + (op.Custom.Length > 0 ? $" {op.Custom}" : "");

    /// <summary>The tensor that an operator reads; null where it is left out.</summary>
    public LiteTensor? Tensor(LiteOperator op, int input) =>
        input < op.Inputs.Length && op.Inputs[input] is >= 0 and var index ? _model.Tensors[index] : null;

    /// <summary>The tensor that an operator makes.</summary>
    public LiteTensor Output(LiteOperator op) => _model.Tensors[op.Outputs[0]];

    /// <summary>Weights that an operator reads; null where they are left out.</summary>
    public float[]? Weights(LiteOperator op, int input, params int[] shape)
    {
        if (Tensor(op, input) is not { } tensor)
        {
            return null;
        }

        if (!tensor.IsConstant || tensor.Reals() is not { } values)
        {
            throw _to.Refuse(Named(op),
                $"its weights '{tensor.Name}' are {tensor.TypeName}{(tensor.IsConstant ? "" : " and no constant")}");
        }

        if (tensor.Scales.Length > 0 && !_to.Notes.Exists(n => n.StartsWith("The weights are", StringComparison.Ordinal)))
        {
            _to.Notes.Add("The weights are 8-bit numbers times a scale, and are read as the float32 numbers that these stand for. " +
                "TensorFlow Lite rounds what they are multiplied with to 8 bits, too, so that its outputs differ from these.");
        }

        return tensor.Shape.SequenceEqual(shape) ? values : throw _to.Refuse(
            Named(op), $"its weights '{tensor.Name}' are [{string.Join(", ", tensor.Shape)}], not [{string.Join(", ", shape)}]");
    }

    /// <summary>The name of what an operator reads, which may be a constant.</summary>
    public string Value(LiteOperator op, int input)
    {
        var index = input < op.Inputs.Length ? op.Inputs[input] : -1;
        if (index < 0)
        {
            throw _to.Refuse(Named(op), $"its input {input} is missing");
        }

        var tensor = _model.Tensors[index];
        if (_values[index] is null && tensor.IsConstant && tensor.Reals() is { } values)
        {
            _values[index] = _to.Constant($"constant{index}", tensor.Shape, values);
        }

        return _values[index] ?? throw _to.Refuse(
            Named(op),
            $"its input '{tensor.Name}' is {(tensor.IsConstant ? $"a constant of {tensor.TypeName}" : "made by nothing before it")}");
    }

    /// <summary>A function that stands in an operator's options.</summary>
    public string Activated(LiteOperator op, string value, int field, string layer = "") => Fused(op, field) is { } function
        ? _to.Node(layer, function, [value])
        : value;

    /// <summary>The name of the function in an operator's options; null for none.</summary>
    public string? Fused(LiteOperator op, int field)
    {
        var number = op.Options?.Byte(field) ?? 0;
        return number < s_fused.Length && s_fused[number] is not "" ? s_fused[number]
            : throw _to.Refuse(Named(op), $"its activation {number} is none of ReLU and tanh");
    }

    private int OutputOf(string? output)
    {
        if (output is not null)
        {
            return Array.FindIndex(_model.Tensors, t => t.Name == output) is >= 0 and var found && _makers[found] >= 0
                ? found
                : throw new InvalidDataException($"'{_file}': no operator makes '{output}'; the last are " +
                    $"{string.Join(", ", _model.Operators.TakeLast(6).Select(o => $"'{Output(o).Name}'"))}.");
        }

        return _model.Outputs is [>= 0 and var only] ? only : throw new InvalidDataException(
            $"'{_file}': it has {_model.Outputs.Length} outputs; name one: --part " +
            $"{string.Join(" or ", _model.Outputs.Where(o => o >= 0).Select(o => $"'{_model.Tensors[o].Name}'"))}.");
    }

    private HashSet<int> Needed(int output)
    {
        var needed = new HashSet<int>();
        var open = new Stack<int>([output]);
        while (open.TryPop(out var value))
        {
            if (value >= 0 && needed.Add(value) && _makers[value] >= 0)
            {
                Array.ForEach(_model.Operators[_makers[value]].Inputs, open.Push);
            }
        }

        return needed;
    }

    private void AddInput(int index)
    {
        var tensor = _model.Tensors[index];
        if (!tensor.IsFloat && !tensor.IsInteger)
        {
            throw new InvalidDataException(
                $"'{_file}': its input '{tensor.Name}' is {tensor.TypeName}: a quantised model, computed with 8 bits. Convert " +
                "the Keras model without quantisation (TFLiteConverter without optimizations), or import the Keras model itself.");
        }

        // A batch of one is what converters write where a batch of any size was meant.
        int[] shape = [.. tensor.Signature];
        if (shape.Length > 1 && shape[0] == 1)
        {
            shape[0] = -1;
        }

        _to.Input(tensor.Name, shape, tensor.IsInteger);
        _values[index] = tensor.Name;
    }

    private string Read(LiteOperator op)
    {
        if (!s_operators.TryGetValue(op.Code, out var known) || known.Read is null)
        {
            var isLoop = op.Code is 118 or 119;
            throw _to.Refuse(Named(op), isLoop
                ? "loops and branches are not read here, and a GRU is always written as one"
                : "no layer is written with this operator");
        }

        return op.Outputs is [>= 0]
            ? known.Read(this, op)
            : throw _to.Refuse(Named(op), $"it has {op.Outputs.Length} outputs, where one is expected");
    }

    private string Function(LiteOperator op, string name, params Onnx.Format.AttributeProto[] attributes) =>
        _to.Node(Translation.Layer(Output(op).Name, name), name, [Value(op, 0)], attributes);

    private string Arithmetic(LiteOperator op, string name)
    {
        var layer = Translation.Layer(Output(op).Name, name);
        return Activated(op, _to.Node(layer, name, [Value(op, 0), Value(op, 1)]), 0, layer);
    }

    private string Joined(LiteOperator op) => _to.Node(Translation.Layer(Output(op).Name, "Concat"), "Concat",
        Enumerable.Range(0, op.Inputs.Length).Select(k => Value(op, k)), ExportGraph.Attribute("axis", (long)(op.Options?.Int(0) ?? 0)));

    /// <summary>Numbers of another type, where they stay what they are.</summary>
    private string Cast(LiteOperator op)
    {
        var (from, to) = (Tensor(op, 0), Output(op));
        return from is not null && (from.IsInteger || (from.IsFloat && to.IsFloat)) && (to.IsInteger || to.IsFloat) ? Value(op, 0)
            : throw _to.Refuse(Named(op), $"it makes {to.TypeName} of {from?.TypeName ?? "nothing"}, which no layer does");
    }

    private string Gathered(LiteOperator op) => op.Options?.Int(1) is 0 or null
        ? _to.Node("", "Gather", [Value(op, 0), Value(op, 1)], ExportGraph.Attribute("axis", (long)(op.Options?.Int(0) ?? 0)))
        : throw _to.Refuse(Named(op), $"it picks from a table for each sample (batch_dims {op.Options?.Int(1)}), which no layer does");

    private string Squeezed(LiteOperator op)
    {
        var shape = Tensor(op, 0)?.Shape ?? [];
        var axes = op.Options?.Ints(0) is { Length: > 0 } listed ? listed : Enumerable.Range(0, shape.Length).Where(a => shape[a] == 1);
        return _to.Squeezed(Value(op, 0), [.. axes.Select(a => (long)a)]);
    }

    private string Softmax(LiteOperator op) => op.Options?.Float(0) is 1 or null
        ? _to.Node(Translation.Layer(Output(op).Name, "Softmax"), "Softmax", [Value(op, 0)], ExportGraph.Attribute("axis", -1L))
        : throw _to.Refuse(Named(op), $"its beta is {op.Options?.Float(0)}, where a layer's is 1");

    private string Reshaped(LiteOperator op)
    {
        var (shape, from) = (Output(op).Shape, Tensor(op, 0)!.Shape);
        var target = Array.ConvertAll(shape, s => (long)s);
        if (shape.Length > 0 && from.Length > 0 && shape[0] == from[0])
        {
            target[0] = 0;
        }

        return _to.Node("", "Reshape", [Value(op, 0), _to.Constant("shape", target)]);
    }

    private string Sliced(LiteOperator op)
    {
        int[] Places(int input) => Array.ConvertAll(Whole(op, input), v => (int)v);
        var options = op.Options;
        return options?.Int(2) is 0 or null && options?.Int(3) is 0 or null && options?.Flag(5) != true
            ? _to.Sliced(Value(op, 0), Places(1), Places(2), Places(3),
                (options?.Int(0) ?? 0, options?.Int(1) ?? 0, options?.Int(4) ?? 0))
            : throw _to.Refuse(Named(op), "its ellipsis, new axes or ends that are counted from the starts are not read");
    }

    private long[] Whole(LiteOperator op, int input) => Tensor(op, input)?.Integers() is { } values
        ? Array.ConvertAll(values, v => (long)v)
        : throw _to.Refuse(Named(op), $"its input {input} is no constant list of whole numbers");

    private string FullyConnected(LiteOperator op)
    {
        var (weight, output, input) = (Tensor(op, 1), Output(op), Tensor(op, 0));
        if (weight is not { Shape: [var units, var inputs] } || op.Options?.Byte(1) is > 0)
        {
            throw _to.Refuse(Named(op), "its weights are no matrix, or are shuffled");
        }

        var layer = Translation.Layer(output.Name, "Dense");
        var matrix = GateBlocks.Transpose(Weights(op, 1, units, inputs)!, units, inputs);
        var bias = Weights(op, 2, units);
        return Activated(op, Product(), 0, layer);

        string Product()
        {
            // Rows of all steps that a Flatten put next to each other.
            if (op.Inputs[0] is >= 0 and var source && _makers[source] is >= 0 and var maker
                && _model.Operators[maker] is { Code: Reshape } flatten
                && Tensor(flatten, 0)!.Shape is [var batch, var steps, var width] && steps > 1 && steps * width == inputs
                && input!.Shape is [var rows, _] && rows == batch)
            {
                return _to.Squeezed(_to.DenseOverSteps(layer, Value(flatten, 0), steps, width, matrix, units, bias), 1);
            }

            return input!.Shape.Length == output.Shape.Length
                ? _to.Dense(layer, Value(op, 0), matrix, units, bias)
                : throw _to.Refuse(Named(op), "it puts axes of its input together");
        }
    }
}
