using Microsoft.Win32.SafeHandles;

namespace RnnCodegen.Generators.Tests.RandomModels;

/// <summary>Guarded memory tells what random models must not do.</summary>
public unsafe class GuardedMemoryTests
{
    [GuardedFact]
    public void A_write_beside_a_block_is_found()
    {
        using var atEnd = new GuardedMemory(isAtEnd: true);
        var block = (byte*)atEnd.Take(100);
        block[-3] = 0;
        Assert.Contains("before a block was written, 3 bytes",
            Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => atEnd.Return(block)).Message, StringComparison.Ordinal);

        using var atStart = new GuardedMemory(isAtEnd: false);
        var other = (byte*)atStart.Take(100);
        other[100] = 0;
        Assert.Contains("after a block was written, 1 bytes",
            Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => atStart.Return(other)).Message, StringComparison.Ordinal);
    }

    /// <summary>The system says of the page what a process would be stopped for.</summary>
    [GuardedTheory]
    [InlineData(true, 100, 100)]
    [InlineData(false, 100, -1)]
    [InlineData(true, 0, 0)]
    public void The_page_beside_a_block_cannot_be_read(bool isAtEnd, int bytes, int at)
    {
        using var memory = new GuardedMemory(isAtEnd);
        var block = (byte*)memory.Take(bytes);
        var path = Path.GetTempFileName();
        using (var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write))
        {
            Assert.ThrowsAny<Exception>(() => Write(file, block + at));
            if (bytes > 0)
            {
                Write(file, block);
            }
        }

        File.Delete(path);
    }

    private static void Write(SafeFileHandle file, byte* at) => RandomAccess.Write(file, new ReadOnlySpan<byte>(at, 1), 0);
}
