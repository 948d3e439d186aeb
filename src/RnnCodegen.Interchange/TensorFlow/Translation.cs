using RnnCodegen.Interchange.Onnx;
using RnnCodegen.Interchange.Onnx.Format;

namespace RnnCodegen.Interchange.TensorFlow;

/// <summary>
/// A graph of TensorFlow in ONNX's operators, which is then read as ONNX is: what a node is called, and which axes are which, is decided
/// in one place for both.
/// </summary>
/// <param name="file">The file's name in messages.</param>
/// <param name="format">What its format is called.</param>
internal sealed class Translation(string file, string format)
{
    private const int OperatorSet = 17;
    private const int FormatVersion = 8;

    private static readonly Dictionary<string, (float Alpha, float Beta)> s_parameters = new(StringComparer.Ordinal)
    {
        ["HardSigmoid"] = (0.2f, 0.5f),
        ["Affine"] = (1, 0),
    };

    private static readonly string[] s_ignored =
    [
        "matmul", "biasadd", "add", "read", "tensordot", "readvariableop", "kernel", "bias", "identity", "while", "strided_slice",
        "transpose", "statefulpartitionedcall",
    ];

    private readonly ExportGraph _graph = new();
    private readonly HashSet<float> _clips = [];

    /// <summary>What was decided on the way, a sentence each.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>Adds an input.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">Its sizes; below 1 where calls may differ.</param>
    /// <param name="isInteger">Whether its values are token ids.</param>
    public void Input(string name, IReadOnlyList<int> shape, bool isInteger)
    {
        _graph.Reserve(name);
        _graph.Proto.Inputs.Add(new ValueInfoProto
        {
            Name = name, Type = isInteger ? OnnxDataType.Int64 : OnnxDataType.Float,
            Shape = [.. shape.Select((s, axis) => s > 0 ? new Dimension { Value = s } : new Dimension { Symbol = $"axis{axis}" })],
        });
    }

    /// <summary>Names the output.</summary>
    public void Output(string value, string name)
    {
        _graph.Rename(value, name);
        _graph.Proto.Outputs.Add(new ValueInfoProto { Name = name, Type = OnnxDataType.Float });
    }

    /// <summary>A layer's name after the last part of a node's name that says something.</summary>
    public static string Layer(string name, string kind)
    {
        var parts = name.Split(';')[0].Split('/', StringSplitOptions.RemoveEmptyEntries)
            .Select(p => p.Split(':')[0]).Where(p => !p.Contains('.') && p.Length > 1)
            .Where(p => !s_ignored.Contains(p.TrimEnd('_', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9').ToLowerInvariant())).ToList();
        return parts.Count == 0 ? kind : parts[^1];
    }

    /// <summary>Adds a node, and returns its output.</summary>
    public string Node(string layer, string op, IEnumerable<string> inputs, params IEnumerable<AttributeProto> attributes) =>
        _graph.Node(layer, op, inputs, attributes);

    /// <summary>Adds a constant of float32.</summary>
    public string Constant(string name, int[] shape, float[] values) => _graph.Constant(name, shape, values);

    /// <summary>Adds a list of whole numbers.</summary>
    public string Constant(string name, params long[] values) => _graph.Constant(name, values);

    /// <summary>Axes in a new order.</summary>
    public string Transposed(string value, params long[] order) =>
        Node("", "Transpose", [value], ExportGraph.Attribute("perm", order));

    /// <summary>A value without axes of size 1.</summary>
    public string Squeezed(string value, params long[] axes) => Node("", "Squeeze", [value, Constant("axes", axes)]);

    /// <summary>An axis from its end to its start.</summary>
    public string Reversed(string value, long axis) => Node("", "Slice",
        [value, Constant("starts", -1), Constant("ends", -int.MaxValue), Constant("axes", axis), Constant("steps", -1)]);

    /// <summary>A product with a matrix [inputs, units], a bias and a function.</summary>
    public string Dense(string layer, string value, float[] matrix, int units, float[]? bias)
    {
        var product = Node(layer, "MatMul", [value, Constant($"{layer}.weight", [matrix.Length / units, units], matrix)]);
        return bias is null ? product : Node(layer, "Add", [product, Constant($"{layer}.bias", [units], bias)]);
    }

    /// <summary>
    /// A dense layer over all features of all steps [N, T, F], step by step: a convolution of as many steps, whose one row is it.
    /// </summary>
    /// <param name="layer">The layer's name.</param>
    /// <param name="value">The rows.</param>
    /// <param name="steps">Steps T.</param>
    /// <param name="width">Features F.</param>
    /// <param name="matrix">The weights [T F, units].</param>
    /// <param name="units">Outputs.</param>
    /// <param name="bias">The bias; null for none.</param>
    public string DenseOverSteps(string layer, string value, int steps, int width, float[] matrix, int units, float[]? bias)
    {
        var kernel = new float[matrix.Length];
        for (var t = 0; t < steps; t++)
        {
            for (var i = 0; i < width; i++)
            {
                for (var unit = 0; unit < units; unit++)
                {
                    kernel[(((unit * width) + i) * steps) + t] = matrix[(((t * width) + i) * units) + unit];
                }
            }
        }

        Notes.Add($"'{layer}' reads all {steps} steps at once: a convolution of as many steps, whose one row is the output.");
        string[] inputs = [Transposed(value, 0, 2, 1), Constant($"{layer}.weight", [units, width, steps], kernel)];
        var rows = Node(layer, "Conv", bias is null ? inputs : [.. inputs, Constant($"{layer}.bias", [units], bias)],
            ExportGraph.Attribute("kernel_shape", (long[])[steps]), ExportGraph.Attribute("pads", (long[])[0, 0]),
            ExportGraph.Attribute("strides", (long[])[1]));
        return Transposed(rows, 0, 2, 1);
    }

    /// <summary>Parts of axes, as TensorFlow's StridedSlice takes them.</summary>
    /// <param name="value">The value.</param>
    /// <param name="begin">First places.</param>
    /// <param name="end">Places behind the last.</param>
    /// <param name="strides">Steps between places.</param>
    /// <param name="masks">Bits of the axes whose begin, whose end is all there is, and which are taken away.</param>
    public string Sliced(string value, int[] begin, int[] end, int[] strides, (long Begin, long End, long Shrink) masks)
    {
        var axes = Enumerable.Range(0, begin.Length).Where(
            a => (masks.Shrink >> a & 1) != 0 || (masks.Begin >> a & 1) == 0 || (masks.End >> a & 1) == 0 || strides[a] != 1).ToArray();
        var gone = axes.Where(a => (masks.Shrink >> a & 1) != 0).Select(a => (long)a).ToArray();
        if (axes.Length > 0)
        {
            value = Node("", "Slice",
            [
                value, Constant("starts", [.. axes.Select(a => Start(a))]), Constant("ends", [.. axes.Select(End)]),
                Constant("axes", [.. axes.Select(a => (long)a)]), Constant("steps", [.. axes.Select(a => (long)strides[a])]),
            ]);
        }

        return gone.Length == 0 ? value : Squeezed(value, gone);

        long Start(int axis) => (masks.Shrink >> axis & 1) == 0 && (masks.Begin >> axis & 1) != 0
            ? strides[axis] > 0 ? 0 : int.MaxValue
            : begin[axis];

        long End(int axis) => (masks.Shrink >> axis & 1) != 0 ? begin[axis] == -1 ? int.MaxValue : begin[axis] + 1
            : (masks.End >> axis & 1) != 0 ? strides[axis] > 0 ? int.MaxValue : -int.MaxValue
            : end[axis];
    }

    /// <summary>Adds a recurrent node over rows [T, N, I], and returns its output rows [T, N, H] and its last state [N, H].</summary>
    public (string Rows, string Last) Recurrent(string layer, RecurrentWeights cell, string rows)
    {
        var (h, i, gates) = (cell.Units, cell.Inputs, cell.W.Length);
        List<string> inputs =
        [
            rows,
            Constant($"{layer}.W", [1, gates * h, i], [.. cell.W.SelectMany(m => m)]),
            Constant($"{layer}.R", [1, gates * h, h], [.. cell.R.SelectMany(m => m)]),
            Constant($"{layer}.B", [1, 2 * gates * h], [.. cell.InputBias.SelectMany(b => b), .. cell.StateBias.SelectMany(b => b)]),
        ];
        if (cell.Peepholes is { } peepholes)
        {
            inputs.AddRange(["", "", "", Constant($"{layer}.P", [1, 3 * h], [.. peepholes.SelectMany(p => p)])]);
        }

        List<AttributeProto> attributes =
        [
            ExportGraph.Attribute("hidden_size", (long)h), ExportGraph.Attribute("activations", cell.Functions),
            .. cell.Op == "GRU" ? [ExportGraph.Attribute("linear_before_reset", cell.ResetsAfter ? 1L : 0L)] : (AttributeProto[])[],
        ];
        // In the order of the functions, a value for each that takes one.
        List<(float Alpha, float Beta)> values = [.. cell.Functions.Where(s_parameters.ContainsKey).Select(f => s_parameters[f])];
        if (values.Count > 0)
        {
            attributes.Add(ExportGraph.Attribute("activation_alpha", values.ConvertAll(v => v.Alpha)));
            attributes.Add(ExportGraph.Attribute("activation_beta", values.ConvertAll(v => v.Beta)));
        }

        if (cell.Op == "LSTM")
        {
            _clips.Add(cell.CellClip);
        }

        var outputs = _graph.Node(layer, cell.Op, inputs, attributes, outputs: 2);
        return (Squeezed(outputs[0], 1), Squeezed(outputs[1], 0));
    }

    /// <summary>The model.</summary>
    /// <exception cref="InvalidDataException">Something in it is no layer; the message names it and the cure.</exception>
    public ModelDescription Read()
    {
        var bytes = new ModelProto { IrVersion = FormatVersion, Producer = format, Opsets = { [""] = OperatorSet } }.Write(_graph.Proto);
        var model = OnnxImporter.Read(bytes, file);
        model.Notes.AddRange(Notes);
        BoundCells(model);
        return model;
    }

    /// <summary>Bounds the cells, which ONNX has no word for.</summary>
    private void BoundCells(ModelDescription model)
    {
        if (_clips.Count > 1)
        {
            throw new InvalidDataException(
                $"'{file}': the cells of its LSTMs are bounded by different numbers, {string.Join(", ", _clips)}; import the Keras model.");
        }

        for (var k = 0; k < model.Layers.Count && _clips.FirstOrDefault() is > 0 and var clip; k++)
        {
            if (model.Layers[k] is { Options: LstmAttribute lstm } layer)
            {
                model.Layers[k] = layer with { Options = AttributeText.With(lstm, nameof(LstmAttribute.CellClip), clip) };
            }
        }
    }

    /// <summary>The error of something that is not read, with the way around it.</summary>
    public InvalidDataException Refuse(string node, string why) => new(
        $"'{file}' ({format}): {node}: {why}. Name an output before it with --part, convert the file with tf2onnx and import that, or " +
        "import the Keras model that it was made of.");
}

/// <summary>The weights of a recurrent layer, a matrix a gate in ONNX's order: i, o, f, c; z, r, h; or one.</summary>
/// <param name="Op">ONNX's operator.</param>
/// <param name="Inputs">Features I.</param>
/// <param name="Units">Units H.</param>
/// <param name="W">Matrices [H, I].</param>
/// <param name="R">Matrices [H, H].</param>
/// <param name="InputBias">Biases [H].</param>
/// <param name="StateBias">Biases [H] inside of what a reset gate multiplies.</param>
/// <param name="Functions">The functions in ONNX's order.</param>
internal sealed record RecurrentWeights(
    string Op, int Inputs, int Units, float[][] W, float[][] R, float[][] InputBias, float[][] StateBias,
    IReadOnlyList<string> Functions)
{
    /// <summary>What an LSTM's cells are bounded by, before they are carried on; 0 for nothing.</summary>
    public float CellClip { get; init; }

    /// <summary>Whether a GRU's reset gate multiplies the product.</summary>
    public bool ResetsAfter { get; init; }

    /// <summary>Peepholes of i, o, f; null for none.</summary>
    public float[][]? Peepholes { get; init; }
}
