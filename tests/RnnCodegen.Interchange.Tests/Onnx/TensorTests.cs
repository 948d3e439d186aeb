using System.Runtime.InteropServices;
using RnnCodegen.Interchange.Onnx;
using RnnCodegen.Interchange.Onnx.Format;
using RnnCodegen.Tests;
using Xunit;

namespace RnnCodegen.Interchange.Tests.Onnx;

/// <summary>The element types that weights come in, the places that they stand in, and files that claim what they do not hold.</summary>
public sealed class TensorTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("onnx").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string, byte[], float[]> RawTypes() => new()
    {
        { nameof(OnnxDataType.Float), Raw(1.5f, -2f), [1.5f, -2] },
        { nameof(OnnxDataType.Double), Raw(1.5, -2.0), [1.5f, -2] },
        { nameof(OnnxDataType.Float16), Raw((Half)1.5f, (Half)(-2)), [1.5f, -2] },
        { nameof(OnnxDataType.BFloat16), Raw((ushort)0x3FC0, (ushort)0xC000), [1.5f, -2] },
        { nameof(OnnxDataType.Int64), Raw(3L, -4L), [3, -4] },
        { nameof(OnnxDataType.Int32), Raw(3, -4), [3, -4] },
        { nameof(OnnxDataType.Int16), Raw((short)3, (short)-4), [3, -4] },
        { nameof(OnnxDataType.Int8), Raw((sbyte)3, (sbyte)-4), [3, -4] },
        { nameof(OnnxDataType.UInt8), Raw((byte)3, (byte)252), [3, 252] },
        { nameof(OnnxDataType.Bool), Raw((byte)1, (byte)0), [1, 0] },
    };

    [Theory]
    [MemberData(nameof(RawTypes))]
    public void Raw_bytes(string type, byte[] raw, float[] expected) =>
        Assert.Equal(expected, Read(w => Tensor(w, Enum.Parse<OnnxDataType>(type), 2, t => t.Bytes(9, raw))));

    [Fact]
    public void Lists()
    {
        Assert.Equal([1.5f, -2], Read(w => Tensor(w, OnnxDataType.Float, 2, t => t.Floats(4, [1.5f, -2]))));
        Assert.Equal([1.5f, -2], Read(w => Tensor(w, OnnxDataType.Float, 2, t => t.Bytes(4, Raw(1.5f, -2f)))));
        Assert.Equal([1.5f, -2], Read(w => Tensor(w, OnnxDataType.Double, 2, t => t.Bytes(10, Raw(1.5, -2.0)))));
        Assert.Equal([3f, -4], Read(w => Tensor(w, OnnxDataType.Int64, 2, t => t.Integers(7, [3, -4]))));
        Assert.Equal([3f, -4], Read(w => Tensor(w, OnnxDataType.Int8, 2, t => t.Integers(5, [3, -4]))));
        Assert.Equal([3f, 4], Read(w => Tensor(w, OnnxDataType.UInt8, 2, t => t.Bytes(5, [3, 4]))));
        Assert.Equal([1.5f, -2], Read(w => Tensor(w, OnnxDataType.Float16, 2, t => t.Integers(5, [0x3E00, 0xC000]))));
        Assert.Equal([1.5f, -2], Read(w => Tensor(w, OnnxDataType.BFloat16, 2, t => t.Integers(5, [0x3FC0, 0xC000]))));
    }

    public static TheoryData<string, string> Lies() => new()
    {
        { "short", "'t': [2] of Float takes 8 bytes, but there are 4" },
        { "list", "'t': [2] has 2 values, but there are 3 of type Float" },
        { "none", "'t': [2] has 2 values, but there are 0 of type Float" },
        { "huge", "'t': its shape [2147483647, 2147483647, 4] is not that of a tensor" },
        { "negative", "'t': its shape [-1] is not that of a tensor" },
        { "rank", "'t': it has 9 axes, more than the 8 that are read" },
        { "text", "'t': its element type is Text, in which no weight comes" },
        { "type", "'t': its element type is 99, in which no weight comes" },
        { "odd", "a list of 7 bytes is not one of 4-byte values" },
        { "wire", "field 9 has wire type 0 where the format has 2" },
        { "length", "a field declares 2147483647 bytes, but only" },
        { "nothing", "has 1 values, but there are 0" },
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public void A_tensor_that_is_not_what_it_claims(string lie, string message)
    {
        Action<MessageWriter> write = lie switch
        {
            "short" => w => Tensor(w, OnnxDataType.Float, 2, t => t.Bytes(9, new byte[4])),
            "list" => w => Tensor(w, OnnxDataType.Float, 2, t => t.Floats(4, [1, 2, 3])),
            "none" => w => Tensor(w, OnnxDataType.Float, 2, _ => { }),
            "huge" => w => Tensor(w, OnnxDataType.Float, int.MaxValue, t => t.Integers(1, [int.MaxValue, 4])),
            "negative" => w => Tensor(w, OnnxDataType.Float, -1, _ => { }),
            "rank" => w => Tensor(w, OnnxDataType.Float, 1, t => t.Integers(1, [1, 1, 1, 1, 1, 1, 1, 1])),
            "text" => w => Tensor(w, OnnxDataType.Text, 1, _ => { }),
            "type" => w => Tensor(w, (OnnxDataType)99, 1, _ => { }),
            "odd" => w => Tensor(w, OnnxDataType.Float, 2, t => t.Bytes(4, new byte[7])),
            "wire" => w => Tensor(w, OnnxDataType.Float, 2, t => t.Integer(9, 1)),
            "length" => w => Tensor(w, OnnxDataType.Float, 2, t => t.Integers(13, [])),
            _ => w => w.Integer(2, (long)OnnxDataType.Float),
        };
        var bytes = MessageWriter.Write(write);
        if (lie == "length")
        {
            // Field 13 as a message that is to be two gigabytes long.
            bytes = [.. bytes, (13 << 3) | 2, 0xFF, 0xFF, 0xFF, 0xFF, 0x07];
        }

        var path = Path.Combine(_folder, "t.pb");
        File.WriteAllBytes(path, bytes);
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => OnnxImporter.ReadTensor(path)).Message);
    }

    [Fact]
    public void Values_in_a_file_beside_the_model()
    {
        File.WriteAllBytes(Path.Combine(_folder, "weights.bin"), [0, 0, .. Raw(1.5f, -2f, 3f), 0]);
        Assert.Equal([1.5f, -2, 3], ReadModel("weights.bin", ("offset", "2"), ("length", "12")).Weights["Dense.weight"].Values);
    }

    [Theory]
    [InlineData("missing.bin", "2", "12", "there is no such file beside the model")]
    [InlineData("../weights.bin", "2", "12", "'../weights.bin', which is not the name of a file beside the model")]
    [InlineData("/etc/hostname", "0", "12", "which is not the name of a file beside the model")]
    [InlineData("sub\\weights.bin", "0", "12", "which is not the name of a file beside the model")]
    [InlineData("..", "0", "12", "which is not the name of a file beside the model")]
    [InlineData("", "0", "12", "which is not the name of a file beside the model")]
    [InlineData("link.bin", "0", "12", "there is no such file beside the model")]
    [InlineData("weights.bin", "4", "12", "it takes 12 bytes, but 'weights.bin', 15 bytes long, is to hold 12 at 4")]
    [InlineData("weights.bin", "2", "16", "is to hold 16 at 2")]
    [InlineData("weights.bin", "9223372036854775807", "12", "is to hold 12 at 9223372036854775807")]
    [InlineData("weights.bin", "-2", "12", "the offset of its values is '-2', not a number")]
    public void Values_elsewhere_are_refused(string location, string offset, string length, string message)
    {
        File.WriteAllBytes(Path.Combine(_folder, "weights.bin"), [0, 0, .. Raw(1.5f, -2f, 3f), 0]);
        File.CreateSymbolicLink(Path.Combine(_folder, "link.bin"), Path.Combine(_folder, "weights.bin"));
        Assert.Contains(message,
            Assert.Throws<InvalidDataException>(() => ReadModel(location, ("offset", offset), ("length", length))).Message);
    }

    [PipeFact]
    public async Task Values_in_a_pipe_are_not_waited_for()
    {
        Pipes.Make(Path.Combine(_folder, "pipe.bin"));
        var error = await Assert.ThrowsAsync<InvalidDataException>(
            () => Task.Run(() => ReadModel("pipe.bin", ("offset", "0"), ("length", "12"))).WaitAsync(Pipes.Patience));
        Assert.Contains("its values are in 'pipe.bin', which is a named pipe, not a file", error.Message);
    }

    [Fact]
    public void Values_elsewhere_need_a_folder()
    {
        var bytes = WithExternal("weights.bin", []);
        Assert.Contains("another file, 'weights.bin', which is known only where the model is read from a file",
            Assert.Throws<InvalidDataException>(() => OnnxImporter.Read(bytes, "m")).Message);
    }

    private static void Tensor(MessageWriter writer, OnnxDataType type, long size, Action<MessageWriter> values)
    {
        writer.Integer(1, size);
        writer.Integer(2, (long)type);
        writer.Text(8, "t");
        values(writer);
    }

    private float[] Read(Action<MessageWriter> write)
    {
        var path = Path.Combine(_folder, "t.pb");
        File.WriteAllBytes(path, MessageWriter.Write(write));
        var tensor = OnnxImporter.ReadTensor(path);
        Assert.Equal("t", tensor.Name);
        return tensor.Values;
    }

    private ModelDescription ReadModel(string location, params (string, string)[] entries)
    {
        var path = Path.Combine(_folder, "model.onnx");
        File.WriteAllBytes(path, WithExternal(location, entries));
        return OnnxImporter.Read(path);
    }

    /// <summary>A dense layer whose matrix [3, 1] is in another file.</summary>
    private static byte[] WithExternal(string location, (string, string)[] entries)
    {
        var graph = new TestGraph().Input("x", 0, 0, 3).Output("y", 0, 0, 1).Node("MatMul", "x t", "y").Proto;
        return MessageWriter.Write(model =>
        {
            model.Message(7, g =>
            {
                graph.Write(g);
                g.Message(5, t => Tensor(t, OnnxDataType.Float, 3, more =>
                {
                    more.Integers(1, [1]);
                    more.Integer(14, TensorProto.StoredElsewhere);
                    foreach (var (key, value) in (IEnumerable<(string, string)>)[("location", location), .. entries])
                    {
                        more.Message(13, e =>
                        {
                            e.Text(1, key);
                            e.Text(2, value);
                        });
                    }
                }));
            });
            model.Message(8, opset => opset.Integer(2, 17));
        });
    }

    private static byte[] Raw<T>(params T[] values)
        where T : unmanaged => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
}
