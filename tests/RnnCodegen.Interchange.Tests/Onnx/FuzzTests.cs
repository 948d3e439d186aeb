using CsCheck;
using RnnCodegen.Interchange.Onnx;
using RnnCodegen.Interchange.Onnx.Format;
using Xunit;

namespace RnnCodegen.Interchange.Tests.Onnx;

/// <summary>
/// Files that are broken anywhere: they are read or refused, never anything else, and take no more memory than a small multiple of their
/// own size and of what the importer allows for constants.
/// </summary>
public class FuzzTests
{
    // Each property tries this many files.
    private const int Cases = 4000;

    // Bytes that reading a file of these sizes may allocate: the importer's budget of a million values, and what files of 100 kB take.
    private const long MostMemory = 64L << 20;

    private static readonly byte[][] s_files = [
        .. ExampleModels.Names.Select(name => OnnxExporter.ToBytes(ExampleModels.Create(name), out _)), Stack().ToBytes(),
        LoopTests.Example().ToBytes(), StepTests.Example().ToBytes(),
    ];

    /// <summary>Whole files, of all that the exporter writes and what other exporters put around it.</summary>
    internal static IReadOnlyList<byte[]> Files => s_files;

    // 2^31 - 1, 2^32 - 1, 2^63 - 1, 2^28 and -1, as the format writes them.
    private static readonly byte[][] s_hugeNumbers =
    [
        [0xFF, 0xFF, 0xFF, 0xFF, 0x07], [0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
        [0x80, 0x80, 0x80, 0x80, 0x01], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
    ];

    private static readonly Gen<byte[]> s_file = Gen.Int[0, s_files.Length - 1].Select(k => s_files[k]);

    [Fact]
    public void Truncated_files() =>
        Gen.Select(s_file, Gen.Double[0, 1]).Sample((file, part) => Survives(file[..(int)(part * file.Length)]), iter: Cases);

    [Fact]
    public void Files_with_bits_flipped() => Gen.Select(s_file, Gen.Select(Gen.Double[0, 0.999999], Gen.Int[0, 7]).Array[1, 8]).Sample(
        (file, flips) =>
        {
            byte[] broken = [.. file];
            foreach (var (place, bit) in flips)
            {
                broken[(int)(place * broken.Length)] ^= (byte)(1 << bit);
            }

            Survives(broken);
        },
        iter: Cases);

    [Fact]
    public void Files_with_huge_numbers() =>
        Gen.Select(s_file, Gen.Double[0, 0.999999], Gen.Int[0, s_hugeNumbers.Length - 1].Select(k => s_hugeNumbers[k])).Sample(
            (file, place, number) =>
            {
                var at = (int)(place * file.Length);
                Survives([.. file[..at], .. number, .. file[at..]]);
                Survives([.. file[..at], .. number, .. file[Math.Min(file.Length, at + number.Length)..]]);
            },
            iter: Cases / 2);

    [Fact]
    public void Files_of_other_parts() => Gen.Select(s_file, s_file, Gen.Double[0, 1], Gen.Double[0, 1]).Sample(
        (a, b, first, second) => Survives([.. a[..(int)(first * a.Length)], .. b[(int)(second * b.Length)..]]), iter: Cases);

    [Fact]
    public void Graphs_with_nodes_and_names_changed() => Gen.Select(Gen.Int[0, s_files.Length - 1], Gen.Int.Array[1, 6]).Sample(
        (index, choices) =>
        {
            var model = ModelProto.Read("fuzz", s_files[index]);
            foreach (var choice in choices)
            {
                Change(model.Graph!, (uint)choice);
            }

            Survives(model.Write(model.Graph!));
        },
        iter: Cases);

    [Fact]
    public void A_chain_that_doubles_is_refused()
    {
        // Each node joins its input with itself: sixty of them would make more values than any memory holds.
        foreach (var start in new[] { "sizes", "constant", "states" })
        {
            var graph = new TestGraph().Input("x", 0, 0, 3).Output("y", 0, 0, 3).Integers("c", 1, 2).Weight("W", 1, 12, 3).Weight("R", 1,
                12, 4)
                .Node("Shape", "x", "sizes").Node("GRU", "x W R", "rows states").Node("Identity", "c", "constant");
            var value = start;
            for (var k = 0; k < 60; k++)
            {
                graph.Node("Concat", $"{value} {value}", $"v{k}", ("axis", 0));
                value = $"v{k}";
            }

            graph.Node("/last/Slice", $"x {value} {value}", "y");
            Assert.Throws<InvalidDataException>(() => graph.Read());
            Survives(graph.ToBytes());
        }
    }

    [Fact]
    public void Groups_inside_groups_are_not_followed_without_end()
    {
        // Wire type 3 opens a group, which only recursion can skip.
        var bytes = Enumerable.Repeat((byte)((200 % 16 << 3) | 3), 1 << 20).ToArray();
        Assert.Throws<InvalidDataException>(() => OnnxImporter.Read(bytes, "groups.onnx"));
    }

    private static void Survives(byte[] file) => IsRead(file);

    /// <summary>Reads a file, which nothing but a refusal may stop; whether it is not refused.</summary>
    internal static bool IsRead(byte[] file)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var isRead = false;
        try
        {
            var model = OnnxImporter.Read(file, "fuzz.onnx");
            isRead = true;
            Assert.All(model.Layers, l => Assert.True(ClassFileNames.IsIdentifier(l.Name), l.Name));
        }
        catch (InvalidDataException e)
        {
            Assert.StartsWith("'fuzz.onnx': ", e.Message, StringComparison.Ordinal);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostMemory);
        return isRead;
    }

    private static void Change(GraphProto graph, uint choice)
    {
        var nodes = graph.Nodes;
        if (nodes.Count == 0)
        {
            return;
        }

        var node = nodes[(int)(choice / 16 % nodes.Count)];
        var other = nodes[(int)(choice / 4096 % nodes.Count)];
        switch (choice % 10)
        {
            case 0:
                nodes.Remove(node);
                break;
            case 1:
                nodes.Reverse();
                break;
            case 2 when node.Inputs.Count > 0 && other.Outputs.Count > 0:
                node.Inputs[0] = other.Outputs[0];
                break;
            case 3 when node.Outputs.Count > 0 && other.Outputs.Count > 0:
                node.Outputs[0] = other.Outputs[0];
                break;
            case 4:
                node.Op = other.Op;
                break;
            case 5 when node.Attributes.Count > 0:
                var attribute = node.Attributes[(int)(choice / 65536 % node.Attributes.Count)];
                (attribute.Integer, attribute.Float, attribute.Text) = (long.MinValue + (choice % 3), float.NaN, "?");
                attribute.Integers.Add(long.MaxValue);
                break;
            case 6:
                node.Attributes.AddRange(other.Attributes);
                break;
            case 7 when graph.Initializers.Count > 0:
                graph.Initializers.RemoveAt((int)(choice / 65536 % graph.Initializers.Count));
                break;
            case 8 when graph.Initializers.Count > 0 && node.Inputs.Count > 0:
                node.Inputs[^1] = graph.Initializers[(int)(choice / 65536 % graph.Initializers.Count)].Name;
                break;
            case 9:
                node.Inputs.AddRange(other.Inputs);
                break;
        }
    }

    private static TestGraph Stack() => new TestGraph { Opset = 13 }.Input("x", 0, 0, 3).Input("h", 1, 0, 4).Output("y", 0, 0, 4)
        .Output("hn", 1, 0, 4)
        .Integers("i0", 0).Integers("i1", 1).Integers("minus", -1, 4).Weight("W", 1, 12, 3).Weight("R", 1, 12, 4).Weight("B", 1, 24)
        .Weight("k", 4, 4, 3).Weight("s", 4)
        .Node("Transpose", "x", "t", ("perm", new long[] { 1, 0, 2 })).Node("GRU", "t W R B - h", "r hn", ("hidden_size", 4))
        .Node("Squeeze", "r i1", "q")
        .Node("Shape", "q", "shape").Node("Reshape", "q minus", "flat").Node("Mul", "flat s", "m").Node("Reshape", "m shape", "u")
        .Node("Transpose", "u", "v", ("perm", new long[] { 1, 2, 0 })).Node("Conv", "v k", "c", ("pads", new long[] { 2, 0 })).Node("Relu",
            "c", "d")
        .Node("Transpose", "d", "y", ("perm", new long[] { 0, 2, 1 }));
}
