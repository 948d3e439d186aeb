using Xunit;

namespace RnnCodegen.Cuda.Tests;

/// <summary>What is deleted of the folder of compiled code, and what is not.</summary>
public sealed class CudaCacheTests : IDisposable
{
    private const int ImageBytes = 1000, FileBytes = ImageBytes + 48;

    private static readonly DateTime s_start = DateTime.UtcNow.AddDays(-1);

    private readonly string _folder = Directory.CreateTempSubdirectory("rnncodegen").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_was_not_used_for_longest_goes_first()
    {
        var cache = Cache(3 * FileBytes);
        for (var i = 0; i < 3; i++)
        {
            cache.TryWrite(Key(i), Image(i));
            File.SetLastWriteTimeUtc(PathOf(i), s_start.AddMinutes(i));
        }

        Assert.Equal([0, 1, 2], Kept(4));
        Assert.Equal(Image(0), cache.TryRead(Key(0)));
        cache.TryWrite(Key(3), Image(3));
        Assert.Equal([0, 2, 3], Kept(4));

        // A write of the same is its use too.
        cache.TryWrite(Key(2), Image(2));
        File.SetLastWriteTimeUtc(PathOf(0), s_start.AddMinutes(9));
        cache.TryWrite(Key(1), Image(1));
        Assert.Equal([1, 2, 3], Kept(4));
    }

    [Fact]
    public void As_much_is_deleted_as_is_too_much()
    {
        for (var i = 0; i < 6; i++)
        {
            Cache(long.MaxValue).TryWrite(Key(i), Image(i));
            File.SetLastWriteTimeUtc(PathOf(i), s_start.AddMinutes(i));
        }

        Cache(4 * FileBytes).TryWrite(Key(6), Image(6));
        Assert.Equal([3, 4, 5, 6], Kept(7));
        Cache((2 * FileBytes) - 1).TryWrite(Key(7), Image(7));
        Assert.Equal([7], Kept(8));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    public void What_was_just_written_stays_however_large_and_old_it_is(long limit)
    {
        // Another machine's clock may be ahead.
        Cache(limit).TryWrite(Key(0), Image(0));
        File.SetLastWriteTimeUtc(PathOf(0), DateTime.UtcNow.AddDays(1));
        Cache(limit).TryWrite(Key(1), Image(1));
        Assert.Equal([1], Kept(2));
        Assert.Equal(Image(1), Cache(limit).TryRead(Key(1)));
    }

    [Fact]
    public void Files_of_others_are_neither_counted_nor_deleted()
    {
        string[] others =
        [
            "notes.txt", "weights.bin", Key(0), $"{Key(0)}.bin.txt", $"{Key(0).ToUpperInvariant()}.bin", $"{Key(0)}0.bin", "a.tmp",
            $"{Key(0)}.txt.tmp",
        ];
        foreach (var name in others)
        {
            File.WriteAllBytes(Path.Combine(_folder, name), new byte[10 * FileBytes]);
            File.SetLastWriteTimeUtc(Path.Combine(_folder, name), s_start);
        }

        Directory.CreateDirectory(PathOf(9));
        Cache(2 * FileBytes).TryWrite(Key(1), Image(1));
        Cache(2 * FileBytes).TryWrite(Key(2), Image(2));
        Assert.Equal([1, 2], Kept(9));
        Assert.All(others, name => Assert.True(File.Exists(Path.Combine(_folder, name)), name));
        Assert.True(Directory.Exists(PathOf(9)));
    }

    [Fact]
    public void What_a_killed_process_left_half_written_goes_when_it_is_old()
    {
        var (old, young) = ($"{PathOf(0)}.{Guid.NewGuid():N}.tmp", $"{PathOf(0)}.{Guid.NewGuid():N}.tmp");
        File.WriteAllBytes(old, Image(0));
        File.WriteAllBytes(young, Image(0));
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddHours(-1.1));
        File.SetLastWriteTimeUtc(young, DateTime.UtcNow.AddHours(-0.9));
        Cache(long.MaxValue).TryWrite(Key(1), Image(1));
        Assert.False(File.Exists(old));
        Assert.True(File.Exists(young));
    }

    [Fact]
    public void What_another_process_reads_is_read_to_its_end_or_stays()
    {
        Cache(0).TryWrite(Key(0), Image(0));
        using var reader = File.OpenRead(PathOf(0));
        Cache(0).TryWrite(Key(1), Image(1));
        Assert.Equal(FileBytes, reader.ReadAtLeast(new byte[FileBytes], FileBytes));
        Assert.Equal(Image(1), Cache(0).TryRead(Key(1)));
    }

    /// <summary>Each thread is what a process would be: nothing is common to two caches but the folder.</summary>
    [Fact]
    public void Several_may_write_read_and_prune_at_once()
    {
        const int Threads = 6, Rounds = 60, Images = 12;
        var faults = new System.Collections.Concurrent.ConcurrentQueue<Exception>();
        var threads = Enumerable.Range(0, Threads).Select(seed => new Thread(() =>
        {
            var random = new Random(seed);
            try
            {
                for (var round = 0; round < Rounds; round++)
                {
                    var (written, read) = (random.Next(Images), random.Next(Images));
                    Cache(4 * FileBytes).TryWrite(Key(written), Image(written));
                    Assert.True(Cache(0).TryRead(Key(read)) is not { } found || found.AsSpan().SequenceEqual(Image(read)));
                }
            }
            catch (Exception e)
            {
                faults.Enqueue(e);
            }
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.Empty(faults);
        Cache(4 * FileBytes).TryWrite(Key(0), Image(0));
        Assert.InRange(Kept(Images).Length, 1, 4);
        Assert.Contains(0, Kept(Images));
        Assert.DoesNotContain(Directory.GetFiles(_folder), file => file.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public void A_folder_that_is_deleted_meanwhile_is_no_error()
    {
        var gone = Path.Combine(_folder, "gone");
        var cache = new CudaCache(new CudaOptions { CacheFolder = gone }, _ => null);
        cache.TryWrite(Key(0), Image(0));
        Directory.Delete(gone, recursive: true);
        Assert.Null(cache.TryRead(Key(0)));
        cache.TryWrite(Key(0), Image(0));
        Assert.Equal(Image(0), cache.TryRead(Key(0)));
    }

    [Fact]
    public void Limit_is_256_MB_unless_set_and_not_negative()
    {
        Assert.Equal(268_435_456, new CudaOptions().CacheLimit);
        Assert.Throws<ArgumentOutOfRangeException>(nameof(CudaOptions.CacheLimit), () => new CudaOptions { CacheLimit = -1 });
    }

    private static string Key(int image) => CudaCache.Key($"{image}", [], 12040);

    private static byte[] Image(int image) => [.. Enumerable.Repeat((byte)image, ImageBytes)];

    private string PathOf(int image) => Path.Combine(_folder, Key(image) + ".bin");

    private int[] Kept(int images) => [.. Enumerable.Range(0, images).Where(image => File.Exists(PathOf(image)))];

    private CudaCache Cache(long limit) => new(new CudaOptions { CacheFolder = _folder, CacheLimit = limit }, _ => null);
}
