using System.Runtime.InteropServices;

namespace RnnCodegen.Generators.Tests.RandomModels;

/// <summary>
/// Memory between pages that nobody may touch. A block ends right before such a page, or begins right after one: who reads or writes past
/// it stops the process, whose last words name the method. What is left of the block's pages on its other side is filled with a pattern,
/// which must still be there at the end.
/// </summary>
/// <param name="isAtEnd">Whether blocks end before a page; else they begin after one.</param>
internal sealed unsafe partial class GuardedMemory(bool isAtEnd) : IDisposable
{
    // A NaN of all ones: who reads it shows it.
    private const byte Pattern = 0xFF;
    private const int NoAccess = 0;
    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;

    private static readonly int s_page = Environment.SystemPageSize;

    private readonly Lock _lock = new();
    private readonly Dictionary<nint, Block> _taken = [];
    private readonly Dictionary<int, Stack<nint>> _free = [];

    /// <summary>Why there are no such pages here; null where there are.</summary>
    public static string? Missing { get; } = OperatingSystem.IsLinux() ? null : "Pages without access are asked for as Linux gives them.";

    /// <summary>Memory with copies of some values.</summary>
    public T* Take<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        var block = (T*)Take(values.Length * sizeof(T));
        values.CopyTo(new Span<T>(block, values.Length));
        return block;
    }

    /// <summary>Memory of so many bytes, all of the pattern.</summary>
    public void* Take(long bytes)
    {
        var pages = (int)((bytes + s_page - 1) / s_page);
        lock (_lock)
        {
            var start = _free.TryGetValue(pages, out var stack) && stack.TryPop(out var kept) ? kept : Map(pages);
            new Span<byte>((void*)start, pages * s_page).Fill(Pattern);
            var block = isAtEnd ? start + (pages * s_page) - (nint)bytes : start;
            _taken.Add(block, new Block(start, pages, bytes));
            return (void*)block;
        }
    }

    /// <summary>Takes a block back, of which nothing but itself may have been written.</summary>
    public void Return(void* block)
    {
        lock (_lock)
        {
            if (block != null && _taken.Remove((nint)block, out var taken))
            {
                var (before, after) = ((nint)block - taken.Start, taken.Start + (taken.Pages * s_page) - ((nint)block + (nint)taken.Bytes));
                Require(new ReadOnlySpan<byte>((void*)taken.Start, (int)before), "before");
                Require(new ReadOnlySpan<byte>((byte*)block + taken.Bytes, (int)after), "after");
                (_free.TryGetValue(taken.Pages, out var stack) ? stack : _free[taken.Pages] = new()).Push(taken.Start);
            }
        }
    }

    /// <summary>Takes all blocks back.</summary>
    public void ReturnAll()
    {
        foreach (var block in _taken.Keys.ToList())
        {
            Return((void*)block);
        }
    }

    public void Dispose()
    {
        foreach (var (pages, stack) in _free.Select(f => (f.Key, f.Value))
            .Concat(_taken.Values.Select(b => (b.Pages, new Stack<nint>([b.Start])))))
        {
            foreach (var start in stack)
            {
                Unmap(start - s_page, (nuint)((pages + 2) * s_page));
            }
        }
    }

    private static nint Map(int pages)
    {
        var start = Map(0, (nuint)((pages + 2) * s_page), NoAccess, PrivateAnonymous, -1, 0);
        Assert.True(start != -1 && (pages == 0 || Protect(start + s_page, (nuint)(pages * s_page), ReadWrite) == 0),
            $"No {pages} pages could be had.");
        return start + s_page;
    }

    private static void Require(ReadOnlySpan<byte> bytes, string where)
    {
        var written = bytes.IndexOfAnyExcept(Pattern);
        Assert.True(written < 0,
            $"Memory {where} a block was written, {(where == "before" ? bytes.Length - written : written + 1)} bytes from it.");
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);

    private readonly record struct Block(nint Start, int Pages, long Bytes);
}
