using System.Runtime.InteropServices;

namespace RnnCodegen.Ranks.Tests;

/// <summary>Ranks as threads of one process, so that what trainers do with a group is tested without any MPI.</summary>
internal sealed class ThreadGroup(int size)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly object _gate = new();
    private readonly byte[][] _data = new byte[size][];
    private int _waiting;
    private long _round;
    private string? _aborted;

    /// <summary>Why a rank ended the others; null where none did.</summary>
    public string? Aborted => _aborted;

    /// <summary>Calls of each kind that rank 0 made.</summary>
    public Dictionary<string, int> Calls { get; } = new(StringComparer.Ordinal);

    /// <summary>Runs a function on each rank, and returns what they did. Where some throw, so does this.</summary>
    public static T[] Run<T>(int size, Func<IProcessGroup, T> rank) => new ThreadGroup(size).Run(rank);

    public T[] Run<T>(Func<IProcessGroup, T> rank)
    {
        var (results, errors) = (new T[size], new Exception?[size]);
        var threads = Enumerable.Range(0, size).Select(r => new Thread(() =>
        {
            try
            {
                results[r] = rank(new Member(this, r));
            }
            catch (Exception e)
            {
                errors[r] = e;
            }
        })).ToArray();
        foreach (var thread in threads)
        {
            thread.Start();
        }

        foreach (var thread in threads)
        {
            thread.Join();
        }

        return errors.All(e => e is null) ? results : throw new AggregateException(errors.Where(e => e is not null)!);
    }

    /// <summary>Gives every rank the data of all.</summary>
    private byte[][] Exchange(int rank, ReadOnlySpan<byte> mine, string call)
    {
        if (rank == 0)
        {
            lock (Calls)
            {
                Calls[call] = Calls.GetValueOrDefault(call) + 1;
            }
        }

        _data[rank] = mine.ToArray();
        Meet();
        var all = (byte[][])_data.Clone();
        Meet();
        if (all.Any(data => data.Length != all[0].Length))
        {
            throw new InvalidOperationException($"Ranks call {call} with {string.Join(", ", all.Select(data => data.Length))} bytes.");
        }

        return all;
    }

    private void Meet()
    {
        lock (_gate)
        {
            var round = _round;
            if (++_waiting == size)
            {
                (_waiting, _round) = (0, _round + 1);
                Monitor.PulseAll(_gate);
            }

            while (round == _round && _aborted is null)
            {
                if (!Monitor.Wait(_gate, Patience))
                {
                    _aborted = "a rank waits for the others without end";
                    Monitor.PulseAll(_gate);
                }
            }

            if (_aborted is { } reason)
            {
                throw new OperationAbortedException(reason);
            }
        }
    }

    private void Abort(string reason)
    {
        lock (_gate)
        {
            _aborted ??= reason;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>What a rank sees whose process would have been ended.</summary>
    internal sealed class OperationAbortedException(string reason) : Exception(reason);

    private sealed class Member(ThreadGroup group, int rank) : IProcessGroup
    {
        public int Rank => rank;

        public int Size => group._data.Length;

        public void Broadcast(Span<byte> data) => group.Exchange(rank, data, nameof(Broadcast))[0].CopyTo(data);

        public void AllReduceSum(Span<float> values)
        {
            // From the last rank down: no trainer may count on an order.
            var all = group.Exchange(rank, MemoryMarshal.AsBytes(values), nameof(AllReduceSum));
            MemoryMarshal.Cast<byte, float>(all[^1]).CopyTo(values);
            for (var r = Size - 2; r >= 0; r--)
            {
                var terms = MemoryMarshal.Cast<byte, float>(all[r]);
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] += terms[i];
                }
            }
        }

        public void AllGather(ReadOnlySpan<byte> mine, Span<byte> all)
        {
            foreach (var data in group.Exchange(rank, mine, nameof(AllGather)))
            {
                data.CopyTo(all);
                all = all[data.Length..];
            }
        }

        public void AllToAll(ReadOnlySpan<float> mine, Span<float> received)
        {
            var all = group.Exchange(rank, MemoryMarshal.AsBytes(mine), nameof(AllToAll));
            var block = mine.Length / Size;
            for (var r = 0; r < Size; r++)
            {
                MemoryMarshal.Cast<byte, float>(all[r]).Slice(rank * block, block).CopyTo(received[(r * block)..]);
            }
        }

        public void Abort(string reason) => group.Abort($"rank {rank}: {reason}");
    }
}
