using RnnCodegen.Interchange.Onnx.Format;
using RnnCodegen.Interchange.Onnx.Formulas;

namespace RnnCodegen.Interchange.Onnx;

/// <summary>
/// Follows a graph node by node without running it. Each value is known as what it is (constant, size, rows, final state), so that what
/// exporters leave around the layers, such as the making of zero states and the moving of axes, dissolves, and layers are what is left.
/// </summary>
internal sealed class GraphImport
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
    public void RunStep()
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

            foreach (var (name, value) in step.Outputs([.. Proto.Outputs.Select(o => o.Name)]))
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
            return new RefusedValue(e.Message, Origin.Rows, []);
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
        RoundedTensors += tensor.Type == OnnxDataType.Double ? 1 : 0;
        return constant;
    }

    /// <summary>Follows the nodes of a body, which see what is outside it.</summary>
    /// <param name="body">The body of If, Loop or Scan.</param>
    /// <param name="inputs">What its inputs are.</param>
    /// <returns>Its outputs.</returns>
    /// <param name="step">The step that it is; null for what is around it.</param>
    public GraphValue[] FollowBody(GraphProto body, IReadOnlyList<GraphValue> inputs, StepContext? step = null)
    {
        if (body.HasSparseInitializers || body.Inputs.Count != inputs.Count)
        {
            throw new RefusalException(body.HasSparseInitializers
                ? "a body has sparse initializers, which are not read; store them dense"
                : $"a body has {body.Inputs.Count} inputs where its node gives {inputs.Count}");
        }

        return Follow(new ValueScope(_scope, Opset) { Step = step ?? _scope.Step }, () =>
        {
            foreach (var tensor in body.Initializers)
            {
                Define(tensor.Name, new ConstantValue(Read(tensor)));
            }

            for (var k = 0; k < inputs.Count; k++)
            {
                Define(body.Inputs[k].Name, inputs[k]);
            }

            return (body.Nodes, body.Outputs.Select(o => o.Name));
        });
    }

    /// <summary>Follows the nodes of a function of the file, which see its inputs and arguments alone.</summary>
    public GraphValue[] FollowFunction(FunctionProto function, NodeProto call, GraphValue?[] inputs)
    {
        var arguments = function.Defaults.Concat(call.Attributes).GroupBy(a => a.Name).ToDictionary(g => g.Key, g => g.Last());
        return Follow(new ValueScope(null, function.Opsets.GetValueOrDefault("", Opset)) { Step = _scope.Step }, () =>
        {
            for (var k = 0; k < Math.Min(inputs.Length, function.Inputs.Count); k++)
            {
                if (inputs[k] is { } value)
                {
                    Define(function.Inputs[k], value);
                }
            }

            // An optional input that a call leaves out is left out wherever the function gives it on.
            var missing = function.Inputs.Where((_, k) => k >= inputs.Length || inputs[k] is null).ToHashSet(StringComparer.Ordinal);
            return (function.Nodes.Select(n => n.InCall(arguments, missing)), function.Outputs);
        });
    }

    private GraphValue[] Follow(ValueScope scope, Func<(IEnumerable<NodeProto> Nodes, IEnumerable<string> Outputs)> open)
    {
        var outer = _scope;
        if (scope.Depth(outer) > MostNested)
        {
            throw new RefusalException($"bodies and functions are nested deeper than {MostNested}");
        }

        _scope = scope;
        try
        {
            var (nodes, outputs) = open();
            foreach (var node in nodes)
            {
                // However often bodies and functions are called, all their nodes together are bounded as constants are.
                Spend(NodeCost);
                Follow(node);
            }

            return [.. outputs.Select(name => _scope.Find(name) ?? throw Error($"the output '{name}' of a body is made by no node"))];
        }
        finally
        {
            _scope = outer;
        }
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

    private void DefineInput(ValueInfoProto input)
    {
        if (_options.Constants.ContainsKey(input.Name))
        {
            Define(input.Name, GivenValue(input));
            return;
        }

        SetSizes(input);
        var isTokens = input.Type.IsInteger();
        var reason = input.Shape is null ? $"input '{input.Name}' has no shape; export the model with the shapes of its inputs"
            : input.Shape.Count > Constant.MaxRank ? $"input '{input.Name}' has {input.Shape.Count} axes"
            : input.Shape.Any(d => d.Value is < 1)
                ? $"input '{input.Name}' has an axis of size {input.Shape.First(d => d.Value is < 1).Value}"
            : !isTokens && !input.Type.IsReal()
                ? $"input '{input.Name}' is {input.Type}; rows are reals, token ids integers"
            : null;
        var axes = reason is null ? input.Shape!.Select(d => new Axis(size: d.Value) { Symbol = d.Symbol }).ToArray() : [];
        _inputAxes[input.Name] = axes;
        ComputesIn(input.Type);
        Define(input.Name,
            reason is null
                ? new RowsValue(new InputRows(input.Name, input.Type), axes)
                : new RefusedValue(reason, Origin.Inputs, [input.Name]));
    }

    private ConstantValue GivenValue(ValueInfoProto input)
    {
        var given = _options.Constants[input.Name];
        return new ConstantValue(input.Type.IsReal()
            ? Constant.Of([.. given.Shape], given.Values)
            : Constant.Of([.. given.Shape], Array.ConvertAll(given.Values, v => (long)v)));
    }

    /// <summary>Gives the axes that the file leaves open the sizes that are said.</summary>
    private void SetSizes(ValueInfoProto input)
    {
        foreach (var dimension in (input.Shape ?? []).Where(d => d.Value is null && d.Symbol is not null))
        {
            dimension.Value = _options.Sizes.TryGetValue(dimension.Symbol!, out var size) ? size : null;
        }
    }

    private void Follow(NodeProto node)
    {
        var inputs = new GraphValue?[node.Inputs.Count];
        for (var k = 0; k < inputs.Length; k++)
        {
            if (node.Inputs[k].Length == 0)
            {
                continue;
            }

            inputs[k] = _scope.Find(node.Inputs[k]);
            if (inputs[k] is null)
            {
                throw Error(
                    $"node {NodeReader.Describe(node)} reads '{node.Inputs[k]}', which no input, initializer or earlier node makes: " +
                    "the graph is incomplete, out of order or goes in a circle");
            }
        }

        var results = Results(node, inputs);
        for (var k = 0; k < node.Outputs.Count; k++)
        {
            if (node.Outputs[k].Length == 0)
            {
                continue;
            }

            if (!_scope.TryAdd(node.Outputs[k],
                k < results.Length ? results[k] : Refused($"node {NodeReader.Describe(node)}: its output {k} is not read", inputs)))
            {
                throw Error($"node {NodeReader.Describe(node)} makes '{node.Outputs[k]}', which is there already");
            }
        }
    }

    private GraphValue[] Results(NodeProto node, GraphValue?[] inputs)
    {
        try
        {
            if (node.Domain is not ("" or "ai.onnx"))
            {
                return _functions.TryGetValue((node.Domain, node.Op), out var function)
                    ? FollowFunction(function, node, inputs)
                    : throw new RefusalException(
                        $"node {NodeReader.Describe(node)} is of the operators of '{node.Domain}', not of ONNX's own" +
                        (node.Domain.StartsWith("com.microsoft", StringComparison.Ordinal)
                            ? ": ONNX Runtime's optimisations make such; give the file that it was made of"
                            : ""));
            }

            return ResultsOf(node, inputs);
        }
        catch (RefusalException e)
        {
            var refused = Refused(e.Message, inputs, e.IsWhole);
            return [.. node.Outputs.Select(_ => refused)];
        }
    }

    private GraphValue[] ResultsOf(NodeProto node, GraphValue?[] inputs)
    {
        if (Step is not null && (inputs.Any(i => i is FormulaValue or RowsValue) || StepOps.CountsSamples(node, inputs)))
        {
            return Read(StepOps.Follow);
        }

        var takesFormulas = FormulaOps.Takes(node.Op);
        Operators.Table.TryGetValue(node.Op, out var follow);
        if (takesFormulas && (inputs.Any(i => i is FormulaValue) || (follow is null && inputs.Any(i => i is RowsValue or StatesValue))
            || TimeOps.IsOverFeatures(node, inputs)))
        {
            return Read(FormulaOps.Follow);
        }

        if (follow is null)
        {
            throw new RefusalException($"node {NodeReader.Describe(node)}: this operator has no counterpart among the layers");
        }

        try
        {
            return Read(follow);
        }
        catch (RefusalException) when (node.Op is "Clip" or "Div" or "Sqrt" && inputs.Any(i => i is RowsValue)
            && inputs.All(i => i is RowsValue or ConstantValue or null))
        {
            try
            {
                return Read(FormulaOps.Follow);
            }
            catch (RefusalException)
            {
                // What no formula takes either is refused for the first reason.
            }

            throw;
        }

        GraphValue[] Read(Func<NodeReader, GraphValue[]> operation)
        {
            var reader = new NodeReader(this, node, inputs);
            var results = operation(reader);
            reader.CheckAllRead();
            return results;
        }
    }

    private static RefusedValue Refused(string reason, GraphValue?[] inputs, bool isWhole = false)
    {
        var first = inputs.OfType<RefusedValue>().FirstOrDefault();
        var origin = inputs.Aggregate(Origin.None, (all, input) => all | (input?.Origin ?? Origin.None));

        // What is made of more inputs than this is no state.
        const int Most = 8;
        var names = inputs.SelectMany(i => i?.Inputs ?? []).Distinct(StringComparer.Ordinal).Take(Most).ToList();
        return new RefusedValue(isWhole ? reason : first?.Reason ?? reason, origin, names);
    }
}
