using System.Globalization;

namespace RnnCodegen.Interchange.TensorFlow.Graphs;

/// <summary>A value that a loop carries from step to step.</summary>
/// <param name="Start">What it starts from.</param>
/// <param name="Next">What it becomes.</param>
internal sealed record LoopVariable(string Start, string Next);

/// <summary>
/// What a step of a while loop computes, as sums of products: constants are multiplied into each other, and parts of matrices taken
/// apart, so that all ways to spell a cell come to the same.
/// </summary>
internal sealed class LoopBody
{
    private const int MaxDepth = 500;

    private static readonly Dictionary<string, string> s_functions = new(StringComparer.Ordinal)
    {
        ["Sigmoid"] = "Sigmoid", ["Tanh"] = "Tanh", ["Relu"] = "Relu", ["Softplus"] = "Softplus",
    };

    private readonly IReadOnlyDictionary<string, GraphNode> _nodes;
    private readonly GraphConstants _constants;
    private readonly Func<string, string, Exception> _refuse;
    private readonly Dictionary<string, int> _carried = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _ends = new(StringComparer.Ordinal);
    private readonly HashSet<int> _constantVariables = [];
    private readonly Dictionary<string, object> _values = new(StringComparer.Ordinal);
    private InputAtom? _input;
    private int _depth;

    /// <param name="frame">The loop's name.</param>
    /// <param name="nodes">The graph.</param>
    /// <param name="constants">Its constants.</param>
    /// <param name="refuse">Makes the error of a node that is not read.</param>
    public LoopBody(
        string frame, IReadOnlyDictionary<string, GraphNode> nodes, GraphConstants constants, Func<string, string, Exception> refuse)
    {
        (_nodes, _constants, _refuse) = (nodes, constants, refuse);
        foreach (var merge in nodes.Values.Where(n => n.Op == "Merge" && n.Inputs.Count == 2))
        {
            if (nodes.GetValueOrDefault(merge.Inputs[0]) is { Op: "Enter" } enter && enter.Texts.GetValueOrDefault("frame_name") == frame
                && nodes.GetValueOrDefault(merge.Inputs[1]) is { Op: "NextIteration" } next)
            {
                _carried[merge.Name] = Variables.Count;
                Variables.Add(new LoopVariable(enter.Inputs[0], Through(next.Inputs[0])));
            }
        }

        foreach (var fork in nodes.Values.Where(n => n.Op == "Switch"))
        {
            // Loops of functions carry all that they read, also what stays as it is.
            if (_carried.TryGetValue(fork.Inputs[0], out var variable) && Variables[variable].Next == $"{fork.Name}:1")
            {
                _constantVariables.Add(variable);
            }
        }

        foreach (var exit in nodes.Values.Where(n => n.Op == "Exit"))
        {
            if (nodes.GetValueOrDefault(exit.Inputs[0]) is { Op: "Switch" } fork && _carried.TryGetValue(fork.Inputs[0], out var variable))
            {
                _ends[exit.Name] = variable;
            }
        }
    }

    /// <summary>What is carried: counters, states and lists of rows.</summary>
    public List<LoopVariable> Variables { get; } = [];

    /// <summary>The rows that the loop reads, outside of it; null where it reads none.</summary>
    public string? Rows { get; private set; }

    /// <summary>The least of the numbers of steps at which the loop ends whatever it reads; null where none is written in it.</summary>
    public double? MostSteps => _nodes.Values.Where(n => n.Op is "Less" && n.Inputs.Count == 2 && _carried.ContainsKey(n.Inputs[0]))
        .Select(n => _constants.Of(Outside(_carried.TryGetValue(n.Inputs[1], out var bound) ? Variables[bound].Start : n.Inputs[1])))
        .Min(bound => bound?.Number);

    /// <summary>The variable whose last value a node of the graph around gives; -1 for none.</summary>
    public int VariableOf(string exit) => _ends.GetValueOrDefault(exit, -1);

    /// <summary>A state's definition.</summary>
    public Linear Definition(int state) => Sum(Variables[state].Next, Value(Variables[state].Next)) is { Only: NextAtom next }
        ? next.Definition
        : throw _refuse(Variables[state].Next, "what a state becomes is no sum of products");

    /// <summary>The state whose new values a list of rows collects; -1 where the variable is no such list.</summary>
    public int Collected(int variable) =>
        _nodes.GetValueOrDefault(Variables[variable].Next) is { Op: "TensorArrayWriteV3" or "TensorListSetItem" } write
            && CountsSteps(write.Inputs[1]) && Sum(write.Inputs[2], Value(write.Inputs[2])).Only is NextAtom next
                ? next.State
                : -1;

    /// <summary>Whether a variable is a state: a vector, not a counter and not a list.</summary>
    public bool IsState(int variable) => !_constantVariables.Contains(variable)
        && _nodes.GetValueOrDefault(Variables[variable].Next)?.Op is not ("TensorArrayWriteV3" or "TensorListSetItem")
        && _constants.LastSize(Variables[variable].Start) is not null;

    /// <summary>Whether a value counts the steps: 0 in the first, and 1 more in each that follows.</summary>
    private bool CountsSteps(string value)
    {
        var count = Through(value);
        return count.EndsWith(":1", StringComparison.Ordinal)
            && _nodes.GetValueOrDefault(count[..^2]) is { Op: "Switch", Inputs: [var merge, ..] }
            && _carried.TryGetValue(merge, out var variable) && _constants.Of(Variables[variable].Start)?.Number == 0
            && _nodes.GetValueOrDefault(Variables[variable].Next) is { Op: "Add" or "AddV2", Inputs: [var first, var second] }
            && (Through(first) == count ? IsOne(second) : Through(second) == count && IsOne(first));

        bool IsOne(string number) => _constants.Of(Outside(number))?.Number == 1;
    }

    private string Through(string value)
    {
        for (var k = 0; k < MaxDepth && _nodes.GetValueOrDefault(value) is { Op: "Identity", Inputs: [var source, ..] }; k++)
        {
            value = source;
        }

        return value;
    }

    private object Value(string value)
    {
        value = Through(value);
        if (!_values.TryGetValue(value, out var found))
        {
            if (++_depth > MaxDepth)
            {
                throw _refuse(value, $"values of a loop are read in circles, or more than {MaxDepth} deep");
            }

            found = _constants.Of(Outside(value)) ?? Compute(value);

            // A new state is one thing, however often it is read.
            var state = Variables.FindIndex(v => v.Next == value);
            if (state >= 0 && found is Linear definition && IsState(state))
            {
                found = Linear.Of(new NextAtom(state, definition));
            }

            _values[value] = found;
            _depth--;
        }

        return found;
    }

    private object Compute(string value)
    {
        var (name, output) = (value, 0);
        if (value.IndexOf(':') is >= 0 and var colon && int.TryParse(value.AsSpan(colon + 1), CultureInfo.InvariantCulture, out var number))
        {
            (name, output) = (value[..colon], number);
        }

        var node = _nodes.GetValueOrDefault(name) ?? throw _refuse(value, "it is read, but not there");
        switch (node.Op)
        {
            case "Switch" when output == 1 && _carried.TryGetValue(node.Inputs[0], out var variable) && IsState(variable):
                return Linear.Of(new StateAtom(variable, _constants.LastSize(Variables[variable].Start)!.Value));
            case "TensorArrayReadV3":
                return Read(node, node.Inputs[2]);
            case "TensorListGetItem":
                return Read(node, node.Inputs[0]);
            case "ConcatV2":
                return node.Inputs.SkipLast(1).Select(Value).ToList();
            case "MatMul":
                return Product(node);
            case "BiasAdd" or "Add" or "AddV2":
                return Added(node, Value(node.Inputs[0]), Value(node.Inputs[1]), 1);
            case "Sub":
                return Added(node, Value(node.Inputs[0]), Value(node.Inputs[1]), -1);
            case "Mul":
                return Multiplied(node, Value(node.Inputs[0]), Value(node.Inputs[1]));
            case "Minimum" or "Maximum":
                return Bounded(node);
            case "Split" when _constants.Of(Outside(node.Inputs[0]))?.Number is 1 or -1 && Value(node.Inputs[1]) is Linear whole
                && node.Numbers.GetValueOrDefault("num_split") is > 0 and var parts && whole.Width % parts == 0:
                var length = whole.Width / (int)parts;
                return whole.Part(output * length, length);
            default:
                return s_functions.TryGetValue(node.Op, out var function)
                    ? Linear.Of(new FunctionAtom(function, Sum(node.Name, Value(node.Inputs[0]))))
                    : throw _refuse(node.Name, $"an operator {node.Op} in a loop is not read");
        }
    }

    /// <summary>A row of what the loop reads; how wide it is, the matrix says that it is multiplied with.</summary>
    private object Read(GraphNode node, string list)
    {
        var rows = _nodes.GetValueOrDefault(Outside(list)) switch
        {
            { Op: "TensorArrayScatterV3", Inputs: [_, var places, var scattered, ..] } when _constants.CountsUp(places) => scattered,
            { Op: "TensorListFromTensor", Inputs: [var listed, ..] } => listed,
            _ => null,
        };
        if (rows is null || (Rows ?? rows) != rows)
        {
            throw _refuse(node.Name, "it reads a list that is not the rows of one value");
        }

        if (!CountsSteps(node.Inputs[1]))
        {
            throw _refuse(node.Name, "it does not read the rows one after the other, from the first on");
        }

        Rows = rows;
        return new Unsized();
    }

    /// <summary>What a value of the body is outside of the loop, where the loop does not change it.</summary>
    private string Outside(string value)
    {
        var inner = "";
        for (var k = 0; k < MaxDepth && inner != value; k++)
        {
            inner = value;
            value = _nodes.GetValueOrDefault(value) is { Op: "Enter" or "Identity", Inputs: [var source, ..] } ? source
                : value.EndsWith(":1", StringComparison.Ordinal)
                    && _nodes.GetValueOrDefault(value[..^2]) is { Op: "Switch", Inputs: [var merge, ..] }
                    && _carried.TryGetValue(merge, out var variable) && _constantVariables.Contains(variable)
                    ? Variables[variable].Start
                : value;
        }

        return value;
    }

    private Linear Product(GraphNode node)
    {
        if (Value(node.Inputs[1]) is not GraphConstant { Shape: [var rows, var columns], Values: var matrix }
            || node.Numbers.GetValueOrDefault("transpose_a") != 0)
        {
            throw _refuse(node.Name, "it is no product with a constant matrix");
        }

        if (node.Numbers.GetValueOrDefault("transpose_b") != 0)
        {
            matrix = GraphConstants.Transposed(matrix, rows, columns);
            (rows, columns) = (columns, rows);
        }

        var left = Value(node.Inputs[0]);
        List<object> parts = left as List<object> ?? [left];
        var known = parts.OfType<Linear>().Sum(p => p.Width);
        Linear? sum = null;
        var start = 0;
        foreach (var part in parts)
        {
            var vector = part as Linear ?? Input(node, rows - known);
            if (start + vector.Width > rows)
            {
                throw _refuse(node.Name, $"its matrix has {rows} rows, and what it is multiplied with more values");
            }

            var product = vector.Times(matrix[(start * columns)..((start + vector.Width) * columns)], columns);
            sum = sum?.Plus(product) ?? product;
            start += vector.Width;
        }

        return start == rows ? sum! : throw _refuse(node.Name, $"its matrix has {rows} rows for {start} values");
    }

    private Linear Input(GraphNode node, int width)
    {
        _input ??= width > 0 ? new InputAtom(width) : throw _refuse(node.Name, "the width of what the loop reads does not follow");
        return _input.Width == width
            ? Linear.Of(_input)
            : throw _refuse(node.Name, $"it reads rows of {width}, another one of {_input.Width}");
    }

    private Linear Sum(string node, object value) => value is Linear linear ? linear
        : throw _refuse(node, value is Unsized ? "it takes what the loop reads without a product" : "it is no vector");

    private Linear Added(GraphNode node, object first, object second, double sign)
    {
        if (first is GraphConstant constant)
        {
            return Plus(Sum(node.Name, second).Times(sign), constant, 1);
        }

        var sum = Sum(node.Name, first);
        if (second is GraphConstant addend)
        {
            return Plus(sum, addend, sign);
        }

        var other = Sum(node.Name, second);
        return other.Width == sum.Width ? sum.Plus(other.Times(sign)) : throw _refuse(node.Name, "it adds vectors of different lengths");

        Linear Plus(Linear vector, GraphConstant bias, double factor) => bias.Values.Length == vector.Width
            ? vector.Plus(Array.ConvertAll(bias.Values, v => v * factor))
            : bias.Number is { } number
                ? vector.Plus([.. Enumerable.Repeat(number * factor, vector.Width)])
                : throw _refuse(node.Name, "it adds a constant of another length");
    }

    private object Multiplied(GraphNode node, object first, object second)
    {
        var (constant, vector) = first is GraphConstant c ? (c, second) : (second as GraphConstant, first);
        if (constant is null)
        {
            var (a, b) = (Sum(node.Name, first), Sum(node.Name, second));
            return a.Width == b.Width
                ? Linear.Of(new ProductAtom(a, b))
                : throw _refuse(node.Name, "it multiplies vectors of different lengths");
        }

        // Dropout's mask in inference is ones.
        return constant.Number switch
        {
            1 => vector,
            { } factor => Sum(node.Name, vector).Times(factor),
            _ => throw _refuse(node.Name, "it multiplies with a constant that is not one number"),
        };
    }

    /// <summary>A sum between 0 and 1 is a hard sigmoid of that sum less 0.5, times 5.</summary>
    private Linear Bounded(GraphNode node)
    {
        var (first, second) = (Value(node.Inputs[0]), Value(node.Inputs[1]));
        var (bound, vector) = first is GraphConstant c ? (c.Number, second) : ((second as GraphConstant)?.Number, first);
        var sum = Sum(node.Name, vector);
        var other = node.Op == "Minimum" ? "Maximum" : "Minimum";
        return (bound, sum.Only) switch
        {
            (0 or 1, FunctionAtom inner) when inner.Function == other && bound == (node.Op == "Minimum" ? 1 : 0) =>
                Linear.Of(new FunctionAtom("HardSigmoid", inner.Argument.Plus([.. Enumerable.Repeat(-0.5, sum.Width)]).Times(5))),
            (0 or 1, _) when bound == (node.Op == "Minimum" ? 1 : 0) => Linear.Of(new FunctionAtom(node.Op, sum)),
            _ => throw _refuse(node.Name, "it bounds values to others than 0 and 1"),
        };
    }

    /// <summary>A row of what the loop reads, before it is known how wide it is.</summary>
    private sealed record Unsized;
}
