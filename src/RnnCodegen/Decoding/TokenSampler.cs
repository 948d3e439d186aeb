using System.Numerics.Tensors;

namespace RnnCodegen;

/// <summary>
/// Draws tokens or classes from rows of scores. In this order: the scores are divided by <see cref="Temperature"/>, all but the
/// <see cref="TopK"/> likeliest fall away, then all but the likeliest whose probabilities first add up to <see cref="TopP"/>; softmax of
/// what is left is drawn from. Equal seeds and rows give equal draws on every machine whose exp agrees. Drawing allocates nothing once the
/// widest row was seen. An instance serves one call at a time.
/// </summary>
/// <param name="seed">Seed of the draws.</param>
public sealed class TokenSampler(int seed = 0)
{
    private static readonly Comparison<Candidate> s_byWeight = (a, b) =>
        a.Weight != b.Weight ? b.Weight.CompareTo(a.Weight) : a.Index.CompareTo(b.Index);

    private readonly SeededRandom _random = new((ulong)seed);
    private double[] _scores = [];
    private Candidate[] _candidates = [];

    /// <summary>
    /// What scores are divided by: less than 1 favours the likely ones, more than 1 makes all more alike. 1 unless set; for the likeliest
    /// alone use <see cref="Argmax"/> or <see cref="GreedyDecoder{TModel}"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive and finite.</exception>
    public double Temperature
    {
        get;
        init => field = value > 0 && double.IsFinite(value)
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(Temperature), value, "Must be a finite positive number; Argmax or a GreedyDecoder takes the likeliest.");
    } = 1;

    /// <summary>How many of the likeliest are drawn from, of equals the first ones; 0, the default, for all.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int TopK
    {
        get;
        init => field = value >= 0
            ? value
            : throw new ArgumentOutOfRangeException(nameof(TopK), value, "Must not be negative; 0 draws from all.");
    }

    /// <summary>
    /// Part of the probability that is drawn from (nucleus sampling, Holtzman et al., 2020): the fewest of the likeliest whose
    /// probabilities add up to it. 1, the default, for all.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not above 0 and at most 1.</exception>
    public double TopP
    {
        get;
        init => field = value is > 0 and <= 1
            ? value
            : throw new ArgumentOutOfRangeException(nameof(TopP), value, "Must be above 0 and at most 1; 1 draws from all.");
    } = 1;

    /// <summary>The largest score's place, of equals the first.</summary>
    /// <param name="scores">Scores, at least one.</param>
    /// <exception cref="ArgumentException">There are no scores.</exception>
    public static int Argmax(ReadOnlySpan<float> scores) => scores.IsEmpty
        ? throw new ArgumentException("There are no scores.", nameof(scores))
        : TensorPrimitives.IndexOfMax(scores);

    /// <summary>Draws one of a row.</summary>
    /// <param name="row">
    /// A row of outputs: logits or log-probabilities, of which minus infinity is never drawn, or probabilities.
    /// </param>
    /// <param name="output">
    /// The transform that made the row, a model's <c>Output</c>: with <see cref="OutputTransform.Softmax"/> it holds probabilities.
    /// </param>
    /// <returns>The place in the row.</returns>
    /// <exception cref="ArgumentException">
    /// The row is empty, a value is not a number, plus infinity or a negative probability, nothing can be drawn, or the row has sigmoids.
    /// </exception>
    public int Sample(ReadOnlySpan<float> row, OutputTransform output = OutputTransform.None)
    {
        if (output == OutputTransform.Sigmoid)
        {
            throw new ArgumentException("Sigmoids are no distribution over a row: each is a yes or no of its own.", nameof(output));
        }

        if (_scores.Length < row.Length)
        {
            _scores = new double[row.Length];
        }

        var scores = _scores.AsSpan(0, row.Length);
        for (var k = 0; k < row.Length; k++)
        {
            scores[k] = output == OutputTransform.Softmax ? Math.Log(row[k]) : row[k];
            if (!(scores[k] < double.PositiveInfinity))
            {
                throw new ArgumentException(
                    FormattableString.Invariant($"Value {row[k]} at {k} is no ") +
                    (output == OutputTransform.Softmax ? "probability." : "score."), nameof(row));
            }
        }

        return scores.IsEmpty || double.IsNegativeInfinity(TensorPrimitives.Max<double>(scores))
            ? throw new ArgumentException("There is nothing to draw: the row is empty, or all of it is impossible.", nameof(row))
            : Draw(scores);
    }

    /// <summary>Draws one of scores of which none is NaN or plus infinity, and at least one is finite.</summary>
    internal int Draw(ReadOnlySpan<double> scores)
    {
        if (_candidates.Length < scores.Length)
        {
            _candidates = new Candidate[scores.Length];
        }

        var largest = TensorPrimitives.Max(scores);
        var candidates = _candidates.AsSpan(0, scores.Length);
        var total = 0.0;
        for (var k = 0; k < scores.Length; k++)
        {
            candidates[k] = new Candidate(Math.Exp((scores[k] - largest) / Temperature), k);
            total += candidates[k].Weight;
        }

        if (TopK > 0 || TopP < 1)
        {
            candidates.Sort(s_byWeight);
            candidates = candidates[..(TopK > 0 ? Math.Min(TopK, candidates.Length) : candidates.Length)];
            candidates = candidates[..CountNucleus(candidates, out total)];
        }

        // What rounding leaves over at the end goes to the last that can be drawn.
        var (rest, drawn) = (_random.NextDouble() * total, -1);
        foreach (var candidate in candidates)
        {
            if (candidate.Weight > 0)
            {
                drawn = candidate.Index;
                rest -= candidate.Weight;
                if (rest < 0)
                {
                    break;
                }
            }
        }

        return drawn;
    }

    /// <summary>The fewest of the likeliest that have the wanted part of the weight, and their weight.</summary>
    private int CountNucleus(ReadOnlySpan<Candidate> candidates, out double weight)
    {
        var total = 0.0;
        foreach (var candidate in candidates)
        {
            total += candidate.Weight;
        }

        weight = 0;
        var count = 0;
        while (count < candidates.Length && (TopP >= 1 || weight < TopP * total))
        {
            weight += candidates[count++].Weight;
        }

        return count;
    }

    private readonly record struct Candidate(double Weight, int Index);
}
