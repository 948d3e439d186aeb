using System.Runtime.InteropServices;
using System.Text;

namespace RnnCodegen.Benchmarks.Engines;

/// <summary>Writes the ONNX file of one LSTM or GRU node with its weights as initializers: the few protobuf messages that takes.</summary>
internal static class OnnxModelWriter
{
    private const int Float = 1;
    private const int IntAttribute = 2;

    // ONNX's blocks of rows, as indices of PyTorch's: i, o, f, c from i, f, g, o; z, r, h from r, z, n.
    private static readonly int[] LstmOrder = [0, 3, 1, 2];
    private static readonly int[] GruOrder = [1, 0, 2];

    /// <summary>
    /// The model: inputs x [T, B, I], h0 [1, B, H] and, for LSTM, c0; outputs y [T, 1, B, H], h [1, B, H] and, for LSTM, c.
    /// </summary>
    /// <param name="workload">Cell and sizes.</param>
    /// <param name="data">Weights in PyTorch's layout.</param>
    /// <param name="steps">Time steps T of a call.</param>
    public static byte[] Write(Workload workload, LayerData data, int steps)
    {
        var lstm = workload.Cell == Cell.Lstm;
        var order = lstm ? LstmOrder : GruOrder;
        var (gates, units, inputs, batch) = (workload.Gates, workload.Units, workload.Inputs, workload.Batch);
        var graph = new Message()
            .Add(1, Node(lstm, units))
            .Add(2, "layer")
            .Add(5, Tensor("W", [1, gates * units, inputs], Reorder(data.WeightInput, order, units * inputs)))
            .Add(5, Tensor("R", [1, gates * units, units], Reorder(data.WeightHidden, order, units * units)))
            .Add(5,
                Tensor("B", [1, 2 * gates * units], [.. Reorder(data.BiasInput, order, units), .. Reorder(data.BiasHidden, order, units)]))
            .Add(11, ValueInfo("x", steps, batch, inputs))
            .Add(11, ValueInfo("h0", 1, batch, units));
        if (lstm)
        {
            graph.Add(11, ValueInfo("c0", 1, batch, units));
        }

        graph.Add(12, ValueInfo("y", steps, 1, batch, units)).Add(12, ValueInfo("h", 1, batch, units));
        if (lstm)
        {
            graph.Add(12, ValueInfo("c", 1, batch, units));
        }

        // ModelProto: ir_version, graph, opset_import
        return new Message().Add(1, 8).Add(7, graph).Add(8, new Message().Add(1, string.Empty).Add(2, 14)).ToArray();
    }

    private static Message Node(bool lstm, int units)
    {
        var node = new Message();
        foreach (var input in (string[])["x", "W", "R", "B", string.Empty, "h0", .. lstm ? (string[])["c0"] : []])
        {
            node.Add(1, input);
        }

        foreach (var output in (string[])["y", "h", .. lstm ? (string[])["c"] : []])
        {
            node.Add(2, output);
        }

        node.Add(4, lstm ? "LSTM" : "GRU").Add(5, Attribute("hidden_size", units));
        return lstm ? node : node.Add(5, Attribute("linear_before_reset", 1));
    }

    private static Message Attribute(string name, long value) => new Message().Add(1, name).Add(3, value).Add(20, IntAttribute);

    private static Message Tensor(string name, long[] shape, float[] values)
    {
        var tensor = new Message();
        foreach (var size in shape)
        {
            tensor.Add(1, size);
        }

        return tensor.Add(2, Float).Add(8, name).Add(9, MemoryMarshal.AsBytes(values.AsSpan()));
    }

    private static Message ValueInfo(string name, params long[] shape)
    {
        var sizes = new Message();
        foreach (var size in shape)
        {
            sizes.Add(1, new Message().Add(1, size));
        }

        return new Message().Add(1, name).Add(2, new Message().Add(1, new Message().Add(1, Float).Add(2, sizes)));
    }

    private static float[] Reorder(float[] values, int[] order, int block) =>
        [.. order.SelectMany(gate => values.Skip(gate * block).Take(block))];

    /// <summary>A protobuf message: numbered fields, varints or bytes.</summary>
    private sealed class Message
    {
        private readonly MemoryStream _bytes = new();

        public Message Add(int field, long value)
        {
            Varint((ulong)field << 3);
            Varint((ulong)value);
            return this;
        }

        public Message Add(int field, string text) => Add(field, Encoding.UTF8.GetBytes(text));

        public Message Add(int field, Message message) => Add(field, message._bytes.ToArray());

        public Message Add(int field, ReadOnlySpan<byte> bytes)
        {
            Varint(((ulong)field << 3) | 2);
            Varint((ulong)bytes.Length);
            _bytes.Write(bytes);
            return this;
        }

        public byte[] ToArray() => _bytes.ToArray();

        private void Varint(ulong value)
        {
            for (; value >= 0x80; value >>= 7)
            {
                _bytes.WriteByte((byte)(value | 0x80));
            }

            _bytes.WriteByte((byte)value);
        }
    }
}
