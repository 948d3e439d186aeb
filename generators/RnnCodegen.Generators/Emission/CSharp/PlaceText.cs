using RnnCodegen.Generators.Graph;
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
internal sealed class PlaceText(ModelPlan plan, AxisText axes, Setting setting)
{
    private static readonly Local s_packed = new("packed", "float* packed = call.Packed;", []);
    private static readonly Local s_state = new("state", "float* state = call.State;", []);
    private static readonly Local s_work = new("work", "float* work = call.Workspace;", []);

    private readonly HashSet<Local> _used = [];
    private readonly Dictionary<Lowering.Buffer, string> _pointers = [];

    /// <summary>Floats from a vector's gradient to its low part.</summary>
    public string VectorLow => $"{Plan.Memory.VectorGradientsLength}";

    /// <summary>What a streaming step may declare.</summary>
    public static IReadOnlyList<Local> StepLocals { get; } = [s_packed, s_state, s_work];

    public ModelPlan Plan => plan;

    public Setting Setting => setting;

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
        return new Call(method, arguments) { Locals = locals };
    }

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
    public string Operand(Place place) => place.Buffer.Role == BufferRole.Tensor ? Packed(Weights.OffsetOf(place.Buffer)) : Spell(place);

    /// <summary>Packed weights of forward products.</summary>
    public string Packed(int offset) => VectorText.At(setting == Setting.Step ? Use(s_packed) : "call.Packed", offset);

    /// <summary>Packed weights of backward products.</summary>
    public static string PackedBackward(int offset) => VectorText.At("call.PackedBackward", offset);

    /// <summary>What a single row walks its weights by: forwards on even turns, backwards on odd ones.</summary>
    public string Turn(Rows rows) => rows.Kind == RowsKind.Stream ? "call.Turn" : IsLoop && rows.Kind == RowsKind.Samples ? "first + t" : "0";

    /// <summary>A number of rows.</summary>
    public string Count(Rows rows) => rows.Kind switch
    {
        RowsKind.Steps => Use($"rows{axes.Suffix(rows.Axis!)}"),
        RowsKind.Samples => Use("batch"),
        RowsKind.Chunk => setting == Setting.RowLoop ? "count" : "count * batch",
        _ => $"{rows.Count}",
    };

    /// <summary>Steps of each sample; a row a sample is one of each.</summary>
    public string Steps(Rows rows) => rows.Kind switch { RowsKind.Steps => Use($"steps{axes.Suffix(rows.Axis!)}"), RowsKind.Stream => $"{rows.Count}", _ => "1" };

    public static string Batch(Rows rows) => rows.Kind == RowsKind.Stream ? "1" : "call.Batch";

    public string Lengths(Rows rows) => rows.Kind == RowsKind.Steps ? $"{CallOf(rows)}.Lengths" : "null";

    /// <summary>The sequence's step that rows start with.</summary>
    public string First(Rows rows) => rows.Kind == RowsKind.Steps ? Use($"first{axes.Suffix(rows.Axis!)}") : "0";

    /// <summary>The call with the lengths of an axis.</summary>
    public string CallOf(Rows rows) => Use($"call{axes.Suffix(rows.Axis!)}");

    /// <summary>Notes that a local is named.</summary>
    public string Use(string name)
    {
        if (axes.Find(name) is { } local)
        {
            _used.Add(local);
        }

        return name;
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
                return VectorText.At("call.Parameters", plan.Parameters[(string)buffer.Owner].Offset);
            case BufferRole.State or BufferRole.StateGradient:
                return State(buffer);
            default:
                return setting == Setting.Step ? VectorText.At(Use(s_work), plan.Memory.StepPlaceOf(buffer)) : $"m.{plan.Names.Of(buffer)}";
        }
    }

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
