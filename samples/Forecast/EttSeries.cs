using System.Globalization;

namespace Forecast;

/// <summary>
/// The hours of ETTh1 (Zhou et al., 2021; CC BY-ND 4.0): six loads and the oil's temperature, each with mean 0 and variance 1 over the
/// twelve months of training.
/// </summary>
sealed class EttSeries
{
    /// <summary>Numbers an hour.</summary>
    public const int Channels = 7;

    // Months of 30 days, as everybody divides this series: 12 to learn from, 4 to choose by, 4 to test with.
    private const int Month = 30 * 24, TrainingHours = 12 * Month;

    private readonly float[][] _channels;

    private EttSeries(float[][] channels, IReadOnlyList<string> names) => (_channels, Names) = (channels, names);

    /// <summary>The channels' names.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Hours to learn from.</summary>
    public static Range Training => ..TrainingHours;

    /// <summary>Hours to choose by; forecasts of the first of them look back on hours of training.</summary>
    public static Range Validation => TrainingHours..(TrainingHours + (4 * Month));

    /// <summary>Hours to test with.</summary>
    public static Range Test => (TrainingHours + (4 * Month))..(TrainingHours + (8 * Month));

    /// <summary>Hours of a channel.</summary>
    public ReadOnlySpan<float> this[int channel] => _channels[channel];

    /// <summary>Reads the file.</summary>
    /// <exception cref="InvalidDataException">It is too short, or a line has no seven numbers.</exception>
    public static EttSeries Read(string path)
    {
        var lines = File.ReadAllLines(path);
        var hours = Test.End.Value;
        if (lines.Length <= hours)
        {
            throw new InvalidDataException($"{path} has {lines.Length - 1} hours; expected {hours} or more.");
        }

        var rows = lines.Skip(1).Take(hours).Select((line, index) => Parse(line, $"{path}, line {index + 2}")).ToArray();
        var channels = new float[Channels][];
        for (var c = 0; c < Channels; c++)
        {
            var values = rows.Select(row => row[c]).ToArray();
            var mean = values.Take(TrainingHours).Average();
            var deviation = Math.Sqrt(values.Take(TrainingHours).Average(value => (value - mean) * (value - mean)));
            channels[c] = [.. values.Select(value => (float)((value - mean) / deviation))];
        }

        return new(channels, lines[0].Split(',')[1..]);
    }

    private static double[] Parse(string line, string place)
    {
        var words = line.Split(',');
        var numbers = new double[Channels];
        for (var c = 0; c < Channels; c++)
        {
            if (words.Length != Channels + 1
                || !double.TryParse(words[c + 1], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[c]))
            {
                throw new InvalidDataException($"{place}: expected a date and {Channels} numbers, found '{line}'.");
            }
        }

        return numbers;
    }
}
