using RnnCodegen.Interchange.Onnx.Format;
using RnnCodegen.Interchange.Onnx.Formulas;

namespace RnnCodegen.Interchange.Onnx;

/// <summary>
/// Follows a graph node by node without running it. Each value is known as what it is (constant, size, rows, final state), so that what
/// exporters leave around the layers, such as the making of zero states and the moving of axes, dissolves, and layers are what is left.
/// </summary>
internal sealed partial class GraphImport
{
    /// <summary>
    /// The oldest operator set read (before it, operators had other attributes) and the newest that the operators' code was written for.
    /// </summary>
    public const int OldestOpset = 7;
    public const int NewestOpset = 25;

    private readonly Dictionary<(string Domain, string Name), FunctionProto> _functions = [];
    // A node of a body weighs as much as a small constant.
    private const int NodeCost = 64;
    private const int MostNested = 32;

    private readonly Dictionary<string, Axis[]> _inputAxes = new(StringComparer.Ordinal);
    private readonly HashSet<DraftLayer> _joined = [];
    private readonly HashSet<string> _outputs;
    private readonly OnnxImportOptions _options;
    private readonly TensorReader _tensors;
    private long _budget = 1 << 20;
    private string? _input;
    private ValueScope _scope;

    public GraphImport(string file, string? folder, ModelProto model, OnnxImportOptions options)
    {
        (File, _options, Model) = (file, options, model);
        _tensors = new TensorReader(file, folder);
        Proto = model.Graph!;
        IsOwn = model.Producer == OnnxExporter.Producer;
        _outputs = new HashSet<string>(Proto.Outputs.Select(o => o.Name), StringComparer.Ordinal);
        _scope = new ValueScope(null, model.Opsets.GetValueOrDefault("", 0));
        if (Opset is < OldestOpset or > NewestOpset)
        {
            throw Error(
                $"it uses version {Opset} of ONNX's operators; {OldestOpset} to {NewestOpset} are read. Convert it, or export it for " +
                "another version, e.g. with opset_version=17");
        }
    }

    public string File { get; }

    public ModelProto Model { get; }

    public GraphProto Proto { get; }

    public long Opset => _scope.Opset;

    /// <summary>Whether this project wrote the file, so that its names say which nodes are one layer.</summary>
    public bool IsOwn { get; }

    /// <summary>The step that nodes are part of; null outside of steps.</summary>
    public StepContext? Step => _scope.Step;

    /// <summary>What rows are that no layer makes yet.</summary>
    public RowFormulas Formulas { get; } = new();

    /// <summary>The number of the node that is followed.</summary>
    public int NodeIndex { get; private set; }

    /// <summary>All layers, in an order in which each reads only what is before it. Some may have no reader.</summary>
    public List<DraftLayer> Layers { get; } = [];

    /// <summary>How many constants of the file were rounded to float.</summary>
    public int RoundedTensors { get; private set; }

    /// <summary>The element types other than Float that the graph computes in.</summary>
    public SortedSet<OnnxDataType> OtherReals { get; } = [];

    /// <summary>The input that layers read as rows; null where none does yet.</summary>
    public string? Input => _input;

    /// <summary>The recurrent nodes, whether or not the output needs them.</summary>
    public List<RecurrentRows> Recurrents { get; } = [];

    public InvalidDataException Error(string why) => new($"'{File}': {why}.");

    public Axis[] AxesOfInput(string name) => _inputAxes[name];

    /// <summary>The value of a name that exists.</summary>
    public GraphValue ValueOf(string name) => _scope.Find(name)!;

    /// <summary>Follows all nodes.</summary>
    /// <exception cref="InvalidDataException">The graph is no graph: a name
    /// is made twice or never, or a tensor is not what it claims.</exception>
    public void Run()
    {
        DefineConstants();

        // Before IR version 4, initializers were listed among the inputs.
        foreach (var input in Proto.Inputs.Where(i => _scope.Find(i.Name) is null))
        {
            DefineInput(input);
        }

        FollowNodes();
    }

    /// <summary>Follows all nodes as those of one step, whose inputs are rows of known sizes and states.</summary>
    /// <exception cref="InvalidDataException">The graph is no graph, or no step of known cells.</exception>
    /// <param name="isUnrolled">Whether the row is a whole sequence, of which each step is spelled out.</param>
    public void RunStep(bool isUnrolled)
    {
        _scope = new ValueScope(null, Opset) { Step = new StepContext() };
        DefineConstants();
        var step = new StepGraph(this);
        try
        {
            foreach (var input in Proto.Inputs.Where(i => _scope.Find(i.Name) is null))
            {
                SetSizes(input);
                Define(input.Name, _options.Constants.ContainsKey(input.Name) ? GivenValue(input) : step.Input(input));
            }

            for (NodeIndex = 0; NodeIndex < Proto.Nodes.Count; NodeIndex++)
            {
                Follow(Proto.Nodes[NodeIndex]);
            }

            string[] names = [.. Proto.Outputs.Select(o => o.Name)];
            foreach (var (name, value) in isUnrolled ? new UnrolledGraph(this).Outputs(names) : step.Outputs(names))
            {
                _scope.Replace(name, value);
            }
        }
        catch (RefusalException e)
        {
            throw Error(e.Message);
        }
    }

    /// <summary>The shape of a value of rows, by following the graph; null where that does not say it.</summary>
    public List<Dimension>? ShapeOf(string name)
    {
        Run();
        return _scope.Find(name) switch
        {
            RowsValue rows when Array.TrueForAll(rows.Axes, a => a.Parts.Length == 0) => Shape(rows.Axes),
            StatesValue states => Shape(states.Axes),
            RefusedValue { Axes: { } axes } => Shape(axes),
            FormulaValue value => [.. value.Shape.Select(
                (size, k) => value.Free[k] is { } free ? One(free, k) : new Dimension { Value = size })],
            _ => null,
        };

        List<Dimension> Shape(Axis[] axes) => [.. axes.Select(One)];

        Dimension One(Axis axis, int index) => axis.Size is { } size
            ? new Dimension { Value = size }
            : new Dimension { Symbol = axis.Role is AxisRole.Time or AxisRole.Batch ? $"{axis.Role}" : $"{name}_{index}" };
    }

    /// <summary>Says what the axes of an input are.</summary>
    public void SetAxes(string input, Axis[] axes) => _inputAxes[input] = axes;

    private void DefineConstants()
    {
        if (Proto.HasSparseInitializers)
        {
            throw Error("it has sparse initializers, which are not read; store them dense");
        }

        foreach (var function in Model.Functions)
        {
            if (function.Domain is "" or "ai.onnx")
            {
                throw Error(
                    $"it has a function '{function.Name}' of its own in place of ONNX's operator; inline the functions of the file");
            }

            if (!_functions.TryAdd((function.Domain, function.Name), function))
            {
                throw Error($"it has the function '{function.Name}' of '{function.Domain}' twice");
            }
        }

        foreach (var tensor in Proto.Initializers)
        {
            Define(tensor.Name, new ConstantValue(Read(tensor)));
        }

    }

    private void FollowNodes()
    {
        for (NodeIndex = 0; NodeIndex < Proto.Nodes.Count; NodeIndex++)
        {
            Follow(Proto.Nodes[NodeIndex]);
        }

        foreach (var name in _outputs)
        {
            switch (_scope.Find(name))
            {
                case null:
                    throw Error($"its output '{name}' is made by no node");
                case FormulaValue formula:
                    _scope.Replace(name, RowsOf(formula));
                    break;
            }
        }
    }

    /// <summary>The rows of an output that is a formula, or why there are none.</summary>
    private GraphValue RowsOf(FormulaValue formula)
    {
        try
        {
            return FormulaOps.ToRows(this, formula);
        }
        catch (RefusalException e)
        {
            return new RefusedValue(e.Message, formula.Origin, formula.Inputs);
        }
    }

    /// <summary>What could be done about an input that is not a constant.</summary>
    public string ConstantCure(string name) => _inputAxes.ContainsKey(name)
        ? $"it is an input of the graph: give its value in {nameof(OnnxImportOptions)}.{nameof(OnnxImportOptions.Constants)}"
        : "it has to be, because parameters do not depend on the input";

    /// <summary>Takes down that the graph computes in an element type, where that is one of other reals than layers compute in.</summary>
    public void ComputesIn(OnnxDataType type)
    {
        if (type.IsReal() && type != OnnxDataType.Float)
        {
            OtherReals.Add(type);
        }
    }

    /// <summary>A constant that stands in the file.</summary>
    public Constant Read(TensorProto tensor)
    {
        var constant = _tensors.Read(tensor);
        _budget += 4L * constant.Length;
        Formulas.Graph.Allow(constant.Length);
        RoundedTensors += tensor.Type == OnnxDataType.Double ? 1 : 0;
        return constant;
    }

    /// <summary>
    /// Accounts for a constant that folding makes. All of them together may be a few times as large as the file's own, so that no file
    /// makes the importer take memory that it does not itself fill.
    /// </summary>
    public void Spend(long length)
    {
        _budget -= length;
        if (_budget < 0 || length >= int.MaxValue)
        {
            throw new RefusalException("the constants that the graph computes are many times as large as those in the file");
        }
    }

    /// <summary>Adds a layer that reads rows, and says what it makes.</summary>
    public DraftLayer Add(DraftLayer layer)
    {
        for (var k = 0; k < layer.Sources.Length; k++)
        {
            layer.Sources[k] = Use(layer.Sources[k]);
        }

        layer.Order ??= NodeIndex;
        Layers.Add(layer);
        return layer;
    }

    /// <summary>The layer that a node's rows come from once something reads them, or the input.</summary>
    public RowSource Use(RowSource source)
    {
        switch (source)
        {
            case InputRows input:
                if (_input is not null && _input != input.Name)
                {
                    throw new RefusalException($"layers read both '{_input}' and '{input.Name}'; a model has one input of rows");
                }

                _input = input.Name;
                return input;
            case RecurrentRows recurrent:
                return Joined(recurrent.Sequence);
            default:
                return source;
        }
    }

    /// <summary>The layer that returns a recurrent node's final state.</summary>
    public DraftLayer UseFinal(RecurrentRows recurrent) => Joined(recurrent.Final);

    private DraftLayer Joined(DraftLayer layer)
    {
        if (_joined.Add(layer))
        {
            Add(layer);
        }

        return layer;
    }

    private void Define(string name, GraphValue value)
    {
        if (name.Length == 0 || !_scope.TryAdd(name, value))
        {
            throw Error(name.Length == 0 ? "an initializer or input has no name" : $"'{name}' is made twice");
        }
    }
}
