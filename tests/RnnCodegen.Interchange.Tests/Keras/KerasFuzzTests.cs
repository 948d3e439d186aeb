using CsCheck;
using Xunit;
using static RnnCodegen.Interchange.Tests.Keras.KerasTestFile;

namespace RnnCodegen.Interchange.Tests.Keras;

/// <summary>
/// 6,000 damaged files, besides all truncations of a small one: each is read or refused with an <see cref="InvalidDataException"/>, within
/// a bound of memory.
/// </summary>
public class KerasFuzzTests
{
    private const int FileCases = 1_500;

    private const long MemoryLimit = 64 << 20;

    /// <summary>What a damaged header may claim, beyond the file.</summary>
    private const long Hdf5MemoryLimit = 256L << 20;

    private static readonly byte[] Hdf5 = MakeHdf5();
    private static readonly byte[] Archive = MakeArchive();

    private static readonly byte[] Json =
        """{"in_shape": [null, 2], "layers": [{"type": "gru", "activation": "tanh", "shape": [null, 1], "weights": [[[1, 2, 3], [4, 5, 6]], [[7, 8, 9]], [[1, 2, 3], [4, 5, 6]]]}]}"""u8.ToArray();

    private static readonly byte[] Nam =
        """{"architecture": "LSTM", "config": {"input_size": 1, "hidden_size": 1, "num_layers": 1}, "weights": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]}"""u8.ToArray();

    [Fact]
    public void The_undamaged_files_are_read()
    {
        Assert.True(Try(Hdf5, ReadKeras));
        Assert.True(Try(Archive, ReadKeras));
        Assert.True(Try(Json, ReadJson));
        Assert.True(Try(Nam, ReadNam));
    }

    [Fact]
    public void Flipped_bits_of_Hdf5()
    {
        var random = new Random(1);
        for (var k = 0; k < FileCases; k++)
        {
            _ = Try(Flipped(Hdf5, [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => random.Next(Hdf5.Length * 8))]), ReadKeras,
                Hdf5MemoryLimit);
        }
    }

    [Fact]
    public void Flipped_bits_of_archives() => Flip(Archive, ReadKeras);

    [Fact]
    public void Flipped_bits_of_Json()
    {
        Flip(Json, ReadJson);
        Flip(Nam, ReadNam);
    }

    [Fact]
    public void Truncations()
    {
        for (var length = 0; length < Json.Length; length++)
        {
            Assert.False(Try(Json[..length], ReadJson));
        }

        for (var length = 0; length < Nam.Length; length++)
        {
            Assert.False(Try(Nam[..length], ReadNam));
        }

        for (var length = 0; length < Archive.Length; length += 7)
        {
            Assert.False(Try(Archive[..length], ReadKeras));
        }

        // The library writes the superblock's end of file, but some of a file's last bytes may mean nothing.
        for (var length = 0; length < Hdf5.Length; length += 7)
        {
            _ = Try(Hdf5[..length], ReadKeras, Hdf5MemoryLimit);
        }
    }

    private static void Flip(byte[] good, Action<byte[]> read) =>
        Gen.Int[0, (good.Length * 8) - 1].Array[1, 4].Sample(
            bits =>
            {
                _ = Try(Flipped(good, bits), read);
            },
            iter: FileCases, threads: 1);

    private static byte[] Flipped(byte[] good, int[] bits)
    {
        var bytes = good.ToArray();
        foreach (var bit in bits)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        return bytes;
    }

    private static void ReadKeras(byte[] bytes) => KerasImporter.Import("x", bytes);

    private static void ReadJson(byte[] bytes) => KerasJsonFile.Import("x", bytes);

    private static void ReadNam(byte[] bytes) => NamFile.Import("x", bytes);

    private static bool Try(byte[] bytes, Action<byte[]> read, long memoryLimit = MemoryLimit)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            read(bytes);
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
        finally
        {
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, memoryLimit);
        }
    }

    private static byte[] MakeHdf5()
    {
        var config = Sequential(
            Layer("LSTM", new { name = "lstm", units = 2, recurrent_activation = "sigmoid",
                batch_input_shape = new int?[] { null, null, 3 } }), Layer("Dense", new { name = "head", units = 1 }));
        return KerasTestFile.Hdf5(
            config, "2.4.0", ("lstm", [("k", [3, 8], Values(24)), ("r", [2, 8], Values(16)), ("b", [8], Values(8))]),
            ("head", [("k", [2, 1], Values(2)), ("b", [1], Values(1))]));
    }

    private static byte[] MakeArchive()
    {
        var model = KerasImporter.Import("x", Hdf5);
        return KerasExporter.ToBytes(model);
    }
}
