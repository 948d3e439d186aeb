using System.Runtime.InteropServices;
using System.Text;

namespace RnnCodegen;

/// <summary>
/// Who the other processes on this machine are, so that a rank that dies can be named: a launcher that ends the others tells them by a
/// signal only.
/// </summary>
internal sealed class Peers : IDisposable
{
    private const int NameBytes = 124;

    private readonly MpiWorld _world;
    private readonly (int Process, string Machine)[] _all;
    private readonly PosixSignalRegistration? _signal;

    public Peers(MpiWorld world)
    {
        _world = world;
        Span<byte> mine = stackalloc byte[sizeof(int) + NameBytes];
        mine.Clear();
        BitConverter.TryWriteBytes(mine, Environment.ProcessId);
        var name = Encoding.UTF8.GetBytes(Environment.MachineName);
        name.AsSpan(0, Math.Min(name.Length, NameBytes)).CopyTo(mine[sizeof(int)..]);
        var all = new byte[world.Size * mine.Length];
        world.AllGather(mine, all);
        _all = new (int, string)[world.Size];
        for (var rank = 0; rank < _all.Length; rank++)
        {
            var entry = all.AsSpan(rank * mine.Length, mine.Length);
            _all[rank] = (BitConverter.ToInt32(entry), Encoding.UTF8.GetString(entry[sizeof(int)..]).TrimEnd('\0'));
        }

        if (OperatingSystem.IsLinux())
        {
            _signal = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnTerminate);
        }
    }

    /// <summary>Whether a signal is ending this process.</summary>
    public bool IsEnding { get; private set; }

    /// <summary>Which process is which rank.</summary>
    public override string ToString() => string.Join(", ", Enumerable.Range(0, _all.Length).Select(Describe));

    public void Dispose() => _signal?.Dispose();

    private void OnTerminate(PosixSignalContext context)
    {
        IsEnding = true;
        var here = Enumerable.Range(0, _all.Length).Where(rank => _all[rank].Machine == _all[_world.Rank].Machine).ToArray();
        var dead = here.Where(rank => rank != _world.Rank && !IsAlive(_all[rank].Process)).ToArray();

        // The first that is left speaks for all of the machine.
        if (dead.Length > 0 && here.Except(dead).First() == _world.Rank)
        {
            _world.Say($"{string.Join(", ", dead.Select(Describe))} died, so the job is ended.");
        }
    }

    private string Describe(int rank) => $"rank {rank} (process {_all[rank].Process} on {_all[rank].Machine})";

    private static bool IsAlive(int process)
    {
        try
        {
            // "1234 (name) S ...": a zombie waits for its parent only.
#pragma warning disable RS0030 // The system's own text, whose length is not known before it is read.
            var status = File.ReadAllText($"/proc/{process}/stat");
#pragma warning restore RS0030
            return status.AsSpan(status.LastIndexOf(')') + 1).TrimStart() is not ['Z' or 'X', ..];
        }
        catch (IOException)
        {
            return false;
        }
    }
}
