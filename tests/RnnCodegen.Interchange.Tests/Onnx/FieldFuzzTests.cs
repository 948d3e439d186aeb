using System.Globalization;
using RnnCodegen.Interchange.Onnx;
using RnnCodegen.Interchange.Onnx.Format;
using Xunit;

namespace RnnCodegen.Interchange.Tests.Onnx;

/// <summary>
/// Well-formed files whose entries say something else: attributes, sizes, types and values of
/// initializers, edges, names. Each is read or refused, and what is read has names and numbers
/// that a class can have. Set RNNCODEGEN_FUZZ to the number of files to try more than the usual.
/// </summary>
public class FieldFuzzTests
{
    private static readonly long[] s_numbers = [0, 1, -1, 2, 3, 4, 7, 100, int.MaxValue, int.MinValue, 1L << 28, 1L << 32, long.MaxValue,
        long.MinValue];

    private static readonly float[] s_floats = [0, -0f, 1, -1, 0.2f, 1e-30f, 1e-45f, float.MaxValue, float.NaN, float.PositiveInfinity,
        float.NegativeInfinity];

    private static readonly string[] s_texts =
    [
        "", " ", "x", "Tanh", "Relu", "sigmoid", "REFLECT", "reverse", "\0", "\n", "\u001b[2J", "a\u2028b", "\u0085", "\u202Ename",
        "\uFEFF", "\uD83D\uDE00", "*/", "\"\"\"", "class", "record",
        "Encoder", "encoder", "a/b.c:0", "..", new('n', 5000), "{0}", "// x", "\\u000A",
    ];

    private static readonly OnnxDataType[] s_types = [.. Enum.GetValues<OnnxDataType>(), (OnnxDataType)17, (OnnxDataType)(-1)];

    [Fact]
    public void Entries_that_say_something_else_are_read_or_refused()
    {
        var files = FuzzTests.Files;
        var count = int.TryParse(Environment.GetEnvironmentVariable("RNNCODEGEN_FUZZ"), NumberStyles.None, CultureInfo.InvariantCulture,
            out var n) ? n : 1000;
        var read = 0;
        for (var seed = 0; seed < count; seed++)
        {
            var random = new Random(seed);
            var model = ModelProto.Read("fuzz", files[random.Next(files.Count)]);
            for (var left = random.Next(1, 4); left > 0; left--)
            {
                Change(Any([model.Graph!, .. Bodies(model.Graph!)], random), random);
            }

            try
            {
                read += FuzzTests.IsRead(model.Write(model.Graph!)) ? 1 : 0;
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"The file of seed {seed} makes a {e.GetType().Name}: {e.Message}", e);
            }
        }

        // Many changes do no harm: were all refused, nothing behind the first check would be tried.
        Assert.InRange(read, count / 20, count);
    }

    private static IEnumerable<GraphProto> Bodies(GraphProto graph) =>
        graph.Nodes.SelectMany(n => n.Attributes).Select(a => a.Graph).OfType<GraphProto>();

    private static void Change(GraphProto graph, Random random)
    {
        var node = graph.Nodes.Count == 0 ? new NodeProto() : Any(graph.Nodes, random);
        var attribute = node.Attributes.Count == 0 ? null : Any(node.Attributes, random);
        var tensor = graph.Initializers.Count == 0 ? null : Any(graph.Initializers, random);
        var info = Any([.. graph.Inputs, .. graph.Outputs], random);
        switch (random.Next(13))
        {
            case 0 when attribute is not null:
                attribute.Name = Any([.. graph.Nodes.SelectMany(other => other.Attributes).Select(other => other.Name), .. s_texts],
                    random);
                break;
            case 1 when attribute is not null:
                Fill(attribute, random);
                break;
            case 2 when attribute?.Tensor is { } inner:
                Change(inner, random);
                break;
            case 3 or 4 or 5 when tensor is not null:
                Change(tensor, random);
                break;
            case 6 when node.Inputs.Count > 0:
                node.Inputs[random.Next(node.Inputs.Count)] = Edge(graph, random);
                break;
            case 7 when node.Outputs.Count > 0:
                node.Outputs[random.Next(node.Outputs.Count)] = Edge(graph, random);
                break;
            case 8:
                node.Name = Any(s_texts, random);
                break;
            case 9:
                Rename(graph, Edge(graph, random), Any(s_texts, random));
                break;
            case 10:
                info.Type = Any(s_types, random);
                break;
            case 11 when info.Shape is { Count: > 0 } shape:
                shape[random.Next(shape.Count)] = random.Next(2) == 0
                    ? new Dimension { Value = Any(s_numbers, random) }
                    : new Dimension { Symbol = Any(s_texts, random) };
                break;
            case 12:
                node.Attributes.Add(
                    new AttributeProto { Name = Any([.. s_texts, "direction", "axis", "axes", "perm", "hidden_size"], random) });
                Fill(node.Attributes[^1], random);
                break;
        }
    }

    /// <summary>Another kind, which only then has what the kind has; or the same kind with other values.</summary>
    private static void Fill(AttributeProto attribute, Random random)
    {
        if (random.Next(3) == 0)
        {
            attribute.Kind = (AttributeKind)random.Next(10);
        }

        (attribute.Float, attribute.Integer, attribute.Text) = (Any(s_floats, random), Any(s_numbers, random), Any(s_texts, random));
        attribute.Tensor ??= new TensorProto { Type = OnnxDataType.Float, Raw = new byte[4] };
        Vary(attribute.Integers, s_numbers, random);
        Vary(attribute.Floats, s_floats, random);
        Vary(attribute.Texts, s_texts, random);
    }

    private static void Change(TensorProto tensor, Random random)
    {
        switch (random.Next(5))
        {
            case 0:
                Vary(tensor.Shape, s_numbers, random);
                break;
            case 1:
                tensor.Type = Any(s_types, random);
                break;
            case 2 when tensor.Raw is { Length: > 0 } raw:
                Array.Resize(ref raw, Math.Max(0, raw.Length + random.Next(-5, 5)));
                tensor.Raw = raw;
                break;
            case 3 when tensor.Raw is { Length: >= sizeof(float) } raw:
                var at = random.Next(raw.Length / sizeof(float)) * sizeof(float);
                BitConverter.GetBytes(Any(s_floats, random)).CopyTo(raw, at);
                break;
            case 4 when tensor.Raw is { Length: >= sizeof(long) } raw:
                BitConverter.GetBytes(Any(s_numbers, random)).CopyTo(raw, random.Next(raw.Length / sizeof(long)) * sizeof(long));
                break;
        }
    }

    private static void Vary<T>(List<T> list, T[] values, Random random)
    {
        switch (random.Next(4))
        {
            case 0:
                list.Add(Any(values, random));
                break;
            case 1 when list.Count > 0:
                list.RemoveAt(random.Next(list.Count));
                break;
            case 2 when list.Count > 1:
                list.Reverse();
                break;
            default:
                if (list.Count > 0)
                {
                    list[random.Next(list.Count)] = Any(values, random);
                }

                break;
        }
    }

    /// <summary>A value's name, wherever it is made, or none.</summary>
    private static string Edge(GraphProto graph, Random random) =>
        Any([.. graph.Nodes.SelectMany(node => node.Outputs), .. graph.Initializers.Select(t => t.Name),
            .. graph.Inputs.Select(i => i.Name), ""], random);

    private static void Rename(GraphProto graph, string from, string to)
    {
        foreach (var list in graph.Nodes.SelectMany(node => new[] { node.Inputs, node.Outputs }))
        {
            for (var k = 0; k < list.Count; k++)
            {
                list[k] = list[k] == from ? to : list[k];
            }
        }

        foreach (var tensor in graph.Initializers.Where(tensor => tensor.Name == from))
        {
            tensor.Name = to;
        }

        foreach (var info in graph.Inputs.Concat(graph.Outputs).Where(info => info.Name == from))
        {
            info.Name = to;
        }
    }

    private static T Any<T>(IReadOnlyList<T> values, Random random) => values[random.Next(values.Count)];
}
