using System.Numerics.Tensors;

namespace RnnCodegen;

/// <summary>
/// Reads labels from outputs that were trained by <see cref="CtcLoss"/>, by the best path: the likeliest class of each step, runs of the
/// same class become one, and blanks are left out. An instance serves one call at a time.
/// </summary>
/// <param name="classes">Features F of an output row, the blank included; at least 2.</param>
/// <param name="blankIndex">The class of the blank, the loss' <see cref="CtcLoss.BlankIndex"/>.</param>
public sealed class CtcGreedyDecoder(int classes, int blankIndex = 0)
{
    private readonly CtcRows _rows = new(classes, blankIndex);
    private int[] _labels = [];

    /// <summary>The transform that made the rows, the model's <c>Output</c>; none unless set.</summary>
    /// <exception cref="ArgumentException">Sigmoids are no distribution over classes.</exception>
    public OutputTransform Output
    {
        get => _rows.Output;
        init => _rows.Output = value;
    }

    /// <summary>The labels of a sample; their log-probability is that of the best path alone, so at most that of the labels.</summary>
    /// <param name="output">The sample's output rows [T, F].</param>
    /// <exception cref="ArgumentException">They are no whole number of rows, or one is not finite.</exception>
    public Hypothesis Decode(ReadOnlySpan<float> output)
    {
        var steps = _rows.Steps(output);
        if (_labels.Length < steps)
        {
            _labels = new int[steps];
        }

        var count = Decode(output, _labels, out var logProbability);
        return new Hypothesis(_labels[..count], logProbability, logProbability, IsComplete: true);
    }

    /// <summary>The labels of a sample, in the caller's memory. Does not allocate after the first call.</summary>
    /// <param name="output">The sample's output rows [T, F].</param>
    /// <param name="labels">Receives the labels; T is always enough.</param>
    /// <returns>The number of labels.</returns>
    /// <exception cref="ArgumentException">
    /// The outputs are no whole number of rows, or one is not finite, or the labels are more than there is room for.
    /// </exception>
    public int Decode(ReadOnlySpan<float> output, Span<int> labels) => Decode(output, labels, out _);

    private int Decode(ReadOnlySpan<float> output, Span<int> labels, out double logProbability)
    {
        var (count, last) = (0, -1);
        logProbability = 0;
        for (var t = 0; t < _rows.Steps(output); t++)
        {
            var logs = _rows.Logs(output, t);
            var likeliest = TensorPrimitives.IndexOfMax(logs);
            logProbability += logs[likeliest];
            if (likeliest != last && likeliest != _rows.Blank)
            {
                labels[count < labels.Length ? count : throw new ArgumentException(
                    $"There are more than {labels.Length} labels; {_rows.Steps(output)} places are always enough.", nameof(labels))]
                    = likeliest;
                count++;
            }

            last = likeliest;
        }

        return count;
    }
}
