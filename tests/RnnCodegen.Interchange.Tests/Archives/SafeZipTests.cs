using CsCheck;
using RnnCodegen.Numerics.Tests.Conformance;
using Xunit;

namespace RnnCodegen.Interchange.Tests.Archives;

/// <summary>Archives that are right are read, and those of an attacker refused before they cost anything.</summary>
public class SafeZipTests
{
    private static readonly byte[] Text = [.. Enumerable.Range(0, 5000).Select(i => (byte)(i % 7))];

    [Fact]
    public void Stored_and_deflated_entries_are_read()
    {
        var bytes = new ZipBytes().Add("a/stored", Text).Add("deflated.txt", Text, deflate: true).Add("a/", []).Add("empty", [])
            .ToArray(comment: "made by hand");
        using var zip = Open(bytes);
        Assert.Equal(["a/stored", "deflated.txt", "empty"], zip.Entries.Select(e => e.Name));
        Assert.Equal(Text, zip.Read("a/stored"));
        Assert.Equal(Text, zip.Read("deflated.txt"));
        Assert.Empty(zip.Read("empty"));
        Assert.True(SafeZip.IsZip(bytes));
    }

    [Fact]
    public void Archives_with_64_bit_records_are_read()
    {
        using var zip = Open(new ZipBytes().Add("a", Text).ToArray(wide: true));
        Assert.Equal(Text, zip.Read("a"));

        byte[] extra = [1, 0, 24, 0, .. BitConverter.GetBytes(3L), .. BitConverter.GetBytes(3L), .. BitConverter.GetBytes(0L)];
        var lies = new ZipBytes.Lies { Length = uint.MaxValue, StoredLength = uint.MaxValue, Offset = uint.MaxValue, Extra = extra };
        using var wide = Open(new ZipBytes().Add("a", [1, 2, 3], lies: lies).ToArray());
        Assert.Equal([1, 2, 3], wide.Read("a"));
    }

    public static TheoryData<string, byte[], string> Wrong => new()
    {
        { "no archive", new byte[1000], "no zip directory" },
        { "no bytes", [], "no zip directory" },
        { "encrypted", Lie(new() { Flags = 1 }), "entry 'a' is encrypted" },
        { "another method", Lie(new() { Method = 12 }), "compressed by method 12" },
        { "stored sizes differ", Lie(new() { Length = 4999 }), "declares 4999 bytes in 5000 stored ones" },
        { "beyond the archive", Lie(new() { Length = 50000, StoredLength = 50000 }), "takes 50000 bytes from byte" },
        { "no entry there", Lie(new() { Offset = 1 }), "said to start at byte 1, but no entry does" },
        { "behind everything", Lie(new() { Offset = 1 << 30 }), "behind the last place" },
        { "64 bits lacking", Lie(new() { Length = uint.MaxValue }), "lacks its 64-bit sizes" },
        { "negative", Lie(
            new() { Length = uint.MaxValue, Extra = [1, 0, 8, 0, .. BitConverter.GetBytes(-1L)] }), "lacks its 64-bit sizes" },
        { "extra too long", Lie(new() { Extra = [1, 0, 8, 0, 1] }), "truncated extra field" },
        { "two names", Lie(new() { LocalName = "b" }), "differs from the header" },
        { "twice", ZipBytes.Of(("a", Text), ("a", Text)), "'a' occurs twice" },
        { "overlap", new ZipBytes().Add("a", Text).Add("b", Text, lies: new() { Offset = 0, LocalName = "b" })
            .ToArray(), "differs from the header" },
        { "parent", ZipBytes.Of(("a/../../b", Text)), "leads out" },
        { "absolute", ZipBytes.Of(("/a", Text)), "leads out" },
        { "drive", ZipBytes.Of(("C:a", Text)), "leads out" },
        { "backslash", ZipBytes.Of(("..\\a", Text)), "leads out" },
        { "zero", ZipBytes.Of(("a\0b", Text)), "leads out" },
        { "no name", ZipBytes.Of(("", Text)), "leads out" },
        { "not UTF-8", new ZipBytes().Add([0xFF, 0xFE], Text).ToArray(), "not valid UTF-8: FFFE" },
        { "folder with bytes", ZipBytes.Of(("a/", Text)), "a folder with 5000 bytes" },
        { "more entries", new ZipBytes().Add("a", Text).ToArray(count: 2), "claims 2 entries in" },
        { "fewer entries", new ZipBytes().Add("a", Text).Add("b", Text).ToArray(count: 1), "its 1 entries take" },
        { "directory outside", new ZipBytes().Add("a", Text).ToArray(directoryStart: 1 << 20), "from byte 1048576 on" },
        { "directory too long", new ZipBytes().Add("a", Text).ToArray(directoryLength: 1 << 20), "in 1048576 bytes" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_is_wrong_is_refused_when_it_is_opened(string what, byte[] archive, string message)
    {
        var error = Assert.Throws<InvalidDataException>(() => Open(archive));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("'test.zip': ", error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(what);
    }

    [Fact]
    public void Entries_that_share_bytes_are_refused()
    {
        // The second entry's header stands within the first entry's data.
        var inner = ZipBytes.Of(("b", Text));
        var local = inner.AsSpan(0, 31 + Text.Length).ToArray();
        var zip = new ZipBytes().Add("a", local);
        var archive = zip.Add("b", Text, lies: new() { Offset = 31 }).ToArray();
        Assert.Contains("within 'a'", Assert.Throws<InvalidDataException>(() => Open(archive)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4999u, "unpacks to more than 4999 bytes, but 4999 are declared")]
    [InlineData(5001u, "unpacks to 5000 bytes, but 5001 are declared")]
    public void A_compressed_entry_is_held_to_its_length(uint declared, string message)
    {
        using var zip = Open(new ZipBytes().Add("a", Text, deflate: true, lies: new() { Length = declared }).ToArray());
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => zip.Read("a")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Corrupt_bytes_are_refused()
    {
        var stored = new ZipBytes().Add("a", Text).ToArray();
        stored[100] ^= 1;
        Assert.Contains("check sum", Assert.Throws<InvalidDataException>(() => Open(stored).Read("a")).Message, StringComparison.Ordinal);
        var deflated = new ZipBytes().Add("a", Text, deflate: true).ToArray();
        deflated[31] = 0xFF;
        Assert.Contains("entry 'a' cannot be unpacked", Assert.Throws<InvalidDataException>(() => Open(deflated).Read("a")).Message,
            StringComparison.Ordinal);
        Assert.Contains("no entry 'b'", Assert.Throws<InvalidDataException>(() => Open(deflated).Read("b")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_bomb_is_refused_before_it_is_unpacked()
    {
        var bomb = new ZipBytes().Add("a", new byte[2_000_000], deflate: true).Add("b", new byte[2_000_000], deflate: true).ToArray();
        Assert.InRange(bomb.Length, 0, 10_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<InvalidDataException>(() => SafeZip.Open("bomb.zip", new MemoryStream(bomb), limit: 3_000_000));
        Assert.Contains("unpacks to 4000000 bytes, more than the 3000000", error.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 300_000);

        // More than deflate can pack into so few bytes is a lie, whatever the limit.
        var lie = new ZipBytes().Add("a", new byte[100], deflate: true, lies: new() { Length = 2_000_000_000 }).ToArray();
        Assert.Contains("which cannot be", Assert.Throws<InvalidDataException>(() => Open(lie)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_truncation_is_refused()
    {
        var bytes = new ZipBytes().Add("a", Text[..50]).Add("b", Text[..200], deflate: true).ToArray();
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => Open(bytes[..length]));
        }
    }

    [Fact]
    public void Flipped_bits_are_refused_or_harmless()
    {
        // 5,000 archives; what can change without being noticed is what names an entry, and times.
        var good = new ZipBytes().Add("a", Text[..50]).Add("b", Text[..200], deflate: true).ToArray(wide: true);
        Gen.Int[0, (good.Length * 8) - 1].Array[1, 3].Sample(
            bits =>
            {
                var bytes = good.ToArray();
                foreach (var bit in bits)
                {
                    bytes[bit / 8] ^= (byte)(1 << (bit % 8));
                }

                var before = GC.GetAllocatedBytesForCurrentThread();
                try
                {
                    using var zip = Open(bytes);
                    foreach (var entry in zip.Entries)
                    {
                        var read = zip.Read(entry);
                        Assert.Equal(Text[..read.Length], read);
                    }
                }
                catch (InvalidDataException e)
                {
                    Assert.StartsWith("'test.zip': ", e.Message, StringComparison.Ordinal);
                }

                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
            },
            iter: 5_000, threads: 1);
    }

    [DataTheory("g2p-en-gru-seq2seq/checkpoint20.npz")]
    [InlineData("g2p-en-gru-seq2seq/checkpoint20.npz")]
    public void A_real_archive_is_read(string file)
    {
        var path = SharedData.Find(file)!;
        using var theirs = System.IO.Compression.ZipFile.OpenRead(path);
        using var ours = SafeZip.Open(path);
        Assert.Equal(theirs.Entries.Select(e => e.FullName), ours.Entries.Select(e => e.Name));
        foreach (var entry in theirs.Entries)
        {
            using var stream = entry.Open();
            var bytes = new byte[entry.Length];
            stream.ReadExactly(bytes);
            Assert.Equal(bytes, ours.Read(entry.FullName));
        }
    }

    [Fact]
    public void What_is_written_is_aligned_and_read_by_others()
    {
        var stream = new MemoryStream();
        var writer = new StoredZipWriter(stream, 64);
        writer.Add("a/first", Text);
        writer.Add("second-\u00e9", []);
        writer.Add("third", Text[..1]);
        writer.Finish();
        using (var ours = Open(stream.ToArray()))
        {
            Assert.All(ours.Entries, e => Assert.Equal(0, e.Offset % 64));
            Assert.Equal(Text, ours.Read("a/first"));
        }

        using var theirs = new System.IO.Compression.ZipArchive(new MemoryStream(stream.ToArray()));
        Assert.Equal(["a/first", "second-\u00e9", "third"], theirs.Entries.Select(e => e.FullName));
        using var first = theirs.Entries[0].Open();
        var read = new byte[Text.Length];
        first.ReadExactly(read);
        Assert.Equal(Text, read);
    }

    private static byte[] Lie(ZipBytes.Lies lies) => new ZipBytes().Add("a", Text, lies: lies).ToArray();

    private static SafeZip Open(byte[] archive) => SafeZip.Open("test.zip", new MemoryStream(archive));
}
