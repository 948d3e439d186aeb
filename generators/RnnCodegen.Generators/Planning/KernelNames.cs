using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Lowering;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Planning;

/// <summary>
/// The identifiers of a model's body for one width: of the members of its class, and of the pointers in its Memory struct.
/// </summary>
internal sealed class KernelNames
{
    // What the class has by its base, and what each body has whatever its layers are called.
    private static readonly string[] s_members =
    [
        "Width", "PackedLength", "PackedForwardLength", "PackedBackwardLength", "PackedGradientsLength", "StepWorkspaceLength",
        "RunWorkspaceLength", "TapeLength", "TrainingWorkspaceLength", "Pack", "PackForward", "PackBackward", "Step", "Run", "Forward",
        "Backward", "AddGradients", "AddTokenGradients", "Equals", "Finalize", "GetHashCode", "GetType", "MemberwiseClone",
        "ReferenceEquals", "ToString",
        "Memory", "ChunkSteps", "CopyInputGradient", "RunSteps", "RunLast", "ForwardSteps", "ForwardLast", "BackwardSteps",
    ];

    /// <summary>The pointer to the low parts of vectors' gradients.</summary>
    public const string VectorLows = "VectorLows";

    private readonly NameTable _members;
    private readonly NameTable _fields;

    private readonly List<TimeAxis> _axes;

    /// <param name="program">The model.</param>
    /// <param name="types">Types that bodies call by their simple names, which a member of the same name would hide.</param>
    public KernelNames(ModelProgram program, IEnumerable<string> types)
    {
        _members = new NameTable(s_members.Concat(types));
        _axes = [.. program.Graph.Axes];

        // What is shared has the same name in every model.
        var shared = program.Buffers.Where(b => IsShared(b.Role)).Select(b => Shared(b.Role, b.Part))
            .Concat(program.Buffers.Where(b => b.Role == BufferRole.Lengths).Select(Of))
            .Concat(program.Graph.Nodes.OfType<RecurrentNode>().SelectMany(r => r.Cell.States)
                .Select(s => Shared(BufferRole.OtherState, s.Name)));
        _fields = new NameTable([
            "Gates", "Sums", "GateGradients", VectorLows, Shared(BufferRole.AttentionSums, ""), .. shared, "Run", "Tape", "Training", "Low",
            "Equals", "Finalize", "GetHashCode", "GetType", "MemberwiseClone", "ReferenceEquals", "ToString"]);
    }

    /// <summary>The names of what is generated for a node.</summary>
    public NodeNames For(Node node) => new(this, node);

    /// <summary>A member that no node owns: a tile, a part of a list of calls.</summary>
    public string Shared(string name) => _members.Of(this, name, name);

    /// <summary>A member of its own, called as it wishes where that is free.</summary>
    public string New(string wish) => _members.Of(new object(), "", wish);

    /// <summary>Where something of a node starts among the packed weights, a constant.</summary>
    public string Offset(Node node, string part) => _members.Of(node, $"{part}/", Capital(node.Name) + Capital(part));

    /// <summary>A method of a node. Methods start with a capital, as no local does, so that none can hide one.</summary>
    public string Method(Node node, string part) => _members.Of(node, part, Capital(node.Name) + part);

    /// <summary>The window of a node, a static field.</summary>
    public string Window(WindowNode node) => _members.Of(node, "s_", $"s_{char.ToLowerInvariant(node.Name[0])}{node.Name.Substring(1)}");

    /// <summary>A pointer of a node's own.</summary>
    public string Field(Node node, string part) => _fields.Of(node, part, node.Name + part);

    /// <summary>The pointer to a buffer. Layers share what they need for a step or a chunk of steps alone.</summary>
    public string Of(Lowering.Buffer buffer) => buffer.Role switch
    {
        BufferRole.Value => _fields.Of(buffer.Owner, "Value",
            buffer.Owner is Value { IsInput: true } ? "Input" : $"{((Value)buffer.Owner).Name}Value"),
        BufferRole.Gradient => _fields.Of(buffer.Owner, "Gradient",
            buffer.Owner is Value { IsInput: true } ? "InputGradient" : $"{((Value)buffer.Owner).Name}ValueGradient"),
        BufferRole.VectorGradient => Field((Node)buffer.Owner, $"{Capital(buffer.Part)}Gradient"),
        BufferRole.Kept or BufferRole.Statistics => Field((Node)buffer.Owner, Capital(buffer.Part)),
        BufferRole.Windows or BufferRole.WindowGradients or BufferRole.Products => Field((Node)buffer.Owner, $"{buffer.Role}"),
        BufferRole.Lengths => $"Lengths{_axes.IndexOf((TimeAxis)buffer.Owner)}",
        _ => Shared(buffer.Role, buffer.Part),
    };

    /// <summary>Whether the layers' buffers of a role are one, as large as the largest needs.</summary>
    public static bool IsShared(BufferRole role) => role is
        BufferRole.Gates or BufferRole.StepGates or BufferRole.StepVector or BufferRole.OtherState or BufferRole.RowSums or
        BufferRole.GateGradients or BufferRole.StepGateGradients or BufferRole.StepVectorGradient or BufferRole.AttentionSums;

    private static string Capital(string name) => char.ToUpperInvariant(name[0]) + name.Substring(1);

    private static string Shared(BufferRole role, string part) => role switch
    {
        BufferRole.Gates => "Gates",
        BufferRole.StepGates => $"Gates{part}",
        BufferRole.StepVector => $"Vector{part.ToUpperInvariant()}",
        BufferRole.OtherState => $"Other{part.ToUpperInvariant()}",
        BufferRole.RowSums => "Sums",
        BufferRole.GateGradients => "GateGradients",
        BufferRole.StepGateGradients => $"GateGradients{part}",
        BufferRole.AttentionSums => "AttentionSums",
        BufferRole.StepVectorGradient => $"VectorGradient{part.ToUpperInvariant()}",
        _ => throw new InvalidOperationException($"{role} has no pointer."),
    };
}

/// <summary>The names of what is generated for one node.</summary>
internal readonly record struct NodeNames(KernelNames Names, Node Node)
{
    /// <summary>A method.</summary>
    public string this[string part] => Names.Method(Node, part);

    /// <summary>A pointer of the Memory struct.</summary>
    public string Field(string part) => Names.Field(Node, part);
}
