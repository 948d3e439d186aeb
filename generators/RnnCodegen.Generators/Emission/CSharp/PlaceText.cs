using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Lowering;
using RnnCodegen.Generators.Planning;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>In which kind of method an instruction is spelled.</summary>
internal enum Setting
{
    /// <summary>A pass over steps of a sequence.</summary>
    Run,
    Forward,
    Backward,

    /// <summary>A streaming step: one row of everything, at constant places.</summary>
    Step,

    /// <summary>Time loops: of a batch in inference, of one sequence in inference, of training.</summary>
    RunLoop,
    RowLoop,
    TrainingLoop,
}

/// <summary>Spells places and numbers of rows, and notes which locals they name.</summary>
/// <param name="plan">The model's plan.</param>
/// <param name="axes">The locals of its axes.</param>
/// <param name="methods">The names of methods.</param>
/// <param name="setting">The kind of method.</param>
/// <param name="layer">The layer whose method it is, which takes all that is the layer's own as pointers; null in other methods.</param>
internal sealed class PlaceText(ModelPlan plan, AxisText axes, MethodTable methods, Setting setting, RecurrentNode? layer = null)
{
    private static readonly Local s_packed = new("packed", "float* packed = call.Packed;", []);
    private static readonly Local s_state = new("state", "float* state = call.State;", []);
    private static readonly Local s_work = new("work", "float* work = call.Workspace;", []);

    private readonly HashSet<Local> _used = [];
    private readonly Dictionary<Lowering.Buffer, string> _pointers = [];
    private readonly Dictionary<object, PointerParameter> _parameters = [];

    // The other parameters and the locals of a layer's method.
    private readonly NameTable _names = new(["call", "m", "first", "steps", "batch", "past", "chunk", "start", "count", "from", "k", "t"]);

    /// <summary>Floats from a vector's gradient to its low part.</summary>
    public string VectorLow => $"{Plan.Memory.VectorGradientsLength}";

    /// <summary>What a streaming step may declare.</summary>
    public static IReadOnlyList<Local> StepLocals { get; } = [s_packed, s_state, s_work];

    public ModelPlan Plan => plan;

    public MethodTable Methods => methods;

    public Setting Setting => setting;

    /// <summary>The pointers that the layer's method takes, so far.</summary>
    public IEnumerable<PointerParameter> Parameters => _parameters.Values;

    public bool IsLoop => setting is Setting.RunLoop or Setting.RowLoop or Setting.TrainingLoop;

    /// <summary>The weights of the pass.</summary>
    public PackedWeights Weights => setting is Setting.Forward or Setting.Backward or Setting.TrainingLoop ? plan.Training : plan.Inference;

    /// <summary>Has a buffer called by a pointer of the method's own.</summary>
    public void Point(Lowering.Buffer buffer, string pointer) => _pointers.Add(buffer, pointer);

    /// <summary>A call whose arguments were spelled since the last one.</summary>
    public Call Call(string method, params string[] arguments)
    {
        Local[] locals = [.. _used];
        _used.Clear();
        return new Call(methods.NameOf(method), arguments) { Locals = locals };
    }

    /// <summary>A call of a layer's method.</summary>
    /// <param name="method">The method.</param>
    /// <param name="arguments">The arguments that all of them take.</param>
    public Call Call(LayerMethod method, params string[] arguments) => Call(method.Name,
        [.. arguments, .. method.Pointers.Select(p => p.Actual(this))]);

    public int Stride(Place place) => plan.Stride(place.Buffer);

    /// <summary>A place and the stride of its rows.</summary>
    public string Matrix(Place place) => $"{Spell(place)}, {Stride(place)}";

    /// <summary>A place, or null.</summary>
    public string OrNull(Place? place) => place is { } p ? Spell(p) : "null";

    public string Spell(Place place)
    {
        var offset = place.Step.Origin == StepOrigin.Start ? "" : $"{StepOf(place.Step)} * batch * {Stride(place)}";
        return VectorText.Address(Base(place.Buffer), offset.Length == 0 ? $"{place.Column}" : VectorText.Add(offset, $"{place.Column}"));
    }

    /// <summary>An operand of a kernel: vectors of parameters are among the packed weights.</summary>
    public string Operand(Place place) => place.Buffer.Role == BufferRole.Tensor ? Vector(place.Buffer) : Spell(place);

    /// <summary>A tensor among the parameters or among their gradients.</summary>
    public static string At(string pointer, Parameter tensor) => $"{pointer} + {RuntimeTypes.Offsets}.{tensor.OffsetName}";

    /// <summary>Packed weights of a product.</summary>
    public string Packed(LayerProduct product) => Packed(product.Forward.PackedOffset, $"w{product.Part}");

    /// <summary>The row that a product's sums start from.</summary>
    public string PackedStart(LayerProduct product) => Packed(product.StartOffset,
        product.StartOffset == Weights.ZeroOffset ? null : $"b{product.Part}");

    /// <summary>Packed weights of a product's adjoint.</summary>
    public string PackedBackward(LayerProduct product) => layer is null
        ? VectorText.Address("call.PackedBackward", Weights.Backward.NameOf(product.Backward.PackedOffset))
        : Own(("call.PackedBackward", product.Backward.PackedOffset), $"w{product.Part}", places => places.PackedBackward(product));

    /// <summary>The zeros that the sums of adjoints start from.</summary>
    public string BackwardZeros => VectorText.At("call.PackedBackward", Weights.ZeroOffset);

    /// <summary>A pointer of the Memory struct to a gradient of weights.</summary>
    /// <param name="field">The pointer.</param>
    /// <param name="name">What a layer's method calls it.</param>
    public string Gradient(string field, string name) => layer is null
        ? $"m.{field}"
        : Own(field, name, places => places.Gradient(field, name));

    /// <summary>What a single row walks its weights by: forwards on even turns, backwards on odd ones.</summary>
    public string Turn(Rows rows) => rows.Kind == RowsKind.Stream
        ? "call.Turn"
        : IsLoop && rows.Kind == RowsKind.Samples ? "first + t"
        : "0";

    /// <summary>A number of rows.</summary>
    public string Count(Rows rows) => rows.Times > 1 ? $"{Count(rows.Each(1))} * {rows.Times}" : rows.Kind switch
    {
        RowsKind.Steps => Use($"rows{SuffixOf(rows)}"),
        RowsKind.Samples => Use("batch"),
        RowsKind.Chunk => setting == Setting.RowLoop ? "count" : "count * batch",
        _ => $"{rows.Count}",
    };

    /// <summary>Steps of each sample; a row a sample is one of each.</summary>
    public string Steps(Rows rows) => rows.Kind switch
    {
        RowsKind.Steps => Use($"steps{SuffixOf(rows)}"),
        RowsKind.Stream => $"{rows.Count}",
        _ => "1"
    };

    public static string Batch(Rows rows) => rows.Kind == RowsKind.Stream ? "1" : "call.Batch";

    public string Lengths(Rows rows) => rows.Kind == RowsKind.Steps ? $"{CallOf(rows)}.Lengths" : "null";

    /// <summary>The sequence's step that rows start with.</summary>
    public string First(Rows rows) => rows.Kind == RowsKind.Steps ? Use($"first{SuffixOf(rows)}") : "0";

    /// <summary>The call with the lengths of an axis.</summary>
    public string CallOf(Rows rows) => Use($"call{SuffixOf(rows)}");

    /// <summary>All rows of a layer's method are of one axis, whose steps it is given.</summary>
    private string SuffixOf(Rows rows) => layer is null ? axes.Suffix(rows.Axis!) : "";

    /// <summary>Notes that a local is named.</summary>
    public string Use(string name)
    {
        if (axes.Find(name) is { } local)
        {
            _used.Add(local);
        }

        return name;
    }

    /// <summary>A pointer that the layer's method takes.</summary>
    /// <param name="what">What it points to.</param>
    /// <param name="name">What the method calls it, where nothing else is called so.</param>
    /// <param name="actual">Spells it where the method is called.</param>
    private string Own(object what, string name, Func<PlaceText, string> actual)
    {
        if (!_parameters.TryGetValue(what, out var parameter))
        {
            _parameters.Add(what, parameter = new PointerParameter(_names.Of(what, "", name), actual));
        }

        return parameter.Name;
    }

    private string Packed(int offset, string? name) => name is null || layer is null
        ? VectorText.Address(setting == Setting.Step ? Use(s_packed) : "call.Packed",
            offset == Weights.ZeroOffset ? "" : Weights.Forward.NameOf(offset))
        : Own(("call.Packed", offset), name, places => places.Packed(offset, name));

    private string Vector(Lowering.Buffer tensor)
    {
        // Rnn.weight_ci_l0_reverse is weight_ci to its layer.
        var name = (string)tensor.Owner;
        var start = name.IndexOf('.') + 1;
        var end = name.LastIndexOf("_l", StringComparison.Ordinal);
        return Packed(Weights.OffsetOf(tensor), name.Substring(start, (end > start ? end : name.Length) - start));
    }

    private string Use(Local local)
    {
        _used.Add(local);
        return local.Name;
    }

    private static string StepOf(Step step)
    {
        var origin = step.Origin switch { StepOrigin.Step => "t", StepOrigin.StepOfChunk => "k", StepOrigin.Chunk => "from", _ => "steps" };
        return step.After == 0 ? origin : $"({origin} + {step.After})";
    }

    private string Base(Lowering.Buffer buffer)
    {
        if (_pointers.TryGetValue(buffer, out var pointer))
        {
            return pointer;
        }

        switch (buffer.Role)
        {
            case BufferRole.Input or BufferRole.Output when setting != Setting.Step && buffer.Rows == RowsPer.Step:
                return $"&call.{buffer.Role}[(nint)call.WholeBatch * {First(new(RowsKind.Steps, buffer.Axis))} * {buffer.Shape.Size}]";
            case BufferRole.Input or BufferRole.Output or BufferRole.InputGradient or BufferRole.OutputGradient:
                return $"call.{buffer.Role}";
            case BufferRole.Tensor:
                return At("call.Parameters", plan.Parameters[(string)buffer.Owner]);
            case BufferRole.State or BufferRole.StateGradient:
                return layer is null ? State(buffer) : Own(buffer, NameOf(buffer), places => places.Spell(new(buffer)));
            case var role when layer is not null && !KernelNames.IsShared(role):
                return Own(buffer, NameOf(buffer), places => places.Spell(new(buffer)));
            default:
                return setting == Setting.Step ? VectorText.At(Use(s_work), plan.Memory.StepPlaceOf(buffer)) : $"m.{plan.Names.Of(buffer)}";
        }
    }

    /// <summary>What a layer's method calls a matrix.</summary>
    private string NameOf(Lowering.Buffer buffer) => buffer.Role switch
    {
        BufferRole.State => StateName((StateVector)buffer.Owner),
        BufferRole.StateGradient => $"d{StateName((StateVector)buffer.Owner)}",
        BufferRole.Value => ReferenceEquals(buffer.Owner, layer!.Output) ? "output" : "x",
        BufferRole.Gradient => ReferenceEquals(buffer.Owner, layer!.Output) ? "dOutput" : "dx",
        BufferRole.VectorGradient => $"d{buffer.Part}",
        _ => buffer.Rows == RowsPer.StepAndEnd ? $"{buffer.Part}Steps" : buffer.Part,
    };

    /// <summary>A state in the cell's equations; the node's are next to each other among the model's.</summary>
    private string StateName(StateVector state) => layer!.Cell.States[state.Index - layer.States[0].Index].Name;

    private string State(Lowering.Buffer buffer)
    {
        var offset = plan.StateOffset((StateVector)buffer.Owner);
        if (setting == Setting.Step)
        {
            return VectorText.At(Use(s_state), offset);
        }

        if (offset > 0)
        {
            Use("batch");
        }

        return VectorText.PerSample(buffer.Role == BufferRole.State ? "call.State" : "call.StateGradient", offset);
    }
}
