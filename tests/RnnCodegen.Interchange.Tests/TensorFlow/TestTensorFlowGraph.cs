using RnnCodegen.Interchange.Onnx.Format;

namespace RnnCodegen.Interchange.Tests.TensorFlow;

/// <summary>Writes frozen TensorFlow graphs node by node, and the loops that TensorFlow spells its recurrent layers with.</summary>
internal sealed class TestTensorFlowGraph
{
    private const string Frame = "rnn/while/";

    private readonly List<Action<MessageWriter>> _nodes = [];

    public byte[] Bytes => MessageWriter.Write(graph =>
    {
        foreach (var node in _nodes)
        {
            graph.Message(1, node);
        }
    });

    /// <summary>Adds a node and returns its name.</summary>
    public string Node(string op, string name, IEnumerable<string> inputs, params (string Name, object Value)[] attributes)
    {
        _nodes.Add(node =>
        {
            node.Text(1, name);
            node.Text(2, op);
            foreach (var input in inputs)
            {
                node.Text(3, input);
            }

            foreach (var (key, value) in attributes)
            {
                node.Message(5, entry =>
                {
                    entry.Text(1, key);
                    entry.Message(2, v => Write(v, value));
                });
            }
        });
        return name;
    }

    public string Placeholder(string name, params long[] shape) =>
        Node("Placeholder", name, [], ("shape", shape), ("dtype", DataType.Float));

    public string Floats(string name, int[] shape, params float[] values) => Node("Const", name, [], ("value", (shape, values)));

    public string Ints(string name, params int[] values) => Node("Const", name, [], ("value", (new[] { values.Length }, values)));

    public string Number(string name, int value) => Node("Const", name, [], ("value", (Array.Empty<int>(), new[] { value })));

    /// <summary>
    /// A loop over the rows of [T, N, I], as dynamic_rnn writes it. Gives the list of one state's values [T, N, H] and the states' ends.
    /// </summary>
    /// <param name="rows">The rows.</param>
    /// <param name="sizes">The states' sizes.</param>
    /// <param name="step">Makes the new states of a row and the old states.</param>
    /// <param name="output">The state that is listed.</param>
    /// <param name="place">Makes the number of the row that a step reads of the step's own; null for the same.</param>
    /// <param name="order">In which order the list is taken; null for the order of the steps.</param>
    public (string Rows, string[] Ends) Loop(
        string rows, int[] sizes, Func<string, string[], string[]> step, int output = 0, Func<string, string>? place = null,
        int[]? order = null)
    {
        Number("rnn/steps", 5);
        Number("rnn/time", 0);
        Number("rnn/one", 1);
        Ints("rnn/range", 0, 1, 2, 3, 4);
        Node("TensorArrayV3", "rnn/list_in", ["rnn/steps"]);
        Node("TensorArrayV3", "rnn/list_out", ["rnn/steps"]);
        Node("TensorArrayScatterV3", "rnn/scatter", ["rnn/list_in", "rnn/range", rows, "rnn/list_in:1"]);
        Node("LoopCond", "rnn/go", ["rnn/less"]);
        Node("Less", "rnn/less", ["rnn/merge_time", Enter("rnn/steps", isConstant: true)]);
        var time = Carry("time", "rnn/time");
        var list = Carry("list", "rnn/list_out:1");
        var read = Node("TensorArrayReadV3", "rnn/read",
            [Enter("rnn/list_in", isConstant: true), place?.Invoke(time) ?? time, Enter("rnn/scatter", isConstant: true)]);
        string[] states = [.. sizes.Select((size, k) =>
            Carry($"state{k}", Node("Fill", $"rnn/zeros{k}", [Ints($"rnn/size{k}", 1, size), Floats($"rnn/zero{k}", [], 0)])))];
        var next = step(read, states);
        for (var k = 0; k < next.Length; k++)
        {
            Node("NextIteration", $"rnn/next_state{k}", [next[k]]);
        }

        Node("NextIteration", "rnn/next_time", [Node("Add", "rnn/count", [time, Number("rnn/while_one", 1)])]);
        Node("NextIteration", "rnn/next_list", [Node("TensorArrayWriteV3", "rnn/write",
            [Enter("rnn/list_out", isConstant: true), time, next[output], list])]);
        var all = Node("TensorArrayGatherV3", "rnn/gather",
            ["rnn/list_out", order is null ? "rnn/range" : Ints("rnn/order", order), "rnn/exit_list"]);
        return (all, [.. sizes.Select((_, k) => $"rnn/exit_state{k}")]);
    }

    /// <summary>
    /// A loop as lowering a function's While writes it: lists of tensors in place of arrays, and all that the body reads carried from step
    /// to step.
    /// </summary>
    /// <param name="rows">The rows.</param>
    /// <param name="size">The state's size.</param>
    /// <param name="step">Makes the new state of a row, the old state and a function that gives a constant's name in the body.</param>
    public string LoweredLoop(string rows, int size, Func<string, string, Func<string, string>, string> step)
    {
        Number("rnn/steps", 5);
        Number("rnn/time", 0);
        Node("TensorListFromTensor", "rnn/rows", [rows, Ints("rnn/shape", -1, 3)]);
        Node("TensorListReserve", "rnn/outputs", ["rnn/shape", "rnn/steps"]);
        Node("LoopCond", "rnn/go", [Node("Less", "rnn/less", ["rnn/merge_time", "rnn/merge_steps"])]);
        Keep("steps", "rnn/steps");
        var (time, list, source) = (Carry("time", "rnn/time"), Carry("list", "rnn/outputs"), Keep("rows", "rnn/rows"));
        var read = Node("TensorListGetItem", "rnn/read", [source, time, "rnn/shape"]);
        var zeros = Node("Fill", "rnn/zeros", [Ints("rnn/size", 1, size), Floats("rnn/zero", [], 0)]);
        var state = Carry("state", zeros);
        var kept = new Dictionary<string, string>();
        var next = step(read, state, constant => kept.TryGetValue(constant, out var name) ? name
            : kept[constant] = Keep(constant.Replace(':', '_'), constant));
        Node("NextIteration", "rnn/next_state", [Node("Identity", "rnn/new_state", [next])]);
        Node("NextIteration", "rnn/next_time", [Node("AddV2", "rnn/count", [time, Number("rnn/while_one", 1)])]);
        Node("NextIteration", "rnn/next_list", [Node("TensorListSetItem", "rnn/write", [list, time, next])]);
        return Node("TensorListStack", "rnn/stack", ["rnn/exit_list", "rnn/shape"]);
    }

    /// <summary>Carries a value that stays as it is.</summary>
    private string Keep(string name, string start)
    {
        var inside = Carry(name, start);
        Node("NextIteration", $"rnn/next_{name}", [Node("Identity", $"rnn/{name}_again", [inside])]);
        return inside;
    }

    /// <summary>A constant of the graph around, as the body of the loop sees it.</summary>
    public string Enter(string value, bool isConstant)
    {
        var name = $"{value.Replace(":1", "_1")}/Enter";
        return Node("Enter", name, [value], ("frame_name", Frame), ("is_constant", isConstant ? 1L : 0L));
    }

    private string Carry(string name, string start)
    {
        Node("Enter", $"rnn/enter_{name}", [start], ("frame_name", Frame), ("is_constant", 0L));
        Node("Merge", $"rnn/merge_{name}", [$"rnn/enter_{name}", $"rnn/next_{name}"]);
        Node("Switch", $"rnn/switch_{name}", [$"rnn/merge_{name}", "rnn/go"]);
        Node("Exit", $"rnn/exit_{name}", [$"rnn/switch_{name}"]);
        return Node("Identity", $"rnn/{name}_now", [$"rnn/switch_{name}:1"]);
    }

    private static void Write(MessageWriter writer, object value)
    {
        switch (value)
        {
            case string text:
                writer.Text(2, text);
                break;
            case long number:
                writer.Integer(3, number);
                break;
            case DataType type:
                writer.Integer(6, (long)type);
                break;
            case long[] shape:
                writer.Message(7, s => Sizes(s, shape));
                break;
            case (int[] sizes, float[] values):
                writer.Message(8, t => Tensor(t, DataType.Float, sizes, MessageWriter.Raw<float>(values)));
                break;
            case (int[] sizes, int[] values):
                writer.Message(8, t => Tensor(t, DataType.Int32, sizes, MessageWriter.Raw<int>(values)));
                break;
            default:
                throw new ArgumentException($"no attribute is {value.GetType()}", nameof(value));
        }
    }

    private static void Tensor(MessageWriter writer, DataType type, int[] shape, byte[] raw)
    {
        writer.Integer(1, (long)type);
        writer.Message(2, s => Sizes(s, Array.ConvertAll(shape, v => (long)v)));
        writer.Bytes(4, raw);
    }

    private static void Sizes(MessageWriter writer, long[] shape)
    {
        foreach (var size in shape)
        {
            writer.Message(2, dimension => dimension.Integer(1, size));
        }
    }

    private enum DataType
    {
        Float = 1,
        Int32 = 3,
    }
}
