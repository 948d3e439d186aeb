using CsCheck;
using RnnCodegen.Interchange.Tests.Archives;
using Xunit;
using static RnnCodegen.Interchange.Tests.PyTorch.TorchArchive;

namespace RnnCodegen.Interchange.Tests.PyTorch;

/// <summary>Pickles that would do harm in Python, files without a state dict, and files that are damaged: all refused, by name.</summary>
public class BadPyTorchFileTests
{
    private static readonly byte[] Good =
        PickleAssembler.Start.OrderedDict.Raw('q', 0).Mark
            .Text("w").Raw('q', 1).Tensor("FloatStorage", "0", 6, 0, [3, 2], [1, 3]).Raw('q', 2)
            .Text("b").Tensor("HalfStorage", "1", 4, 1, [3], [1])
            .Text("epoch").Integer(3).Text("rate").Double(0.5)
            .SetItems.EmptyDict.Text("_metadata").OrderedDict.Raw('s', 'b').Stop;

    private static readonly byte[][] Storages = [Floats(1, 2, 3, 4, 5, 6), [0, 60, 0, 64, 0, 66, 0, 68]];

    [Theory]
    [InlineData("os", "system", "os.system")]
    [InlineData("posix", "system", "posix.system")]
    [InlineData("builtins", "eval", "builtins.eval")]
    [InlineData("__builtin__", "getattr", "__builtin__.getattr")]
    [InlineData("torch.hub", "load", "torch.hub.load")]
    [InlineData("subprocess", "Popen", "subprocess.Popen")]
    public void Names_that_only_attacks_need_are_refused_also_beside_a_state_dict(string module, string name, string shown)
    {
        var pickle = PickleAssembler.Start.EmptyDict.Text("w").Tensor("FloatStorage", "0", 6, 0, [6], [1]).Raw('s')
            .Text("x").Global(module, name).Text("touch /tmp/x").Raw(0x85, 'R', 's').Stop;
        var message = Refusal(pickle, Storages[0]);
        Assert.Contains($"refers to {shown}, which no checkpoint needs", message, StringComparison.Ordinal);
        Assert.Contains("Nothing was executed", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("__main__", "Net", "__main__.Net")]
    [InlineData("torch.nn.modules.rnn", "LSTM", "torch.nn.modules.rnn.LSTM")]
    [InlineData("torch._utils", "_rebuild_sparse_tensor", "torch._utils._rebuild_sparse_tensor")]
    [InlineData("torch", "QInt8Storage", "torch.QInt8Storage")]
    public void A_file_of_objects_without_a_state_dict_is_refused_with_the_cure(string module, string name, string shown)
    {
        var whole = Refusal(PickleAssembler.Start.Global(module, name).Text("x").Raw(0x85, 'R').Stop);
        Assert.Contains($"no tensors but inside of an object of {shown}. Objects of classes are not read", whole, StringComparison.Ordinal);
        Assert.Contains("torch.save(model.state_dict(), path)", whole, StringComparison.Ordinal);

        var inside = Refusal(PickleAssembler.Start.EmptyDict.Text("model").Global(module, name).Raw(')', 0x81, 's').Stop);
        Assert.Contains($"inside of 'model' ({shown}).", inside, StringComparison.Ordinal);
    }

    public static TheoryData<string, byte[]> BadPickles => new()
    {
        { "instruction STACK_GLOBAL (0x93)", PickleAssembler.Start.Text("os").Text("system").Raw(0x93).Stop },
        { "instruction INST (0x69)", PickleAssembler.Start.Raw('(', 'i').Stop },
        { "instruction OBJ (0x6f)", PickleAssembler.Start.Raw('(', 'o').Stop },
        { "instruction EXT1 (0x82)", PickleAssembler.Start.Raw(0x82, 1).Stop },
        { "instruction 0xff", PickleAssembler.Start.Raw(0xFF).Stop },
        { "is not of protocol 2", new PickleAssembler().Raw(0x80, 4, 'N').Stop },
        { "is not of protocol 2", [.. "garbage"u8] },
        { "is truncated", [] },
        { "is truncated", [0x80, 2] },
        { "is truncated", PickleAssembler.Start.Raw('X', 255, 255, 255, 255, 'a').Stop },
        { "does not end with its one object", PickleAssembler.Start.Stop },
        { "does not end with its one object", PickleAssembler.Start.Raw('N', 'N').Stop },
        { "does not end with its one object", PickleAssembler.Start.Raw('(').Stop },
        { "does not end with its one object", [.. PickleAssembler.Start.Raw('N').Stop, (byte)'N'] },
        { "up to a mark that is not there", PickleAssembler.Start.Raw('t').Stop },
        { "more objects than there are", PickleAssembler.Start.Raw(0x87).Stop },
        { "a mark for an object", PickleAssembler.Start.Raw('N', '(', 0x86).Stop },
        { "not a list", PickleAssembler.Start.EmptyDict.Raw('N', 'a').Stop },
        { "not a dictionary, or a key without", PickleAssembler.Start.EmptyList.Raw('N', 'N', 's').Stop },
        { "not a dictionary, or a key without", PickleAssembler.Start.EmptyDict.Raw('(', 'N', 'u').Stop },
        { "refers to its object 7", PickleAssembler.Start.Raw('h', 7).Stop },
        { "an object that is not there", PickleAssembler.Start.Raw('q', 7).Stop },
        { "calls something that is not a name", PickleAssembler.Start.Raw('N', ')', 'R').Stop },
        { "calls something that is not a name", PickleAssembler.Start.Global("collections", "OrderedDict").Raw('N', 'R').Stop },
        { "calls collections.OrderedDict with arguments", PickleAssembler.Start.Global("collections", "OrderedDict")
            .Raw('N', 0x85, 'R').Stop },
        { "calls torch.FloatStorage with arguments", PickleAssembler.Start.Global("torch", "FloatStorage").Raw(')', 'R').Stop },
        { "gives attributes to an object", PickleAssembler.Start.EmptyList.EmptyDict.Raw('b').Stop },
        { "gives attributes to an object", PickleAssembler.Start.EmptyDict.Raw('N', 'b').Stop },
        { "persistent id that is not a tuple", PickleAssembler.Start.Raw('N', 'Q').Stop },
        { "persistent id that is no storage", PickleAssembler.Start.Raw('N', 0x85, 'Q').Stop },
        { "an object of a whole number of 9 bytes", PickleAssembler.Start.Raw(0x8A, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9).Stop },
        { "not valid UTF-8", PickleAssembler.Start.Raw('X', 1, 0, 0, 0, 0xFF).Stop },
        { "ends within a name", PickleAssembler.Start.Raw('c', 'o', 's').Stop },
        { "a tensor without a name", PickleAssembler.Start.Tensor("FloatStorage", "0", 6, 0, [6], [1]).Stop },
        { "neither a tensor nor a plain value", PickleAssembler.Start.Storage("FloatStorage", "0", 6).Stop },
        { "a key in '' is neither", PickleAssembler.Start.EmptyDict.Raw(')', 'N', 's').Stop },
        { "two objects are named 'a'", PickleAssembler.Start.EmptyDict.Text("a").Raw('N', 's').Text("a").Raw('N', 's').Stop },
        { "others than its storage has (conj, neg). Save tensor.resolve_conj()", Described(d => d.EmptyDict.Text("neg").Raw(0x88, 's')) },
        { "others than its storage has", Described(d => d.EmptyDict.Text("conj").Raw(0x88, 's')) },
        { "with arguments that it does not take", Described(d => d.EmptyList) },
        { "no entry 'archive/data/9'", Tensor("FloatStorage", "9", 6, 0, [6], [1]) },
        { "no entry 'archive/data/../0'", Tensor("FloatStorage", "../0", 6, 0, [6], [1]) },
        { "storage '0' as 7 numbers of F32, but it is one of F32 with 24 bytes", Tensor("FloatStorage", "0", 7, 0, [6], [1]) },
        { "storage '0' as -6 numbers", Tensor("FloatStorage", "0", -6, 0, [6], [1]) },
        { "beyond the 6 of storage '0'", Tensor("FloatStorage", "0", 6, 1, [6], [1]) },
        { "beyond the 6 of storage '0'", Tensor("FloatStorage", "0", 6, 0, [2, 3], [4, 1]) },
        { "beyond the 6 of storage '0'", Tensor("FloatStorage", "0", 6, -1, [6], [1]) },
        { "beyond the 6 of storage '0'", Tensor("FloatStorage", "0", 6, 5, [6], [-1]) },
        { "beyond the 6 of storage '0'", Tensor("FloatStorage", "0", 6, long.MaxValue, [2], [long.MaxValue]) },
        { "beyond the 6 of storage '0'", Tensor("FloatStorage", "0", 6, 7, [0], [1]) },
        { "no whole numbers, negative", Tensor("FloatStorage", "0", 6, 0, [-6], [1]) },
        { "no whole numbers, negative", Tensor("FloatStorage", "0", 6, 0, [6], []) },
        { "no whole numbers, negative", Tensor("FloatStorage", "0", 6, 0, [1L << 40], [0]) },
        { "bytes; at most 2147483591 are read", Tensor("FloatStorage", "0", 6, 0, [2147483647, 2147483647, 2147483647, 2147483647],
            [0, 0, 0, 0]) },
        { "more than 8 times what the file holds", Tensor("FloatStorage", "0", 6, 0, [1_000_000], [0]) },
    };

    [Theory]
    [MemberData(nameof(BadPickles))]
    public void Wrong_pickles_are_refused(string message, byte[] pickle) => Assert.Contains(message, Refusal(pickle, Storages[0]),
        StringComparison.Ordinal);

    [Fact]
    public void A_storage_read_with_two_types_is_refused()
    {
        var pickle = PickleAssembler.Start.EmptyDict.Mark
            .Text("a").Tensor("FloatStorage", "0", 6, 0, [6], [1]).Text("b").Tensor("DoubleStorage", "0", 3, 0, [3], [1]).SetItems.Stop;
        Assert.Contains("'0' as 3 numbers of F64, but it is one of F32", Refusal(pickle, Storages[0]), StringComparison.Ordinal);
    }

    [Fact]
    public void Objects_that_hold_themselves_or_each_other_often_are_refused()
    {
        var cycle = PickleAssembler.Start.EmptyList.Raw('q', 0, 'h', 0, 'a').Stop;
        Assert.Contains("nested more than 64 deep", Refusal(cycle), StringComparison.Ordinal);

        // Each list holds the one before it twice: 2^60 objects in 600 bytes.
        var doubling = PickleAssembler.Start.EmptyList.Raw('q', 0);
        for (var i = 1; i < 60; i++)
        {
            doubling.Raw('0').EmptyList.Raw('q', i, 'h', i - 1, 'a', 'h', i - 1, 'a');
        }

        var pickle = doubling.Stop;
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("more than 262144 in all", Refusal(pickle), StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 128 << 20);
    }

    [Fact]
    public void Deep_nesting_takes_no_stack()
    {
        var deep = PickleAssembler.Start;
        for (var i = 0; i < 200_000; i++)
        {
            deep.Raw(']');
        }

        for (var i = 1; i < 200_000; i++)
        {
            deep.Raw('a');
        }

        Assert.Contains("nested more than 64 deep", Refusal(deep.Stop), StringComparison.Ordinal);
    }

    [Fact]
    public void Many_views_of_one_storage_are_refused()
    {
        var pickle = PickleAssembler.Start.EmptyDict.Mark;
        for (var i = 0; i < 40; i++)
        {
            pickle.Text($"t{i}").Tensor("FloatStorage", "0", 100_000, 0, [100_000], [1]);
        }

        Assert.Contains("more than 8 times what the file holds", Refusal(pickle.SetItems.Stop, new byte[400_000]),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Other_kinds_of_files_are_named()
    {
        AssertRefused([0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, (byte)'.'],
            "from before version 1.6");
        AssertRefused([.. "not a zip archive at all"u8], "no zip archive");
        AssertRefused([], "no zip archive");
        AssertRefused(ZipBytes.Of(("a/data.pkl", Good), ("a/constants.pkl", Good)), "a TorchScript program (torch.jit.save)");
        AssertRefused(ZipBytes.Of(("a/data.pkl", Good), ("a/code/__torch__.py", [])),
            "Save its weights: torch.save(model.state_dict(), path)");
        AssertRefused(ZipBytes.Of(("a/other", [])), "holds 0 entries data.pkl");
        AssertRefused(ZipBytes.Of(("a/data.pkl", Good), ("b/data.pkl", Good)), "holds 2 entries data.pkl");
        AssertRefused(ZipBytes.Of(("a/data.pkl", Good), ("a/byteorder", "big"u8.ToArray())), "byte order 'big'; only little-endian");
    }

    [Fact]
    public void Truncated_and_changed_pickles_are_refused_or_read_as_what_they_say()
    {
        Assert.Equal([1f, 4, 2, 5, 3, 6], Read(Good, Storages).Tensors[0].ToFloats());
        for (var length = 0; length < Good.Length; length++)
        {
            Refusal(Good[..length], Storages);
        }

        // 6,000 pickles with some bytes replaced: read, or refused without harm.
        Gen.Select(Gen.Int[0, Good.Length - 1], Gen.OneOf(Gen.Byte, Gen.Int[0, Good.Length - 1].Select(i => Good[i])),
            (at, value) => (at, value)).Array[1, 4].Sample(
                changes =>
                {
                    var pickle = Good.ToArray();
                    foreach (var (at, value) in changes)
                    {
                        pickle[at] = value;
                    }

                    TryRead(Of(pickle, Storages));
                },
                iter: 6_000, threads: 1);
    }

    [Fact]
    public void Flipped_bits_of_archives_are_refused_or_harmless()
    {
        // 3,000 archives.
        var good = Of(Good, Storages);
        Gen.Int[0, (good.Length * 8) - 1].Array[1, 3].Sample(
            bits =>
            {
                var bytes = good.ToArray();
                foreach (var bit in bits)
                {
                    bytes[bit / 8] ^= (byte)(1 << (bit % 8));
                }

                TryRead(bytes);
            },
            iter: 3_000, threads: 1);
    }

    private static byte[] Tensor(string type, string key, long count, long offset, long[] shape, long[] strides) =>
        PickleAssembler.Start.EmptyDict.Text("t").Tensor(type, key, count, offset, shape, strides).Raw('s').Stop;

    /// <summary>A tensor of which something is said behind its strides.</summary>
    private static byte[] Described(Func<PickleAssembler, PickleAssembler> say) =>
        say(PickleAssembler.Start.EmptyDict.Text("t").Global("torch._utils", "_rebuild_tensor_v2").Mark
            .Storage("FloatStorage", "0", 6).Integer(0).Integers([6]).Integers([1]).Raw(0x89).OrderedDict).Tuple.Reduce.Raw('s').Stop;

    private static void TryRead(byte[] archive)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            foreach (var tensor in Read(archive).Tensors)
            {
                _ = tensor.ToFloats();
            }
        }
        catch (InvalidDataException e)
        {
            Assert.StartsWith("'test.pt': ", e.Message, StringComparison.Ordinal);
        }

        // A tensor of strides 0 may take 1 MiB and be copied as floats, whatever the file's size.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 << 20);
    }

    private static void AssertRefused(byte[] archive, string message)
    {
        var error = Assert.Throws<InvalidDataException>(() => Read(archive));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("'test.pt': ", error.Message, StringComparison.Ordinal);
    }
}
