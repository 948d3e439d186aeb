using System.Text;
using CsCheck;
using RnnCodegen.Tests.Parameters;
using Xunit;

namespace RnnCodegen.Tests.Weights;

/// <summary>
/// 20,000 damaged files: each loads as what its bytes say, or is refused with an <see cref="InvalidDataException"/> and the model as it
/// was, and neither takes more memory than the file's size warrants.
/// </summary>
public class FuzzTests
{
    private const string Header =
        """{"__metadata__":{"format":"pt"},"W":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"b":{"dtype":"F32","shape":[2],"data_offsets":[16,24]}}""";

    /// <summary>Pieces that make headers go wrong in more ways than single bits do.</summary>
    private static readonly string[] Pieces =
    [
        "{", "}", "[", "]", ",", ":", "\"", "0", "-1", "16", "24", "1e9", "9223372036854775807", "18446744073709551616", "null", "true",
        "\\u0000", "\\ud800",
        "\"W\"", "\"b\"", "F64", "F16", "BF16", "I8", "F8_E4M3", "dtype", "shape", "data_offsets", "__metadata__", "[0]", "[[", "{\"a\":",
        " ", "\n", "\u00e9", "\ufffd",
    ];

    private static readonly byte[] Good = [.. BitConverter.GetBytes((ulong)Header.Length), .. Encoding.UTF8.GetBytes(Header), .. Data];

    private static byte[] Data => [.. new float[] { 1, -2, 0.5f, 3e-3f, 7, -8e8f }.SelectMany(BitConverter.GetBytes)];

    [Fact]
    public void The_undamaged_file_loads() => Assert.True(Try(Good));

    [Fact]
    public void Each_truncation_is_refused()
    {
        for (var length = 0; length < Good.Length; length++)
        {
            Assert.False(Try(Good[..length]));
        }
    }

    [Fact]
    public void Flipped_bits() =>
        Gen.Int[0, (Good.Length * 8) - 1].Array[1, 4].Sample(
            bits =>
            {
                var bytes = Good.ToArray();
                foreach (var bit in bits)
                {
                    bytes[bit / 8] ^= (byte)(1 << (bit % 8));
                }

                _ = Try(bytes);
            },
            iter: 8_000, threads: 1);

    [Fact]
    public void Edited_headers()
    {
        var edit = Gen.Select(Gen.Int[0, Header.Length], Gen.Int[0, 12], Gen.Int[0, Pieces.Length - 1],
            (at, removed, piece) => (at, removed, inserted: Pieces[piece]));
        edit.Array[1, 3].Sample(
            edits =>
            {
                var header = Header;
                foreach (var (at, removed, inserted) in edits)
                {
                    var start = Math.Min(at, header.Length);
                    header = header.Remove(start, Math.Min(removed, header.Length - start)).Insert(start, inserted);
                }

                var bytes = Encoding.UTF8.GetBytes(header);
                _ = Try([.. BitConverter.GetBytes((ulong)bytes.Length), .. bytes, .. Data]);
            },
            iter: 8_000, threads: 1);
    }

    [Fact]
    public void Random_bytes_behind_a_right_length() =>
        Gen.Select(Gen.Byte.Array[0, 200], Gen.Int[0, 200], (bytes, length) => (bytes, length)).Sample(
            t => Assert.False(Try([.. BitConverter.GetBytes((ulong)t.length), .. t.bytes])), iter: 2_000, threads: 1);

    [Fact]
    public void Random_bytes() => Gen.Byte.Array[0, 300].Sample(bytes => Assert.False(Try(bytes)), iter: 2_000, threads: 1);

    [Fact]
    public void A_header_of_very_many_tensors_takes_memory_in_proportion()
    {
        var entries = Enumerable.Range(0, 20_000).Select(i => $$""" "{{i}}":{"dtype":"U8","shape":[],"data_offsets":[{{i}},{{i + 1}}]}""");
        var header = "{" + string.Join(",", entries) + "}";
        var bytes = Encoding.UTF8.GetBytes(header);
        Assert.False(Try([.. BitConverter.GetBytes((ulong)bytes.Length), .. bytes, .. new byte[20_000]]));
    }

    /// <summary>Loads a file; false where it is refused as it should be.</summary>
    private static bool Try(byte[] file)
    {
        var set = new ParameterSet(Layouts.Place(("W", ParameterRole.DenseWeight, 2, 2, 2), ("b", ParameterRole.DenseBias, 2, 0, 2)));
        set.Edit().Fill(5);
        var version = set.Version;
        var before = GC.GetAllocatedBytesForCurrentThread();
        bool loaded;
        try
        {
            SafeTensors.Load("fuzz", file, set);
            loaded = true;
        }
        catch (InvalidDataException e)
        {
            loaded = false;
            Assert.StartsWith("'fuzz': ", e.Message, StringComparison.Ordinal);
        }

        // Exceptions and their stack traces take most of the constant.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (100 << 10) + (16L * file.Length));
        if (loaded)
        {
            // Whatever was done to the header, the data are the last 24 bytes.
            Assert.Equal(file[^24..], System.Runtime.InteropServices.MemoryMarshal.AsBytes(set.Values).ToArray());
            Assert.False(set.Values.ContainsAnyExceptInRange(float.MinValue, float.MaxValue));
        }
        else
        {
            Assert.False(set.Values.ContainsAnyExcept(5f));
            Assert.Equal(version, set.Version);
        }

        return loaded;
    }
}
