using RnnCodegen.Interchange.Tests.Archives;
using Xunit;
using static RnnCodegen.Interchange.Tests.PyTorch.TorchArchive;

namespace RnnCodegen.Interchange.Tests.PyTorch;

/// <summary>State dicts as PyTorch pickles them, from archives put together by hand.</summary>
public class PyTorchFileTests
{
    /// <summary>
    /// What PyTorch 1.13 wrote of
    /// <c>OrderedDict([('fc.weight', tensor([[1., 2., 3.], [4., 5., 6.]]).t().contiguous().t()),</c>
    /// <c>('fc.bias', tensor([7., -8.]).half())])</c>.
    /// </summary>
    private const string Saved =
        """
        UEsDBAAACAgAAAAAAAAAAAAAAAAAAAAAAAAOABQAc21hbGwvZGF0YS5wa2xGQhAAWlpaWlpaWlpaWlpaWlpaWoACY2NvbGxlY3Rpb25zCk9yZGVyZWREaWN0CnEAKVJxAShYCQAAAGZj
        LndlaWdodHECY3RvcmNoLl91dGlscwpfcmVidWlsZF90ZW5zb3JfdjIKcQMoKFgHAAAAc3RvcmFnZXEEY3RvcmNoCkZsb2F0U3RvcmFnZQpxBVgBAAAAMHEGWAMAAABjcHVxB0sGdHEI
        UUsASwJLA4ZxCUsBSwKGcQqJaAApUnELdHEMUnENWAcAAABmYy5iaWFzcQ5oAygoaARjdG9yY2gKSGFsZlN0b3JhZ2UKcQ9YAQAAADFxEGgHSwJ0cRFRSwBLAoVxEksBhXETiWgAKVJx
        FHRxFVJxFnUuUEsHCCv2oxkEAQAABAEAAFBLAwQAAAgIAAAAAAAAAAAAAAAAAAAAAAAADABCAHNtYWxsL2RhdGEvMEZCPgBaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpa
        WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWgAAgD8AAIBAAAAAQAAAoEAAAEBAAADAQFBLBwgG7PKvGAAAABgAAABQSwMEAAAICAAAAAAAAAAAAAAAAAAAAAAAAAwALgBzbWFsbC9k
        YXRhLzFGQioAWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaAEcAyFBLBwjbDi7BBAAAAAQAAABQSwMEAAAICAAAAAAAAAAAAAAAAAAAAAAAAA0AQQBzbWFs
        bC92ZXJzaW9uRkI9AFpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlozClBLBwjRnmdVAgAAAAIAAABQSwECAAAAAAgIAAAA
        AAAAK/ajGQQBAAAEAQAADgAAAAAAAAAAAAAAAAAAAAAAc21hbGwvZGF0YS5wa2xQSwECAAAAAAgIAAAAAAAABuzyrxgAAAAYAAAADAAAAAAAAAAAAAAAAABUAQAAc21hbGwvZGF0YS8w
        UEsBAgAAAAAICAAAAAAAANsOLsEEAAAABAAAAAwAAAAAAAAAAAAAAAAA6AEAAHNtYWxsL2RhdGEvMVBLAQIAAAAACAgAAAAAAADRnmdVAgAAAAIAAAANAAAAAAAAAAAAAAAAAFQCAABz
        bWFsbC92ZXJzaW9uUEsGBiwAAAAAAAAAHgMtAAAAAAAAAAAABAAAAAAAAAAEAAAAAAAAAOsAAAAAAAAA0gIAAAAAAABQSwYHAAAAAL0DAAAAAAAAAQAAAFBLBQYAAAAABAAEAOsAAADS
        AgAAAAA=
        """;

    [Fact]
    public void A_file_of_PyTorch_itself_is_read()
    {
        var file = Read(Convert.FromBase64String(Saved));
        Assert.Equal(["fc.weight", "fc.bias"], file.Tensors.Select(t => t.Name));
        Assert.Equal([2, 3], file.Tensors[0].Shape);
        Assert.Equal([1f, 2, 3, 4, 5, 6], file.Tensors[0].ToFloats());
        Assert.Equal([(Half)7, (Half)(-8)], file.Tensors[1].Values<Half>().ToArray());
    }

    [Fact]
    public void A_state_dict_is_read_in_its_order()
    {
        var pickle = PickleAssembler.Start.OrderedDict.Raw('q', 0).Mark
            .Text("fc.weight").Raw('q', 1).Tensor("FloatStorage", "0", 6, 0, [2, 3], [3, 1])
            .Text("fc.bias").Tensor("FloatStorage", "1", 2, 0, [2], [1])
            .SetItems
            .EmptyDict.Text("_metadata").OrderedDict.Raw('s', 'b').Stop;
        var file = Read(pickle, Floats(1, 2, 3, 4, 5, 6), Floats(7, 8));
        Assert.Equal(["fc.weight", "fc.bias"], file.Tensors.Select(t => t.Name));
        Assert.Equal([2, 3], file.Tensors[0].Shape);
        Assert.Equal([1f, 2, 3, 4, 5, 6], file.Tensors[0].ToFloats());
        Assert.Equal([7f, 8], file.Tensors[1].ToFloats());
        Assert.Empty(file.Values);
    }

    [Fact]
    public void Nested_dictionaries_lists_and_values_are_named_by_their_path()
    {
        var pickle = PickleAssembler.Start.EmptyDict.Mark
            .Text("state_dict").OrderedDict.Text("a.w").Global("torch._utils", "_rebuild_parameter").Mark.Tensor("FloatStorage", "0", 1, 0,
                [1], [1]).Raw(0x88).OrderedDict.Tuple.Reduce.Raw('s')
            .Text("optimizer").EmptyDict.Integer(0).EmptyDict.Text("exp").Tensor("FloatStorage", "0", 1, 0, [], []).Raw('s', 's')
            .Text("list").EmptyList.Mark.Integer(7).Integer(-70000).Raw('e').Double(0.125).Raw('a')
            .Text("tuple").Raw(0x88, 0x89, 'N', 0x87)
            .Text("two").Integer(1).Integer(300).Raw(0x86)
            .Text("one").Text("\u00e9").Raw(0x85)
            .Text("long").Integer(1L << 40)
            .Text("small").Raw(0x8A, 1, 0xFE)
            .SetItems.Stop;
        var file = Read(pickle, Floats(2));
        Assert.Equal(["state_dict.a.w", "optimizer.0.exp"], file.Tensors.Select(t => t.Name));
        Assert.Empty(file.Tensors[1].Shape);
        Assert.Equal(
            new Dictionary<string, object?>
            {
                ["list.0"] = 7L, ["list.1"] = -70000L, ["list.2"] = 0.125, ["tuple.0"] = true, ["tuple.1"] = false, ["tuple.2"] = null,
                ["two.0"] = 1L, ["two.1"] = 300L,
                ["one.0"] = "\u00e9", ["long"] = 1L << 40, ["small"] = -2L,
            },
            file.Values);
    }

    [Theory]
    [InlineData("FloatStorage", "F32", 4)]
    [InlineData("DoubleStorage", "F64", 8)]
    [InlineData("HalfStorage", "F16", 2)]
    [InlineData("BFloat16Storage", "BF16", 2)]
    [InlineData("LongStorage", "I64", 8)]
    [InlineData("IntStorage", "I32", 4)]
    [InlineData("ShortStorage", "I16", 2)]
    [InlineData("CharStorage", "I8", 1)]
    [InlineData("ByteStorage", "U8", 1)]
    [InlineData("BoolStorage", "BOOL", 1)]
    public void Each_storage_has_its_type(string storage, string dataType, int size)
    {
        byte[] bytes = [.. Enumerable.Range(1, 3 * size).Select(i => (byte)i)];
        var tensor = Assert.Single(
            Read(PickleAssembler.Start.EmptyDict.Text("t").Tensor(storage, "0", 3, 1, [2, 1], [1, 9]).Raw('s').Stop, bytes).Tensors);
        Assert.Equal(dataType, tensor.DataType);
        Assert.Equal(bytes[size..], tensor.Bytes.ToArray());
    }

    [Fact]
    public void Strides_offsets_and_shared_storages_are_followed()
    {
        var pickle = PickleAssembler.Start.EmptyDict.Mark
            .Text("transposed").Tensor("FloatStorage", "0", 6, 0, [3, 2], [1, 3])
            .Text("column").Tensor("FloatStorage", "0", 6, 1, [2], [3])
            .Text("repeated").Tensor("FloatStorage", "0", 6, 5, [2, 2], [0, 0])
            .Text("permuted").Tensor("FloatStorage", "0", 6, 0, [1, 3, 2, 1], [6, 1, 3, 1])
            .Text("empty").Tensor("FloatStorage", "0", 6, 6, [0, 2147483647, 2147483647, 2147483647], [1, 1, 1, 1])
            .SetItems.Stop;
        var tensors = Read(pickle, Floats(1, 2, 3, 4, 5, 6)).Tensors.ToDictionary(t => t.Name);
        Assert.Equal([1f, 4, 2, 5, 3, 6], tensors["transposed"].ToFloats());
        Assert.Equal([2f, 5], tensors["column"].ToFloats());
        Assert.Equal([6f, 6, 6, 6], tensors["repeated"].ToFloats());
        Assert.Equal([1f, 4, 2, 5, 3, 6], tensors["permuted"].ToFloats());
        Assert.Equal(0, tensors["empty"].Count);
    }

    [Fact]
    public void Objects_are_remembered()
    {
        var pickle = PickleAssembler.Start.EmptyDict.Mark
            .Text("a").Raw('q', 5).Tensor("FloatStorage", "0", 1, 0, [1], [1]).Raw('r', 0, 1, 0, 0)
            .Text("b").Raw('j', 0, 1, 0, 0)
            .Text("c").Raw('h', 5)
            .SetItems.Stop;
        var file = Read(pickle, Floats(3));
        Assert.Equal(["a", "b"], file.Tensors.Select(t => t.Name));
        Assert.Equal("a", file.Values["c"]);
    }

    [Fact]
    public void A_compressed_archive_is_read_too()
    {
        var pickle = PickleAssembler.Start.EmptyDict.Text("t").Tensor("FloatStorage", "0", 3, 0, [3], [1]).Raw('s').Stop;
        var archive = new ZipBytes().Add("a/data.pkl", pickle, deflate: true).Add("a/byteorder", "little"u8.ToArray())
            .Add("a/data/0", Floats(1, 2, 3), deflate: true).ToArray(wide: true);
        Assert.Equal([1f, 2, 3], Assert.Single(Read(archive).Tensors).ToFloats());
    }

    [Fact]
    public void What_is_written_is_read_back_bit_for_bit()
    {
        SafeTensor[] tensors =
        [
            new("lstm.weight_ih_l0", [2, 3], new float[] { 1, -0f, float.NaN, float.Epsilon, 5, 6 }),
            SafeTensor.Of<double>("d", [], new[] { Math.PI }),
            SafeTensor.Of<Half>("h", [1, 1, 2], new[] { (Half)1, Half.MaxValue }),
            SafeTensor.RoundToBFloat16("b", [2], [1, 2]),
            SafeTensor.Of<long>("i64", [1], new[] { long.MinValue }),
            SafeTensor.Of<int>("i32", [1], new[] { int.MinValue }),
            SafeTensor.Of<short>("i16", [1], new[] { short.MinValue }),
            SafeTensor.Of<sbyte>("i8", [3], new sbyte[] { -1, 2, 3 }),
            SafeTensor.Of<byte>("u8", [0, 2], Array.Empty<byte>()),
            SafeTensor.Of<bool>("\u00fc", [2], new[] { true, false }),
        ];
        var path = Path.Combine(Path.GetTempPath(), $"rnncodegen {Guid.NewGuid():N}.pt");
        try
        {
            PyTorchFile.Write(path, tensors);
            var read = PyTorchFile.Read(path).Tensors;
            Assert.Equal(tensors.Length, read.Count);
            foreach (var (written, back) in tensors.Zip(read))
            {
                Assert.Equal((written.Name, written.DataType), (back.Name, back.DataType));
                Assert.Equal(written.Shape, back.Shape);
                Assert.Equal(written.Bytes.ToArray(), back.Bytes.ToArray());
            }

            using var zip = SafeZip.Open(path);
            Assert.Equal("3\n"u8.ToArray(), zip.Read(zip.Entries[^1].Name));
            Assert.All(zip.Entries, e => Assert.Equal(0, e.Offset % 64));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void The_written_pickle_is_what_Python_would_read()
    {
        // As for PickleAssembler: the instructions by hand, for one tensor [2, 3].
        var expected = PickleAssembler.Start.OrderedDict.Mark.Text("w").Global("torch._utils", "_rebuild_tensor_v2").Mark
            .Mark.Text("storage").Global("torch", "FloatStorage").Text("0").Text("cpu").Raw('J', 6, 0, 0, 0).Tuple.Raw('Q')
            .Raw('J', 0, 0, 0, 0)
            .Mark.Raw('J', 2, 0, 0, 0, 'J', 3, 0, 0, 0).Tuple
            .Mark.Raw('J', 3, 0, 0, 0, 'J', 1, 0, 0, 0).Tuple
            .Raw(0x89).OrderedDict.Tuple.Reduce.SetItems.Stop;
        Assert.Equal(expected, PickleWriter.Write([new SafeTensor("w", [2, 3], new float[6])]));
    }

    [Fact]
    public void Tensors_that_cannot_be_written_are_refused()
    {
        var tensor = new SafeTensor("a", [1], new float[1]);
        Assert.Contains("Two tensors are named 'a'",
            Assert.Throws<ArgumentException>(() => PyTorchFile.Write("x.pt", [tensor, tensor])).Message, StringComparison.Ordinal);
        var unsigned = SafeTensor.Of<ulong>("u", [1], new ulong[1]);
        Assert.Contains("'u' is U64", Assert.Throws<ArgumentException>(() => PyTorchFile.Write("x.pt", [unsigned])).Message,
            StringComparison.Ordinal);
        Assert.False(File.Exists("x.pt"));
    }
}
