using RnnCodegen.Interchange.Onnx.Format;
using RnnCodegen.Interchange.Onnx.Formulas;

namespace RnnCodegen.Interchange.Onnx;

/// <summary>One node as its operator's code sees it: what it reads, and its attributes, none of which may stay unread.</summary>
/// <param name="graph">The graph.</param>
/// <param name="node">The node.</param>
/// <param name="inputs">What it reads; null where an optional input is left out.</param>
internal sealed class NodeReader(GraphImport graph, NodeProto node, GraphValue?[] inputs)
{
    private readonly Dictionary<string, AttributeProto> _attributes = Index(node);
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);
    private readonly bool[] _readInputs = new bool[inputs.Length];

    public GraphImport Graph => graph;

    public string Op => node.Op;

    public string Scope { get; } = NodeScope.Of(node);

    public long Opset => graph.Opset;

    public int InputCount => inputs.Length;

    public int OutputCount => node.Outputs.Count;

    public string InputName(int index) => index < node.Inputs.Count ? node.Inputs[index] : "";

    public string OutputName(int index) => node.Outputs[index];

    /// <summary>Where the inputs' numbers come from.</summary>
    public Origin Origin => inputs.Aggregate(Origin.None, (all, input) => all | (input?.Origin ?? Origin.None));

    /// <summary>The node in words.</summary>
    public string Subject => $"node {Describe(node)}";

    /// <summary>The error of this node.</summary>
    public RefusalException Refuse(string why) => new($"{Subject}: {why}");

    public static string Describe(NodeProto node) => node.Name.Length > 0 ? $"'{node.Name}' ({node.Op})"
        : $"{node.Op} that makes '{node.Outputs.FirstOrDefault(o => o.Length > 0)}'";

    public bool Has(int index) => Peek(index) is not null;

    /// <summary>An input that has to be there and to be understood.</summary>
    public GraphValue Input(int index) => Optional(index) ?? throw Refuse($"it lacks its input {index}");

    /// <summary>An input that may be left out, but has to be understood where it is there.</summary>
    public GraphValue? Optional(int index) => Peek(index) is RefusedValue refused
        ? throw new RefusalException(refused.Reason)
        : Peek(index);

    /// <summary>An input, understood or not.</summary>
    public GraphValue? Peek(int index)
    {
        if (index >= inputs.Length)
        {
            return null;
        }

        _readInputs[index] = true;
        return inputs[index];
    }

    /// <summary>An input that has to be known numbers.</summary>
    public Constant Constant(int index, string what) => Input(index) is ConstantValue { Tensor: var tensor }
        ? tensor
        : throw Refuse($"its {what}, input '{InputName(index)}', is not a constant of the file; {graph.ConstantCure(InputName(index))}");

    public Constant? OptionalConstant(int index, string what) => Has(index) ? Constant(index, what) : null;

    /// <summary>An input that has to be known reals, all finite.</summary>
    public Constant Weights(int index, string what)
    {
        var tensor = Constant(index, what);
        var bad = Array.FindIndex(tensor.ToReals(), v => !float.IsFinite(v));
        return bad < 0
            ? tensor
            : throw Refuse($"value {bad} of its {what}, '{InputName(index)}', is {tensor.ToReals()[bad]}; weights must be finite");
    }

    /// <summary>Rows to which steps of zeros may have been added, which they are given without.</summary>
    public RowsValue PaddedRows(int index, out int left, out int right)
    {
        (left, right) = (Input(index) as RowsValue)?.TimePads ?? (0, 0);
        if ((left, right) == (0, 0))
        {
            return Rows(index);
        }

        var padded = (RowsValue)Input(index);
        return new RowsValue(padded.Source, padded.Axes);
    }

    /// <summary>An input that has to be rows of numbers.</summary>
    public RowsValue Rows(int index)
    {
        var value = Input(index);
        if (value is InputPartValue { Reason: var reason })
        {
            throw new RefusalException(reason);
        }

        var rows = value as RowsValue ?? (value switch
        {
            StatesValue states => RecurrentOps.ToRows(this, states),
            FormulaValue formula => FormulaOps.ToRows(graph, formula),
            _ => null,
        }) ?? throw Refuse($"its input '{InputName(index)}' is {Kind(value)} where rows of a sequence are needed");
        if (rows.TimePads != default)
        {
            throw Refuse($"it reads '{InputName(index)}', to which a Pad adds steps; only a convolution can read those");
        }

        return rows.Source is InputRows { IsTokens: true }
            ? throw Refuse($"it reads the integers of '{InputName(index)}', which only a Gather from a table can")
            : rows;
    }

    public long Integer(string name, long otherwise) => Find(name, AttributeKind.Integer)?.Integer ?? otherwise;

    public float Real(string name, float otherwise) => Find(name, AttributeKind.Float)?.Float ?? otherwise;

    public string Text(string name, string otherwise) => Find(name, AttributeKind.Text)?.Text ?? otherwise;

    public IReadOnlyList<long>? Integers(string name) => Find(name, AttributeKind.Integers)?.Integers;

    public IReadOnlyList<float>? Reals(string name) => Find(name, AttributeKind.Floats)?.Floats;

    public IReadOnlyList<string>? Texts(string name) => Find(name, AttributeKind.Texts)?.Texts;

    public GraphProto? Body(string name) => Find(name, AttributeKind.Graph)?.Graph;

    public TensorProto? Tensor(string name) => Find(name, AttributeKind.Tensor)?.Tensor;

    public bool HasAttribute(string name) => _attributes.ContainsKey(name);

    /// <summary>A list that is an attribute in older operator sets and an input in newer ones.</summary>
    public IReadOnlyList<long>? List(string name, int input) => HasAttribute(name) ? Integers(name)
        : OptionalConstant(input, name) is not { } tensor ? null
        : tensor.IntegerValues ?? throw Refuse($"its {name} are not integers");

    /// <summary>Refuses every value of an attribute but the one that changes nothing.</summary>
    public void Require(string name, long value, string why)
    {
        if (Integer(name, value) is var given && given != value)
        {
            throw Refuse($"attribute {name} is {given}; {why}");
        }
    }

    /// <summary>An axis counted from the front.</summary>
    public int Axis(long axis, int rank) => axis >= -rank && axis < rank
        ? (int)(axis < 0 ? axis + rank : axis)
        : throw Refuse($"axis {axis} is not one of a value with {rank} axes");

    /// <summary>Says that an input changes nothing.</summary>
    public void PassOver(int index) => _ = Peek(index);

    /// <summary>Refuses outputs beside the first.</summary>
    public void RequireOneOutput(string why)
    {
        if (node.Outputs.Skip(1).FirstOrDefault(o => o.Length > 0) is { } more)
        {
            throw Refuse($"it also makes '{more}'; {why}");
        }
    }

    /// <summary>Refuses the node where its operator's code has not asked for one of the attributes or inputs.</summary>
    public void CheckAllRead()
    {
        if (_attributes.Keys.FirstOrDefault(name => !_read.Contains(name)) is { } unread)
        {
            throw Refuse($"attribute {unread} has no counterpart");
        }

        if (Enumerable.Range(0, inputs.Length).FirstOrDefault(k => inputs[k] is not null && !_readInputs[k], -1) is >= 0 and var index)
        {
            throw Refuse($"its input {index}, '{InputName(index)}', has no counterpart");
        }
    }

    public static string Kind(GraphValue value) => value switch
    {
        ConstantValue or RepeatedValue => "a constant",
        SizesValue or RepeatedSizeValue => "a size",
        StatesValue => "a final state",
        InputPartValue => "a part of an input",
        StepWeightsValue => "a softmax over time",
        BeforeEndValue => "a comparison with a size",
        _ => "rows",
    };

    private AttributeProto? Find(string name, AttributeKind kind)
    {
        _read.Add(name);
        if (!_attributes.TryGetValue(name, out var attribute))
        {
            return null;
        }

        // Files of old IR versions have no kinds.
        return attribute.Kind == kind || attribute.Kind == AttributeKind.None
            ? attribute
            : throw Refuse($"attribute {name} is a {attribute.Kind} where a {kind} is meant");
    }

    private static Dictionary<string, AttributeProto> Index(NodeProto node)
    {
        var index = new Dictionary<string, AttributeProto>(StringComparer.Ordinal);
        foreach (var attribute in node.Attributes)
        {
            if (!index.TryAdd(attribute.Name, attribute))
            {
                throw new RefusalException($"node {Describe(node)}: attribute {attribute.Name} occurs twice");
            }
        }

        return index;
    }
}
