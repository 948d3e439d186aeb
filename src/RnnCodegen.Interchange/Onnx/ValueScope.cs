using RnnCodegen.Interchange.Onnx.Formulas;

namespace RnnCodegen.Interchange.Onnx;

/// <summary>The values of a graph, a body or a function by their names.</summary>
/// <param name="outer">What a body sees around it; null for the graph itself and for functions.</param>
/// <param name="opset">The version of ONNX's operators in it.</param>
internal sealed class ValueScope(ValueScope? outer, long opset)
{
    private readonly Dictionary<string, GraphValue> _values = new(StringComparer.Ordinal);
    private int _depth;

    /// <summary>The step that its nodes are part of; null outside of steps.</summary>
    public StepContext? Step { get; init; } = outer?.Step;

    /// <summary>Gives a name another value.</summary>
    public void Replace(string name, GraphValue value) => _values[name] = value;

    /// <summary>The version of ONNX's operators.</summary>
    public long Opset => opset;

    /// <summary>The value of a name; null where nothing has it.</summary>
    public GraphValue? Find(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
        {
            if (scope._values.TryGetValue(name, out var value))
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>Gives a name a value; false where it has one.</summary>
    public bool TryAdd(string name, GraphValue value) => _values.TryAdd(name, value);

    /// <summary>How deep it is, where it is entered from another.</summary>
    public int Depth(ValueScope from) => _depth = from._depth + 1;

    private ValueScope? Outer => outer;
}
