using RnnCodegen;

namespace CudaTraining;

/// <summary>
/// The equation of Mackey and Glass (1977), dx/dt = 0.2 x(t - 17) / (1 + x(t - 17)^10) - 0.1 x: never the same again, and yet no noise.
/// </summary>
sealed class ChaosSeries
{
    /// <summary>Steps from what is known to what is said.</summary>
    public const int Ahead = 8;

    /// <summary>Steps of a window to learn from.</summary>
    public const int Window = 128;

    private const int Delay = 17, PartsOfStep = 10, Settling = 500;
    private const float Mean = 0.93f, Deviation = 0.23f;

    private readonly float[] _values;

    /// <summary>A series that starts at a value of its own.</summary>
    public ChaosSeries(int steps, int seed)
    {
        var start = 0.8 + (0.8 * new Random(seed).NextDouble());
        var all = new double[((Settling + steps) * PartsOfStep) + 1];
        all[0] = start;
        for (var i = 1; i < all.Length; i++)
        {
            var late = i <= Delay * PartsOfStep ? start : all[i - 1 - (Delay * PartsOfStep)];
            all[i] = all[i - 1] + (((0.2 * late / (1 + Math.Pow(late, 10))) - (0.1 * all[i - 1])) / PartsOfStep);
        }

        _values = [.. Enumerable.Range(Settling, steps).Select(step => ((float)all[step * PartsOfStep] - Mean) / Deviation)];
    }

    /// <summary>Windows one after the other, each value with the one that follows <see cref="Ahead"/> steps later.</summary>
    public TrainingSet Windows()
    {
        var set = TrainingSet.OfRows(1);
        for (var start = 0; start + Window + Ahead <= _values.Length; start += Window)
        {
            set.Add(_values.AsMemory(start, Window), _values.AsMemory(start + Ahead, Window));
        }

        return set;
    }

    /// <summary>The root of the mean squared error of saying that nothing changes.</summary>
    public double ErrorOfNoChange()
    {
        var count = (_values.Length - Ahead) / Window * Window;
        return Math.Sqrt(Enumerable.Range(0, count).Average(i => Math.Pow(_values[i + Ahead] - _values[i], 2)));
    }
}
