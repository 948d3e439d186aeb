using System.Runtime.InteropServices;
using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>Adds up the gradients of all ranks, with the few numbers that go with them. Allocates once.</summary>
internal sealed class GradientExchange
{
    // Loss and weight as exact digits, and the wish to stop.
    private const int Extra = (2 * ExactSum.Digits) + 1;

    private readonly IProcessGroup _group;
    private readonly int _count;
    private readonly int _block;
    private readonly float[] _mine;
    private readonly float[] _received;

    /// <param name="group">The ranks.</param>
    /// <param name="count">Parameters of all models that are trained together.</param>
    /// <param name="inOrder">Whether gradients will be summed in the order of the ranks, which needs a second buffer.</param>
    public GradientExchange(IProcessGroup group, int count, bool inOrder)
    {
        (_group, _count) = (group, count);
        _block = (count + Extra + group.Size - 1) / group.Size;
        _mine = new float[inOrder ? checked(_block * group.Size) : count + Extra];
        _received = new float[inOrder ? _mine.Length : 0];
    }

    /// <summary>One flat call: gradients, a loss, a weight and a flag of all ranks, added up.</summary>
    /// <param name="gradients">This rank's gradients; receive the sums.</param>
    /// <param name="sum">This rank's sum of losses.</param>
    /// <param name="weight">What it counts.</param>
    /// <param name="flag">This rank's flag.</param>
    /// <returns>The sums, and whether any rank has the flag.</returns>
    public (double Sum, double Weight, bool Flag) Combine(ReadOnlySpan<ParameterSet> gradients, double sum, double weight, bool flag)
    {
        var extra = _mine.AsSpan(_count);
        Collect(gradients);
        ExactSum.Split(sum, extra);
        ExactSum.Split(weight, extra[ExactSum.Digits..]);
        extra[^1] = flag ? 1 : 0;
        _group.AllReduceSum(_mine);
        Give(_mine, gradients);
        return (ExactSum.Join(extra), ExactSum.Join(extra[ExactSum.Digits..]), extra[^1] > 0);
    }

    /// <summary>
    /// Sums in the order of the ranks, whatever carries them: each rank adds up one block of the parameters for all, and then everyone gets
    /// every block. It moves as much data as the best way to add in any order.
    /// </summary>
    /// <param name="mine">This rank's gradients.</param>
    /// <param name="sums">Receive the sums.</param>
    /// <param name="flag">This rank's flag.</param>
    /// <returns>Whether any rank has the flag.</returns>
    public bool SumInOrder(ReadOnlySpan<ParameterSet> mine, ReadOnlySpan<ParameterSet> sums, bool flag)
    {
        Collect(mine);
        _mine.AsSpan(_count).Clear();
        _mine[_count] = flag ? 1 : 0;
        _group.AllToAll(_mine, _received);
        var block = _mine.AsSpan(0, _block);
        SumReceived(block);
        _group.AllGather(MemoryMarshal.AsBytes(block), MemoryMarshal.AsBytes(_received.AsSpan()));
        Give(_received, sums);
        return _received[_count] > 0;
    }

    /// <summary>As threads' parts are summed.</summary>
    private unsafe void SumReceived(Span<float> block)
    {
        fixed (float* received = _received, target = block)
        {
            LongSums.AddRows(received, _block, _group.Size, _block, target);
        }
    }

    private void Collect(ReadOnlySpan<ParameterSet> gradients)
    {
        var target = _mine.AsSpan();
        foreach (var set in gradients)
        {
            set.Values.CopyTo(target);
            target = target[set.Count..];
        }
    }

    private static void Give(ReadOnlySpan<float> sums, ReadOnlySpan<ParameterSet> gradients)
    {
        foreach (var set in gradients)
        {
            sums[..set.Count].CopyTo(set.Edit());
            sums = sums[set.Count..];
        }
    }
}
