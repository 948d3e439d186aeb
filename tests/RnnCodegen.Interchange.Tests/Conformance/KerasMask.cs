namespace RnnCodegen.Interchange.Tests.Conformance;

/// <summary>
/// A Keras mask, which may have holes. A masked step changes no state, so it can be left out: the valid steps close ranks, and their
/// numbers are the lengths. What Keras returns at a masked step, the output before it, is put back afterwards.
/// </summary>
internal sealed class KerasMask
{
    private readonly bool[] _valid;
    private readonly int _steps;

    /// <summary>A mask [N, T]; all valid where empty.</summary>
    public KerasMask(bool[] valid, int batch, int steps)
    {
        _valid = valid.Length == 0 ? [.. Enumerable.Repeat(true, batch * steps)] : valid;
        _steps = steps;
        Lengths = [.. Enumerable.Range(0, batch).Select(n => Valid(n).Count())];
    }

    /// <summary>Valid steps of each sample.</summary>
    public int[] Lengths { get; }

    /// <summary>Whether any step is masked.</summary>
    public bool IsNeeded => _valid.Contains(false);

    /// <summary>Rows [N, T, I] with the valid ones first; what follows them is never read.</summary>
    public float[] Close(float[] rows)
    {
        var width = rows.Length / _valid.Length;
        var closed = new float[rows.Length];
        for (var n = 0; n < Lengths.Length; n++)
        {
            foreach (var (to, from) in Valid(n).Index())
            {
                Array.Copy(rows, ((n * _steps) + from) * width, closed, ((n * _steps) + to) * width, width);
            }
        }

        return closed;
    }

    /// <summary>Rows [N, T, F] back at their steps, and at masked steps zeros or the row before.</summary>
    public float[] Open(float[] rows, bool zeros)
    {
        var width = rows.Length / _valid.Length;
        var opened = new float[rows.Length];
        for (var n = 0; n < Lengths.Length; n++)
        {
            var next = 0;
            for (var t = 0; t < _steps; t++)
            {
                var valid = _valid[(n * _steps) + t];
                var from = valid ? next++ : zeros ? -1 : next - 1;
                if (from >= 0)
                {
                    Array.Copy(rows, ((n * _steps) + from) * width, opened, ((n * _steps) + t) * width, width);
                }
            }
        }

        return opened;
    }

    private IEnumerable<int> Valid(int sample) => Enumerable.Range(0, _steps).Where(t => _valid[(sample * _steps) + t]);
}
