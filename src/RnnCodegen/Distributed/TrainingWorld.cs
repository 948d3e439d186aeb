using System.Runtime.InteropServices;
using System.Text;

namespace RnnCodegen;

/// <summary>
/// What a training has to do with the other ranks of its group: agree on what is trained, share failures, and end together. A training
/// without a group, or with a group of one, asks nobody.
/// </summary>
internal sealed class TrainingWorld
{
    private const int MessageBytes = 1024;

    private readonly IProcessGroup? _group;
    private Exception? _shared;

    /// <param name="group">The ranks; null for a training of this process alone.</param>
    /// <param name="repeatable">Whether sums have a fixed order.</param>
    public TrainingWorld(IProcessGroup? group, bool repeatable)
    {
        if (group is { Size: > 1 })
        {
            (_group, JoinsBatches) = (group, repeatable);
        }
    }

    /// <summary>A training of this process alone.</summary>
    public static TrainingWorld Alone { get; } = new(null, repeatable: false);

    /// <summary>Whether there are other ranks.</summary>
    public bool IsShared => _group is not null;

    public int Rank => _group?.Rank ?? 0;

    public int Size => _group?.Size ?? 1;

    /// <summary>Whether this rank is the one that writes and reports.</summary>
    public bool IsFirst => Rank == 0;

    /// <summary>Whether each rank sees the outputs of whole batches and gradients are summed in the order of the ranks.</summary>
    public bool JoinsBatches { get; }

    /// <summary>Whether gradients and losses are added up once an update, in any order.</summary>
    public bool SumsUpdates => IsShared && !JoinsBatches;

    /// <summary>Whether a rank was asked to stop, as all know.</summary>
    public bool IsCancelled { get; set; }

    /// <summary>The ranks; only where there are others.</summary>
    public IProcessGroup Group => _group!;

    /// <summary>This rank's samples of a batch.</summary>
    public BatchShare ShareOf(int batch) => _group is null ? new(0, batch) : BatchShare.Of(batch, Rank, Size);

    /// <summary>Most samples that a rank has of a batch of at most so many.</summary>
    public int MostOf(int batch) => _group is null ? batch : BatchShare.Most(batch, Size);

    /// <summary>Stops where this process was asked to, or, among others, where all know that one was.</summary>
    public void ThrowIfCancelled(CancellationToken cancellation)
    {
        if (!IsShared)
        {
            cancellation.ThrowIfCancellationRequested();
        }
        else if (IsCancelled)
        {
            throw new OperationCanceledException("The training was cancelled on one of the ranks.", cancellation);
        }
    }

    /// <summary>Trains. What fails on this rank alone ends all ranks, which would wait for it without end.</summary>
    public T Guard<T>(Func<T> train)
    {
        try
        {
            return train();
        }
        catch (Exception e) when (IsShared && !IsKnownToAll(e))
        {
            Group.Abort($"the training failed: {e}");
            throw;
        }
    }

    /// <summary>Does something on each rank that may fail on one of them, and fails on all where it does.</summary>
    /// <exception cref="InvalidOperationException">It failed on another rank; the message has that rank's.</exception>
    public T Agree<T>(Func<T> action)
    {
        if (_group is null)
        {
            return action();
        }

        T? result = default;
        Exception? mine = null;
        try
        {
            result = action();
        }
        catch (Exception e)
        {
            mine = e;
        }

        if (FirstText(mine?.Message, out var rank) is { } text)
        {
            throw _shared = mine ?? new InvalidOperationException($"Rank {rank}: {text}");
        }

        return result!;
    }

    /// <summary>The text of the first rank that has one; null where none has.</summary>
    public string? FirstText(string? mine) => FirstText(mine, out _);

    /// <summary>Refuses ranks that were given different things to do, and says which.</summary>
    /// <param name="words">What must be the same: its name, and words that are equal where it is.</param>
    public void RequireSame(params ReadOnlySpan<(string What, string Words)> words)
    {
        if (_group is null)
        {
            return;
        }

        const int Length = 32;
        var mine = new byte[words.Length * Length];
        for (var i = 0; i < words.Length; i++)
        {
            var hash = new ContentHash();
            hash.Append<byte>(Encoding.UTF8.GetBytes(words[i].Words));
            Encoding.ASCII.GetBytes(hash.ToString(), mine.AsSpan(i * Length, Length));
        }

        var all = new byte[mine.Length * Size];
        _group.AllGather(mine, all);
        for (var rank = 1; rank < Size; rank++)
        {
            for (var i = 0; i < words.Length; i++)
            {
                if (!all.AsSpan((rank * mine.Length) + (i * Length), Length).SequenceEqual(all.AsSpan(i * Length, Length)))
                {
                    throw _shared = new InvalidOperationException(
                        $"Rank {rank} has another {words[i].What} than rank 0 (this is rank {Rank}: {words[i].Words}). All ranks make " +
                        "the same model, sets and settings and call the trainer alike; each then trains with its part of each batch.");
                }
            }
        }
    }

    /// <summary>Refuses to go on where the ranks' parameters are not the same bits, because only one of them was changed.</summary>
    public void RequireSameParameters(ReadOnlySpan<ParameterSet> parameters)
    {
        if (IsShared)
        {
            var hash = new ContentHash();
            foreach (var set in parameters)
            {
                hash.Append(set.Values);
            }

            RequireSame(
                ("set of parameter values after the same updates (was the learning rate changed on one rank only?)", hash.ToString()));
        }
    }

    /// <summary>Gives every rank what rank 0 has.</summary>
    public void Broadcast<T>(Span<T> values)
        where T : unmanaged => _group?.Broadcast(MemoryMarshal.AsBytes(values));

    /// <summary>Gives every rank rank 0's parameters and optimizer state.</summary>
    public void Broadcast(Trainee trainee)
    {
        if (_group is null)
        {
            return;
        }

        trainee.Optimizer.Prepare(trainee.Parameters);
        Broadcast(trainee.Parameters.Edit());
        foreach (var (_, values) in trainee.Optimizer.Slots)
        {
            Broadcast(values.AsSpan());
        }

        trainee.Optimizer.StepCount = _group.FromRank0(trainee.Optimizer.StepCount);
    }

    /// <summary>A file as rank 0 sees it: the others may be on machines that have none.</summary>
    public byte[] ReadFile(string path)
    {
        var bytes = Agree(() => IsFirst ? RegularFile.ReadAllBytes(path) : []);
        var length = Group.FromRank0(bytes.Length);
        bytes = IsFirst ? bytes : new byte[length];
        Broadcast(bytes.AsSpan());
        return bytes;
    }

    /// <summary>Of numbers that the ranks found, the smallest that is not negative; -1 where all are.</summary>
    public int First(int found)
    {
        if (_group is null)
        {
            return found;
        }

        Span<int> all = stackalloc int[Size];
        _group.AllGather(MemoryMarshal.AsBytes<int>([found]), MemoryMarshal.AsBytes(all));
        var first = -1;
        foreach (var number in all)
        {
            first = number >= 0 && (first < 0 || number < first) ? number : first;
        }

        return first;
    }

    private string? FirstText(string? mine, out int rank)
    {
        Span<byte> text = stackalloc byte[MessageBytes];
        text.Clear();
        if (mine is not null)
        {
            // Never empty: the first byte says that there is one.
            text[0] = 1;
            Encoding.UTF8.GetEncoder().Convert(mine, text[1..], flush: true, out _, out _, out _);
        }

        var all = new byte[MessageBytes * Size];
        Group.AllGather(text, all);
        for (rank = 0; rank < Size; rank++)
        {
            var its = all.AsSpan(rank * MessageBytes, MessageBytes);
            if (its[0] != 0)
            {
                return Encoding.UTF8.GetString(its[1..]).TrimEnd('\0');
            }
        }

        return null;
    }

    /// <summary>
    /// Puts the rows of a batch's samples together: of each rank [groups, its samples, width], to [groups, samples, width].
    /// </summary>
    public void Join(ReadOnlySpan<float> mine, int groups, int batch, int width, Span<float> all, ref float[] buffer)
    {
        var block = checked(groups * MostOf(batch) * width);
        if (buffer.Length < (Size + 1) * block)
        {
            buffer = new float[checked((Size + 1) * block)];
        }

        var padded = buffer.AsSpan(Size * block, block);
        mine.CopyTo(padded);
        Group.AllGather(MemoryMarshal.AsBytes(padded), MemoryMarshal.AsBytes(buffer.AsSpan(0, Size * block)));
        for (var rank = 0; rank < Size; rank++)
        {
            var share = BatchShare.Of(batch, rank, Size);
            for (var g = 0; g < groups; g++)
            {
                var rows = buffer.AsSpan((rank * block) + (g * share.Count * width), share.Count * width);
                rows.CopyTo(all[(((g * batch) + share.First) * width)..]);
            }
        }
    }

    /// <summary>Whether all ranks know of a failure, and fail alike.</summary>
    private bool IsKnownToAll(Exception e) =>
        ReferenceEquals(e, _shared) || e is TrainingDivergedException || (e is OperationCanceledException && IsCancelled);
}
