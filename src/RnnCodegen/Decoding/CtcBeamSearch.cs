using static RnnCodegen.TrainingSettings;

namespace RnnCodegen;

/// <summary>
/// Reads labels from outputs that were trained by <see cref="CtcLoss"/>, by prefix beam search (Hannun et al., 2014): each step extends the
/// label sequences kept so far by a blank, a repetition or a label, adds up all ways to say the same sequence, and keeps the
/// <see cref="Width"/> likeliest. An instance serves one call at a time.
/// </summary>
/// <param name="classes">Features F of an output row, the blank included; at least 2.</param>
/// <param name="blankIndex">The class of the blank, the loss' <see cref="CtcLoss.BlankIndex"/>.</param>
public sealed class CtcBeamSearch(int classes, int blankIndex = 0)
{
    private readonly CtcRows _rows = new(classes, blankIndex);
    private CtcPrefixes? _prefixes;

    /// <summary>Most sequences that are kept from step to step and returned; 16 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public int Width
    {
        get;
        init => field = RequirePositive(value, nameof(Width));
    } = 16;

    /// <summary>The transform that made the rows, the model's <c>Output</c>; none unless set.</summary>
    /// <exception cref="ArgumentException">Sigmoids are no distribution over classes.</exception>
    public OutputTransform Output
    {
        get => _rows.Output;
        init => _rows.Output = value;
    }

    /// <summary>
    /// The best sequences of labels, the best first; at least one, at most <see cref="Width"/>. The log-probability of each adds up all
    /// ways to say it that the beam has kept: where nothing fell out of the beam, it is the negative loss.
    /// </summary>
    /// <param name="output">The sample's output rows [T, F].</param>
    /// <exception cref="ArgumentException">They are no whole number of rows, or one is not finite.</exception>
    /// <exception cref="OverflowException">Steps times <see cref="Width"/> are more than an array holds.</exception>
    public IReadOnlyList<Hypothesis> Search(ReadOnlySpan<float> output)
    {
        var steps = _rows.Steps(output);
        var prefixes = _prefixes ??= new CtcPrefixes(_rows.Classes, _rows.Blank, Width);
        prefixes.Begin(steps);
        for (var t = 0; t < steps; t++)
        {
            prefixes.Step(_rows.Logs(output, t));
        }

        return prefixes.Collect();
    }
}
