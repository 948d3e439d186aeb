using System.Globalization;
using System.Text;

namespace RnnCodegen;

/// <summary>How often each class was predicted as each; its value is the accuracy.</summary>
public sealed class ConfusionMatrix : ClassMetric
{
    // Its square is what an array holds.
    private const int MostClasses = 46_340;

    private readonly long[] _counts;

    /// <summary>An empty matrix of classes x classes counts.</summary>
    /// <param name="classes">Number of classes, the model's outputs per row.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is not from 1 to 46,340.</exception>
    public ConfusionMatrix(int classes)
    {
        Classes = classes is >= 1 and <= MostClasses
            ? classes
            : throw new ArgumentOutOfRangeException(
                nameof(classes), classes,
                $"A matrix has a count for each pair of classes, of which there may be 1 to {MostClasses}; Accuracy takes any number.");
        _counts = new long[classes * classes];
    }

    /// <summary>Number of classes.</summary>
    public int Classes { get; }

    /// <summary>Names of the classes, for the text; null, the default, numbers them.</summary>
    /// <exception cref="ArgumentException">There are not as many names as classes, or one is empty.</exception>
    public IReadOnlyList<string>? Labels
    {
        get;
        init
        {
            if (value is not null && (value.Count != Classes || value.Any(string.IsNullOrWhiteSpace)))
            {
                throw new ArgumentException(
                    value.Count != Classes
                        ? $"There are {value.Count} labels for {Classes} classes; give each class one."
                        : "A label is empty.", nameof(Labels));
            }

            field = value is null ? null : [.. value];
        }
    }

    /// <summary>How many rows were added.</summary>
    public long Total { get; private set; }

    /// <summary>How often a class was predicted as another.</summary>
    /// <param name="actual">The target.</param>
    /// <param name="predicted">The prediction.</param>
    public long this[int actual, int predicted] => _counts[Index(actual, predicted)];

    /// <inheritdoc/>
    public override string Name => "accuracy";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <summary>The part of the rows predicted right.</summary>
    public override double Value
    {
        get
        {
            var right = 0L;
            for (var c = 0; c < Classes; c++)
            {
                right += this[c, c];
            }

            return (double)right / Total;
        }
    }

    /// <summary>
    /// The mean of <see cref="F1"/> over the classes that occur among targets or predictions, each counting the same, as scikit-learn's
    /// <c>f1_score(average="macro")</c>.
    /// </summary>
    public double MacroF1
    {
        get
        {
            var (sum, present) = (0.0, 0);
            for (var c = 0; c < Classes; c++)
            {
                if (Actual(c) + Predicted(c) > 0)
                {
                    sum += F1(c);
                    present++;
                }
            }

            return sum / present;
        }
    }

    /// <summary>Adds one row.</summary>
    /// <param name="actual">The target.</param>
    /// <param name="predicted">The prediction.</param>
    public void Add(int actual, int predicted)
    {
        _counts[Index(actual, predicted)]++;
        Total++;
    }

    /// <summary>The part of the rows predicted as a class that are of it; 0 where none is predicted.</summary>
    public double Precision(int predicted) => Ratio(this[predicted, predicted], Predicted(predicted));

    /// <summary>The part of the rows of a class that are predicted as it; 0 where there are none.</summary>
    public double Recall(int actual) => Ratio(this[actual, actual], Actual(actual));

    /// <summary>
    /// The harmonic mean of precision and recall, 2 right / (predictions of the class + targets of the class); 0 where there are neither.
    /// </summary>
    public double F1(int ofClass) => Ratio(2 * this[ofClass, ofClass], Predicted(ofClass) + Actual(ofClass));

    /// <inheritdoc/>
    public override void Reset()
    {
        Array.Clear(_counts);
        Total = 0;
    }

    internal override void Visit(SumExchange sums)
    {
        var total = 0L;
        foreach (ref var count in _counts.AsSpan())
        {
            sums.Add(ref count);
            total += count;
        }

        Total = total;
    }

    /// <summary>The matrix as text: one line per target, one column per prediction, with the classes' names if they have some.</summary>
    public override string ToString()
    {
        const string Corner = "actual";
        string[] names = [.. Labels ?? Enumerable.Range(0, Classes).Select(c => c.ToString(CultureInfo.InvariantCulture))];
        var first = Math.Max(Corner.Length, Labels is null ? 0 : names.Max(name => name.Length));
        var width = Math.Max(6, _counts.Max().ToString(CultureInfo.InvariantCulture).Length + 2);
        var text = new StringBuilder(Corner.PadRight(first));
        foreach (var name in names)
        {
            text.Append(name.PadLeft(Width(name)));
        }

        for (var actual = 0; actual < Classes; actual++)
        {
            text.Append('\n').Append(Labels is null ? names[actual].PadLeft(first) : names[actual].PadRight(first));
            for (var predicted = 0; predicted < Classes; predicted++)
            {
                text.Append(this[actual, predicted].ToString(CultureInfo.InvariantCulture).PadLeft(Width(names[predicted])));
            }
        }

        return text.ToString();

        int Width(string name) => Math.Max(width, name.Length + 2);
    }

    private protected override string? FindMisfit(ModelDefinition model, Loss loss) => FindMisfit(model, Classes);

    private protected override void AddClass(ReadOnlySpan<float> output, int target)
    {
        if (output.Length != Classes)
        {
            throw new ArgumentException($"The matrix has {Classes} classes, but the outputs {output.Length} features.", nameof(output));
        }

        Add(target, Predict(output));
    }

    private int Index(int actual, int predicted)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)actual, (uint)Classes, nameof(actual));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)predicted, (uint)Classes, nameof(predicted));
        return (actual * Classes) + predicted;
    }

    private long Actual(int ofClass)
    {
        var sum = 0L;
        for (var c = 0; c < Classes; c++)
        {
            sum += this[ofClass, c];
        }

        return sum;
    }

    private long Predicted(int ofClass)
    {
        var sum = 0L;
        for (var c = 0; c < Classes; c++)
        {
            sum += this[c, ofClass];
        }

        return sum;
    }

    private static double Ratio(long part, long whole) => whole == 0 ? 0 : (double)part / whole;
}
