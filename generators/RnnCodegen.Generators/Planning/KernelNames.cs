using RnnCodegen.Generators.Graph;

namespace RnnCodegen.Generators.Planning;

/// <summary>The identifiers of a model's body for one width: of the members of its class, and of the pointers in its Memory struct.</summary>
internal sealed class KernelNames
{
    // What the class has by its base, and what each body has whatever its layers are called.
    private static readonly string[] s_members =
    [
        "Width", "PackedLength", "PackedForwardLength", "PackedBackwardLength", "PackedGradientsLength", "StepWorkspaceLength", "RunWorkspaceLength", "TapeLength",
        "TrainingWorkspaceLength", "Pack", "PackForward", "PackBackward", "Step", "Run", "Forward", "Backward", "AddGradients", "AddTokenGradients",
        "Equals", "Finalize", "GetHashCode", "GetType", "MemberwiseClone", "ReferenceEquals", "ToString",
        "Memory", "ChunkSteps", "CopyInputGradient", "RunSteps", "RunLast", "ForwardSteps", "ForwardLast", "BackwardSteps",
    ];

    private readonly NameTable _members;
    private readonly NameTable _fields;

    /// <param name="graph">The model.</param>
    /// <param name="types">Types that bodies call by their simple names, which a member of the same name would hide.</param>
    public KernelNames(ModelGraph graph, IEnumerable<string> types)
    {
        _members = new NameTable(s_members.Concat(types));
        _fields = new NameTable(SharedFields(graph).Concat(["Run", "Tape", "Training", "Equals", "Finalize", "GetHashCode", "GetType", "MemberwiseClone", "ReferenceEquals", "ToString"]));
    }

    /// <summary>The names of what is generated for a node.</summary>
    public NodeNames For(Node node) => new(this, node);

    /// <summary>A member that no node owns: a tile, a part of a list of calls.</summary>
    public string Shared(string name) => _members.Of(this, name, name);

    /// <summary>A method of a node. Methods start with a capital, as no local does, so that none can hide one.</summary>
    public string Method(Node node, string part) => _members.Of(node, part, Capital(node.Name) + part);

    /// <summary>The window of a node, a static field.</summary>
    public string Window(WindowNode node) => _members.Of(node, "s_", $"s_{char.ToLowerInvariant(node.Name[0])}{node.Name.Substring(1)}");

    /// <summary>A pointer of a node's.</summary>
    public string Field(Node node, string part) => _fields.Of(node, part, node.Name + part);

    /// <summary>A value's pointer.</summary>
    public string Value(Value value) => _fields.Of(value, "Value", value.IsInput ? "Input" : $"{value.Name}Value");

    /// <summary>The pointer to a value's gradient.</summary>
    public string Gradient(Value value) => _fields.Of(value, "Gradient", value.IsInput ? "InputGradient" : $"{value.Name}ValueGradient");

    /// <summary>The pointer to the gradient of one of a node's <see cref="Node.Vectors"/>.</summary>
    public string VectorGradient(Node node, string vector) => Field(node, $"{Capital(vector)}Gradient");

    /// <summary>The pointer to the gradient of a product of more than two factors, times all of them but one.</summary>
    public string Factors(MultiplyNode node) => Field(node, "Factors");

    /// <summary>The pointer to what a pooled sequence added up to.</summary>
    public string PooledState(SequencePoolNode pool) => Field(pool, "PooledState");

    /// <summary>The pointer to what a layer keeps of each row beside its output.</summary>
    public string Statistics(Node node) => Field(node, "Statistics");

    /// <summary>The pointer to a state's second place.</summary>
    public static string Other(string state) => $"Other{state.ToUpperInvariant()}";

    /// <summary>Starts the names of the pointers to the valid steps of an axis that windows made; its number follows.</summary>
    public const string Lengths = "Lengths";

    /// <summary>The pointer to the low parts of vectors' gradients.</summary>
    public const string VectorLows = "VectorLows";

    /// <summary>The pointer to the sums that the backward pass of an attention makes.</summary>
    public const string AttentionSums = "AttentionSums";

    private static string Capital(string name) => char.ToUpperInvariant(name[0]) + name.Substring(1);

    /// <summary>The pointers that layers share, which the emitters know by these names.</summary>
    private static IEnumerable<string> SharedFields(ModelGraph graph)
    {
        var cells = graph.Nodes.OfType<RecurrentNode>().Select(r => r.Cell).ToList();
        var products = cells.SelectMany(c => c.Stages.OfType<ProductStage>()).Select(p => p.Name).Distinct();
        var vectors = cells.SelectMany(c => c.Stages.OfType<PointwiseStage>()).SelectMany(s => s.Outputs).Where(o => !o.IsState).Select(o => o.Name.ToUpperInvariant()).Distinct();
        var states = cells.SelectMany(c => c.States).Select(s => s.Name).Distinct();
        return
        [
            "Gates", "GateGradients", VectorLows, AttentionSums, .. products.SelectMany(p => new[] { $"Gates{p}", $"GateGradients{p}" }),
            .. vectors.SelectMany(v => new[] { $"Vector{v}", $"VectorGradient{v}" }), .. states.Select(Other),
            .. Enumerable.Range(1, graph.Axes.Count).Select(k => $"{Lengths}{k}"),
        ];
    }
}

/// <summary>The names of what is generated for one node.</summary>
internal readonly record struct NodeNames(KernelNames Names, Node Node)
{
    /// <summary>A method.</summary>
    public string this[string part] => Names.Method(Node, part);

    /// <summary>A pointer of the Memory struct.</summary>
    public string Field(string part) => Names.Field(Node, part);
}
