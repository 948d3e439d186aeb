using System.Buffers.Binary;
using System.IO.Compression;
using Xunit;
using static RnnCodegen.Interchange.Tests.Keras.KerasTestFile;

namespace RnnCodegen.Interchange.Tests.Keras;

/// <summary>HDF5 files: types are told by what their fields say, values wherever they are kept, and claims cost nothing.</summary>
public class Hdf5Tests
{
    /// <summary>2^28: what a damaged file may make the reader take, beyond the file.</summary>
    private const long MemoryLimit = 256L << 20;

    private static readonly float[] Numbers = [1, -1.875f, 0.5f, 3, -0.25f, 8];

    public static TheoryData<string, byte[], byte[]> Types => new()
    {
        { "float32", Hdf5Builder.Float32, Bytes(4, (b, v) => BinaryPrimitives.WriteSingleLittleEndian(b, v)) },
        { "float32, big-endian", Hdf5Builder.BigEndian(Hdf5Builder.Float32), Bytes(4,
            (b, v) => BinaryPrimitives.WriteSingleBigEndian(b, v)) },
        { "float64", Hdf5Builder.Float64, Bytes(8, (b, v) => BinaryPrimitives.WriteDoubleLittleEndian(b, v)) },
        { "float64, big-endian", Hdf5Builder.BigEndian(Hdf5Builder.Float64), Bytes(8,
            (b, v) => BinaryPrimitives.WriteDoubleBigEndian(b, v)) },
        { "float16", Hdf5Builder.Float16, Bytes(2, (b, v) => BinaryPrimitives.WriteHalfLittleEndian(b, (Half)v)) },
        { "float16, big-endian", Hdf5Builder.BigEndian(Hdf5Builder.Float16), Bytes(2,
            (b, v) => BinaryPrimitives.WriteHalfBigEndian(b, (Half)v)) },
        { "bfloat16", Hdf5Builder.BFloat16, Bytes(2, (b, v) => BinaryPrimitives.WriteUInt16LittleEndian(b, Upper(v))) },
        { "bfloat16, big-endian", Hdf5Builder.BigEndian(Hdf5Builder.BFloat16), Bytes(2,
            (b, v) => BinaryPrimitives.WriteUInt16BigEndian(b, Upper(v))) },
    };

    /// <summary>Changes of float16's and float32's fields, each of which makes another type of the same size.</summary>
    public static TheoryData<int, byte, string> OtherTypes => new()
    {
        { 0, 0x10, "of integers of 4 bytes" },
        { 0, 0x14, "of bit fields of 4 bytes" },
        { 0, 0x15, "of opaque values of 4 bytes" },
        { 0, 0x18, "of enumerations of 4 bytes" },
        { 1, 0x60, "laid out in a way of their own" },
        { 1, 0x00, "laid out in a way of their own" },
        { 2, 30, "laid out in a way of their own" },
        { 8, 1, "laid out in a way of their own" },
        { 10, 31, "laid out in a way of their own" },
        { 12, 22, "laid out in a way of their own" },
        { 13, 7, "7 bits of exponent and 23 of mantissa" },
        { 14, 1, "laid out in a way of their own" },
        { 16, 126, "laid out in a way of their own" },
    };

    [Theory]
    [MemberData(nameof(Types))]
    public void Numbers_are_read_by_what_their_type_says(string name, byte[] type, byte[] data)
    {
        Assert.Equal(Numbers, Read(Hdf5Builder.Contiguous(type, [2, 3], data)).Values);
        Assert.Equal([2, 3], Read(Hdf5Builder.Contiguous(type, [2, 3], data)).Shape);
        Assert.Equal(Numbers, Read(Hdf5Builder.Chunked(type, [6], [6], null, ([0], data))).Values);
        Assert.NotEmpty(name);
    }

    [Fact]
    public void Opaque_bytes_are_BFloat16_where_Keras_says_so()
    {
        var data = Bytes(2, (b, v) => BinaryPrimitives.WriteUInt16LittleEndian(b, Upper(v)));
        Assert.Equal(Numbers, Read(Hdf5Builder.Contiguous(Hdf5Builder.Opaque, [6], data, attribute: ("dtype", "bfloat16"))).Values);
        foreach (var attribute in new (string, string)?[] { null, ("dtype", "float16"), ("type", "bfloat16") })
        {
            var error = Assert.Throws<InvalidDataException>(
                () => Read(Hdf5Builder.Contiguous(Hdf5Builder.Opaque, [6], data, attribute: attribute)));
            Assert.Contains("of opaque values of 2 bytes; save the model's weights as float32.", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(OtherTypes))]
    public void Types_of_the_same_size_are_refused_by_name(int field, byte value, string said)
    {
        var type = Hdf5Builder.Float32;
        type[field] = value;
        var error = Assert.Throws<InvalidDataException>(() => Read(Hdf5Builder.Contiguous(type, [1], [0, 0, 0x80, 0x3F])));
        Assert.Contains("'x.h5': w is not of 16-, 32- or 64-bit floating-point numbers", error.Message, StringComparison.Ordinal);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Chunks_go_where_they_belong_and_what_is_not_there_is_the_fill_value()
    {
        // [3, 5] in chunks of [2, 4], of which the last of each axis hang over; that at [2, 0] was never written.
        byte[] Chunk(int row, int column) =>
            [.. Enumerable.Range(0, 8).SelectMany(k => BitConverter.GetBytes((float)((10 * (row + (k / 4))) + column + (k % 4))))];
        var file = Hdf5Builder.Chunked(Hdf5Builder.Float32, [3, 5], [2, 4], null, ([0, 0], Chunk(0, 0)), ([0, 4], Chunk(0, 4)),
            ([2, 4], Chunk(2, 4)));
        Assert.Equal([0f, 1, 2, 3, 4, 10, 11, 12, 13, 14, 0, 0, 0, 0, 24], Read(file).Values);
        var filled = Hdf5Builder.Contiguous(Hdf5Builder.BigEndian(Hdf5Builder.Float32), [2], null, [0x40, 0x20, 0, 0]);
        Assert.Equal([2.5f, 2.5f], Read(filled).Values);
        Assert.Equal([0f, 0f], Read(Hdf5Builder.Contiguous(Hdf5Builder.Float32, [2], null)).Values);
    }

    [Fact]
    public void Filters_are_undone()
    {
        var plain = Enumerable.Repeat(new byte[] { 0, 0, 0x80, 0x3F }, 8).SelectMany(b => b).ToArray();
        float[] ones = [1, 1, 1, 1, 1, 1, 1, 1];
        Assert.Equal(ones, Chunk(1, [6], Deflated(plain)));

        // A run of four bytes, and a copy of 28 from four bytes back.
        Assert.Equal(ones, Chunk(32000, [], [3, 0, 0, 0x80, 0x3F, 0xE0, 19, 3]));
        byte[] shuffled = [.. new byte[16], .. Enumerable.Repeat((byte)0x80, 8), .. Enumerable.Repeat((byte)0x3F, 8)];
        Assert.Equal(ones, Chunk(2, [4], shuffled));

        // Sums of 16-bit words, highest byte first: 8 times (0 and 0x803F).
        Assert.Equal(ones, Chunk(3, [], [.. plain, .. BitConverter.GetBytes(Fletcher(plain))]));

        // Three bits a number, in hundredths above 0.5: 0, 1, 2, ..., 7.
        byte[] scaled = [3, 0, 0, 0, 8, .. BitConverter.GetBytes(0.5f), .. new byte[12], 0b00000101, 0b00111001, 0b01110111];
        Assert.Equal([0.5f, 0.51f, 0.52f, 0.53f, 0.54f, 0.55f, 0.56f, 0.57f], Chunk(6, [0, 2, 8, 1, 4, 0, 0, 0], scaled),
            (a, b) => Math.Abs(a - b) < 1e-6f);

        static float[] Chunk(int id, uint[] options, byte[] bytes) =>
            Read(Hdf5Builder.Chunked(Hdf5Builder.Float32, [8], [8], (id, options), ([0], bytes))).Values;
    }

    [Theory]
    [InlineData(4, "the filter szip")]
    [InlineData(32015, "the filter zstd")]
    [InlineData(777, "the filter 777")]
    public void Other_filters_are_refused_by_name(int id, string said)
    {
        var file = Hdf5Builder.Chunked(Hdf5Builder.Float32, [1], [1], (id, []), ([0], [0, 0, 0x80, 0x3F]));
        Assert.Contains(said, Assert.Throws<InvalidDataException>(() => Read(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_chunks_are_refused()
    {
        var plain = new byte[32];
        Assert.Contains("check sum", Refusal(3, [.. plain, 1, 2, 3, 4]), StringComparison.Ordinal);
        Assert.Contains("unpacks to more", Refusal(1, Deflated(new byte[100_000])), StringComparison.Ordinal);
        Assert.Contains("unpacks to 16 bytes, but 32", Refusal(1, Deflated(new byte[16])), StringComparison.Ordinal);
        Assert.Contains("lzf is damaged", Refusal(32000, [0xE0, 19, 3]), StringComparison.Ordinal);
        Assert.Contains("more than it has", Refusal(6, [30, 0, 0, 0, 8, .. new byte[20]], [0, 2, 8, 1, 4, 0, 0, 0]),
            StringComparison.Ordinal);
        var outside = Hdf5Builder.Chunked(Hdf5Builder.Float32, [8], [8], null, ([16], plain));
        Assert.Contains("at [16]", Assert.Throws<InvalidDataException>(() => Read(outside)).Message, StringComparison.Ordinal);

        static string Refusal(int id, byte[] bytes, uint[]? options = null) => Assert.Throws<InvalidDataException>(
            () => Read(Hdf5Builder.Chunked(Hdf5Builder.Float32, [8], [8], (id, options ?? []), ([0], bytes)))).Message;
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    public void What_another_library_writes_is_read(int filters, int chunks)
    {
        // 1,200 numbers in chunks of 50 x 7: a table of places, filtered or not; or one piece.
        var values = Values(1200);
        var options = new PureHDF.VOL.Native.H5DatasetCreation(Filters: filters == 0
            ? null
            : [PureHDF.Filters.ShuffleFilter.Id, PureHDF.Filters.DeflateFilter.Id, PureHDF.Filters.Fletcher32Filter.Id]);
        var file = new PureHDF.H5File
        {
            ["w"] = new PureHDF.H5Dataset(values, chunks: filters + chunks == 0 ? null : [50, 7], fileDims: [100, 12],
                datasetCreation: options),
        };
        file.Attributes["names"] = new[] { "a", "bc", "" };
        using var stream = new MemoryStream();
        file.Write(stream);
        var read = Hdf5File.Open("x.h5", stream.ToArray());
        Assert.Equal(values, read.Read("w").Values);
        Assert.Equal(["a", "bc", ""], read.Names("/", "names")!);
        Assert.Null(read.Names("/", "others"));
    }

    [Fact]
    public void A_file_that_was_cut_off_is_read_where_its_weights_are_whole()
    {
        var config = Sequential(Layer("Dense", new { name = "d", units = 1, batch_input_shape = new int?[] { null, null, 1 } }));
        var whole = Hdf5(config, "2.4.0", ("d", [("kernel", [1, 1], [0.5f]), ("bias", [1], [0.25f])]));
        var longer = whole.ToArray();
        var end = Find(longer, BitConverter.GetBytes((long)whole.Length));
        BitConverter.GetBytes(whole.Length + 5000L).CopyTo(longer, end);
        var model = KerasImporter.Import("x.h5", longer);
        Assert.Equal([0.5f], model.Weight("D.weight"));
        Assert.Contains($"says that it has {whole.Length + 5000} bytes, but {whole.Length} are there", Assert.Single(model.Notes),
            StringComparison.Ordinal);
        Assert.Empty(KerasImporter.Import("x.h5", whole).Notes);

        var cut = Hdf5Builder.Contiguous(Hdf5Builder.Float32, [4], new byte[16]);
        Assert.Contains("/ cannot be read", Assert.Throws<InvalidDataException>(() => Read(cut[..^50])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Claims_cost_nothing()
    {
        // Sizes of 2^29 numbers, whose values are nowhere, a chunk of 2^28,
        // and a deflated chunk of 100 MB in 100 kB for each of many places.
        AssertCheap(Hdf5Builder.Contiguous(Hdf5Builder.Float32, [1 << 29], null));
        AssertCheap(Hdf5Builder.Contiguous(Hdf5Builder.Float32, [1 << 15, 1 << 14], null));
        AssertCheap(Hdf5Builder.Chunked(Hdf5Builder.Float32, [1 << 28], [1 << 28], null));
        AssertCheap(Hdf5Builder.Chunked(Hdf5Builder.Float32, [1], [1 << 28], (1, [6]), ([0], Deflated(new byte[100]))));
        var bomb = Deflated(new byte[100 << 20]);
        AssertCheap(Hdf5Builder.Chunked(Hdf5Builder.Float32, [100, 1 << 18], [100, 1 << 18], (1, [6]),
            [.. Enumerable.Repeat((new[] { 0, 0 }, bomb), 1)]), isRefused: true);

        static void AssertCheap(byte[] file, bool isRefused = true)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Equal(isRefused, Record.Exception(() => Read(file)) is InvalidDataException);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MemoryLimit + file.Length);
        }
    }

    [Fact]
    public void An_archive_that_unpacks_to_far_more_than_it_is_is_refused()
    {
        var model = KerasImporter.FromLayer("Dense", System.Text.Json.JsonSerializer.SerializeToElement(new { units = 1 }), 1,
            [Tensor(1, 1, 1), Tensor(2, 1)]);
        using var good = new ZipArchive(new MemoryStream(KerasExporter.ToBytes(model)));
        Assert.Contains("unpacks to", Refusal("model.weights.h5", new byte[100 << 20], CompressionLevel.Fastest), StringComparison.Ordinal);
        Assert.Contains("entry 'config.json' has 20971520 bytes, more than the 16777216",
            Refusal("config.json", new byte[20 << 20], CompressionLevel.Fastest), StringComparison.Ordinal);
        Assert.Contains("entry 'metadata.json' has 2097152 bytes, more than the 1048576",
            Refusal("metadata.json", new byte[2 << 20], CompressionLevel.NoCompression), StringComparison.Ordinal);

        string Refusal(string entry, byte[] bytes, CompressionLevel level)
        {
            using var stream = new MemoryStream();
            using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            {
                foreach (var old in good.Entries.Where(e => e.FullName != entry))
                {
                    using var from = old.Open();
                    using var to = zip.CreateEntry(old.FullName).Open();
                    from.CopyTo(to);
                }

                using var target = zip.CreateEntry(entry, level).Open();
                target.Write(bytes);
            }

            var archive = stream.ToArray();
            var before = GC.GetAllocatedBytesForCurrentThread();
            var error = Assert.Throws<InvalidDataException>(() => KerasImporter.Import("x.keras", archive));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MemoryLimit);
            return error.Message;
        }
    }

    private static KerasArray Read(byte[] file) => Hdf5File.Open("x.h5", file).Read("w");

    private static byte[] Bytes(int size, Action<byte[], float> write) => [.. Numbers.SelectMany(number =>
    {
        var bytes = new byte[size];
        write(bytes, number);
        return bytes;
    })];

    private static ushort Upper(float value) => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16);

    private static byte[] Deflated(byte[] bytes)
    {
        using var stream = new MemoryStream();
        using (var zlib = new ZLibStream(stream, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(bytes);
        }

        return stream.ToArray();
    }

    private static uint Fletcher(byte[] bytes)
    {
        var (low, high) = (0UL, 0UL);
        for (var i = 0; i < bytes.Length; i += 2)
        {
            low += (uint)((bytes[i] << 8) | bytes[i + 1]);
            high += low;
        }

        return (uint)(((high % 65535) << 16) | (low % 65535));
    }

    private static int Find(byte[] bytes, byte[] wanted)
    {
        var at = bytes.AsSpan().IndexOf(wanted);
        return at >= 0 ? at : throw new InvalidOperationException("not there");
    }
}
