namespace RnnCodegen.PtxMachine;

/// <summary>
/// Who wrote and read a word in this launch, and how many barriers of each kind that thread had arrived at before. An access is ordered
/// before a thread if it stands before an arrival at a barrier that both take part in and whose wait the thread has behind it.
/// </summary>
internal struct AccessHistory
{
    private Access _writer;
    private List<Access>? _readers;

    /// <summary>Notes a read; returns a writer that is not ordered before it.</summary>
    public PtxThread? Read(PtxThread thread)
    {
        if (_writer.Thread is not null && !_writer.IsBefore(thread))
        {
            return _writer.Thread;
        }

        // A reader that is ordered before this one is ordered before whatever this one is; two of a block stand for all of it.
        _readers ??= new(2);
        var ofBlock = 0;
        for (var i = _readers.Count - 1; i >= 0; i--)
        {
            if (_readers[i].IsBefore(thread))
            {
                _readers.RemoveAt(i);
            }
            else
            {
                ofBlock += _readers[i].Thread!.Block == thread.Block ? 1 : 0;
            }
        }

        if (ofBlock < 2)
        {
            _readers.Add(new(thread));
        }

        return null;
    }

    /// <summary>Notes a write; returns a reader or writer that is not ordered before it.</summary>
    public PtxThread? Write(PtxThread thread)
    {
        if (_writer.Thread is not null && !_writer.IsBefore(thread))
        {
            return _writer.Thread;
        }

        foreach (var reader in _readers ?? [])
        {
            if (!reader.IsBefore(thread))
            {
                return reader.Thread;
            }
        }

        _readers?.Clear();
        _writer = new(thread);
        return null;
    }

    private readonly struct Access(PtxThread thread)
    {
        private readonly int _warp = thread.WarpArrivals, _block = thread.BlockArrivals, _cluster = thread.ClusterArrivals;

        public PtxThread? Thread { get; } = thread;

        public bool IsBefore(PtxThread other) => Thread == other
            || (Thread!.Block == other.Block && ((Thread.Warp == other.Warp && _warp < other.WarpWaits) || _block < other.BlockWaits))
            || (Thread.Block.Cluster == other.Block.Cluster && _cluster < other.ClusterWaits);
    }
}
