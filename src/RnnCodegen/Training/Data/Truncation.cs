namespace RnnCodegen;

/// <summary>
/// Backpropagation through time in windows (Williams and Peng, 1990, BPTT(h; h')): the parameters change every <see cref="Steps"/> time
/// steps, and each time the gradient of these steps' losses flows back through the last <see cref="Window"/> steps. The recurrent state
/// goes on from window to window, and its gradient is cut where a window begins. Each sample of a set is one long stream; a batch's
/// samples go side by side, from their beginnings to the end of the longest.
/// </summary>
public sealed record Truncation
{
    /// <summary>Windows that follow one another.</summary>
    /// <param name="steps">Time steps from one change of the parameters to the next, k1.</param>
    public Truncation(int steps)
        : this(steps, steps)
    {
    }

    /// <summary>Windows that may overlap, so that each loss has a past to flow back through.</summary>
    /// <param name="steps">Time steps from one change of the parameters to the next, k1.</param>
    /// <param name="window">Time steps a gradient flows back through, k2; at least k1, or some losses would not be trained on.</param>
    /// <exception cref="ArgumentOutOfRangeException">The steps are not positive, or the window is shorter.</exception>
    public Truncation(int steps, int window)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(steps);
        ArgumentOutOfRangeException.ThrowIfLessThan(window, steps);
        (Steps, Window) = (steps, window);
    }

    /// <summary>Time steps from one change of the parameters to the next.</summary>
    public int Steps { get; }

    /// <summary>Time steps a gradient flows back through.</summary>
    public int Window { get; }
}
