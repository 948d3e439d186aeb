using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Lowering;

/// <summary>In which of a model's passes a value is wanted.</summary>
internal enum Mode
{
    Step,
    Run,

    /// <summary>Forward and Backward.</summary>
    Training,
}

/// <summary>The matrices of a model, each made when it is first asked for, and which values are others in disguise.</summary>
internal sealed class BufferTable
{
    private readonly ModelGraph _graph;
    private readonly List<Buffer> _items = [];
    private readonly Dictionary<(BufferRole, object, string, Region), Buffer> _byIdentity = [];
    private readonly Dictionary<Value, Node> _makers;

    public BufferTable(ModelGraph graph)
    {
        _graph = graph;
        _makers = graph.Nodes.Where(n => n.Result is not null && n is not RecurrentNode { IsSecondDirection: true }).GroupBy(n => n.Result!)
            .ToDictionary(g => g.Key, g => g.First());
        foreach (var value in graph.Values.Where(v => Source(v) == v))
        {
            _ = Value(value, Mode.Run);
        }

        foreach (var value in graph.Values)
        {
            _ = Value(value, Mode.Training);
            _ = Gradient(value);
        }

        foreach (var axis in graph.Axes.Skip(1))
        {
            _ = Of(BufferRole.Lengths, axis, "", Region.Run, new(1), RowsPer.Sample);
            _ = Of(BufferRole.Lengths, axis, "", Region.Training, new(1), RowsPer.Sample);
        }
    }

    public IReadOnlyList<Buffer> Items => _items;

    /// <summary>Where a value's rows are.</summary>
    public Place Value(Value value, Mode mode)
    {
        if (mode == Mode.Training)
        {
            return new(RowsOf(value, BufferRole.Value, Region.Tape));
        }

        var source = Source(value);
        if (mode == Mode.Step)
        {
            // The caller's row is read where it is, and a recurrent layer's output is its state.
            switch (_makers.TryGetValue(source, out var maker) ? maker : null)
            {
                case null when source.IsInput && _graph.StepRows == 1:
                    return new(Caller(BufferRole.Input, source));
                case RecurrentNode r:
                    return new(State(r.States[0]));
                case LastNode l:
                    return new(State(l.States.Single()));
            }
        }

        return new(RowsOf(source, BufferRole.Value, Region.Run));
    }

    public Buffer Gradient(Value value) => RowsOf(value, BufferRole.Gradient, Region.Training);

    public Buffer Caller(BufferRole role, Value value) => RowsOf(value, role, Region.Caller);

    public Buffer State(StateVector state) => Of(BufferRole.State, state, "", Region.State, new(state.Size), RowsPer.Sample);

    public Buffer StateGradient(StateVector state) => Of(BufferRole.StateGradient, state, "", Region.State, new(state.Size),
        RowsPer.Sample);

    public Buffer Tensor(string name, int rows, int columns = 1) =>
        Tensor(name, new RowShape(columns == 1 ? rows : columns, columns == 1 ? 1 : rows));

    public Buffer Tensor(string name, RowShape shape) => Of(BufferRole.Tensor, name, "", Region.Parameters, shape, RowsPer.Once);

    public Buffer VectorGradient(Node node, string part, RowShape shape) => Of(BufferRole.VectorGradient, node, part, Region.Training,
        shape, RowsPer.Once);

    /// <summary>What Forward keeps of a layer beside its output: a row for each row of a value.</summary>
    public Buffer Kept(Node node, string part, Value rowsOf, RowShape row) => Of(BufferRole.Kept, node, part, Region.Tape, row,
        PerRowOf(rowsOf), rowsOf.Axis);

    /// <summary>Numbers of each row of a value that Forward keeps.</summary>
    public Buffer Statistics(Node node, Value rowsOf, int count) => Of(BufferRole.Statistics, node, "statistics", Region.Tape, new(count),
        PerRowOf(rowsOf), rowsOf.Axis);

    /// <summary>What a layer has for each window inside the rows of a value.</summary>
    public Buffer OfWindows(BufferRole role, Node node, Region region, Value rowsOf, RowShape row, int windows) =>
        Of(role, node, "", region, row, PerRowOf(rowsOf), rowsOf.Axis, windows);

    /// <summary>A buffer of one layer.</summary>
    public Buffer Of(BufferRole role, object owner, string part, Region region, RowShape shape, RowsPer rows, TimeAxis? axis = null,
        int times = 1)
    {
        if (!_byIdentity.TryGetValue((role, owner, part, region), out var buffer))
        {
            _items.Add(buffer = new Buffer(role, owner, part, region, shape, rows, axis) { Times = times });
            _byIdentity.Add((role, owner, part, region), buffer);
        }

        return buffer;
    }

    /// <summary>Dropout does nothing in inference: its output is its input.</summary>
    private Value Source(Value value)
    {
        while (_makers.TryGetValue(value, out var maker) && maker is DropoutNode dropout)
        {
            value = dropout.Input;
        }

        return value;
    }

    private Buffer RowsOf(Value value, BufferRole role, Region region) => Of(role, value, "", region, new(value.Width), PerRowOf(value),
        value.Axis);

    private static RowsPer PerRowOf(Value value) => value.IsSequence ? RowsPer.Step : RowsPer.Sample;
}
