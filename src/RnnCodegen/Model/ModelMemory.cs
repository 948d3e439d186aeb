namespace RnnCodegen;

/// <summary>
/// Rows that a model attends to, in an engine's memory. Once set, it does not change while others may read it: a state that shares it gets
/// one of its own before it sets another.
/// </summary>
internal abstract class ModelMemory
{
    private int[] _lengths = [];
    private bool _hasLengths;

    /// <summary>Rows of a sample.</summary>
    public int Steps { get; private set; }

    /// <summary>Samples B.</summary>
    public int Batch { get; private set; }

    /// <summary>Features of a row.</summary>
    public int Width { get; private set; }

    /// <summary>Changes with each new content.</summary>
    public int Version { get; private set; }

    /// <summary>Valid rows of each sample; empty where all are.</summary>
    public ReadOnlySpan<int> ValidRows => _hasLengths ? _lengths.AsSpan(0, Batch) : [];

    /// <summary>Takes rows [S, B, M].</summary>
    public void Set(ReadOnlySpan<float> rows, int steps, int batch, int width, ReadOnlySpan<int> lengths)
    {
        Resize(steps, batch, width, lengths);
        Store(rows);
    }

    /// <summary>Writes the rows [S, B, M].</summary>
    public abstract void CopyTo(Span<float> rows);

    /// <summary>Takes rows [S, B, M] of the sizes it has.</summary>
    protected abstract void Store(ReadOnlySpan<float> rows);

    /// <summary>Makes it a memory of other sizes, and of other content for whoever remembers it.</summary>
    protected void Resize(int steps, int batch, int width, ReadOnlySpan<int> lengths)
    {
        (Steps, Batch, Width, _hasLengths) = (steps, batch, width, !lengths.IsEmpty);
        Version = unchecked(Version + 1);
        if (_lengths.Length < lengths.Length)
        {
            // Kernels on the host keep pointers to it.
            _lengths = GC.AllocateArray<int>(lengths.Length, pinned: true);
        }

        lengths.CopyTo(_lengths);
    }
}
