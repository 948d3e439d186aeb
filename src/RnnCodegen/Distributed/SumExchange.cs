using System.Runtime.InteropServices;

namespace RnnCodegen;

/// <summary>
/// The sums that a metric is made of, visited twice by one list: first they are noted, then they are replaced by those over all ranks.
/// Counts are exact up to 2^53.
/// </summary>
internal sealed class SumExchange
{
    private readonly List<double> _sums = [];
    private int _next;

    /// <summary>Whether the visit gives the metrics their sums, rather than taking them.</summary>
    public bool Restores { get; private set; }

    /// <summary>Takes or gives a sum.</summary>
    public void Add(ref double sum) => sum = Visit(sum);

    /// <summary>Takes or gives a count.</summary>
    public void Add(ref long count) => count = (long)Visit(count);

    /// <summary>Adds up what all ranks noted, in their order, and gives it out from here on.</summary>
    public void Combine(IProcessGroup group)
    {
        var mine = _sums.ToArray();
        var all = new double[mine.Length * group.Size];
        group.AllGather(MemoryMarshal.AsBytes(mine.AsSpan()), MemoryMarshal.AsBytes(all.AsSpan()));
        for (var i = 0; i < mine.Length; i++)
        {
            _sums[i] = 0;
            for (var rank = 0; rank < group.Size; rank++)
            {
                _sums[i] += all[(rank * mine.Length) + i];
            }
        }

        Restores = true;
    }

    private double Visit(double value)
    {
        if (Restores)
        {
            return _sums[_next++];
        }

        _sums.Add(value);
        return value;
    }
}
