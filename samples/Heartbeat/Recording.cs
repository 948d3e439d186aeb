using System.Globalization;

namespace Heartbeat;

/// <summary>What a beat is. Classes of the model are these, and 0 for no beat.</summary>
enum BeatKind
{
    /// <summary>From the sinus node, at its time.</summary>
    Normal = 1,

    /// <summary>From the atria, too early: as narrow as a normal one.</summary>
    Atrial,

    /// <summary>From the ventricles, too early: wide, and of another shape.</summary>
    Ventricular,
}

/// <summary>A beat.</summary>
/// <param name="Sample">The sample of its R wave.</param>
/// <param name="Kind">What it is.</param>
readonly record struct Beat(int Sample, BeatKind Kind);

/// <summary>A lead of an electrocardiogram, millivolts, and its beats.</summary>
sealed record Recording(float[] Samples, IReadOnlyList<Beat> Beats)
{
    /// <summary>Samples a second.</summary>
    public const int Rate = 360;

    /// <summary>
    /// Reads the first lead of a record of the MIT-BIH Arrhythmia Database (PhysioNet, ODC-By 1.0), in its format 212: two samples of 12
    /// bits in three bytes, the leads in turn. The beats are lines of sample and symbol; other symbols than N, A and V are left out.
    /// </summary>
    /// <param name="data">The file of samples.</param>
    /// <param name="beats">The file of beats.</param>
    /// <exception cref="InvalidDataException">A line of beats cannot be read.</exception>
    public static Recording Read(string data, string beats)
    {
        var bytes = File.ReadAllBytes(data);
        var samples = new float[bytes.Length / 3];
        for (var n = 0; n < samples.Length; n++)
        {
            var value = bytes[3 * n] | ((bytes[(3 * n) + 1] & 15) << 8);
            samples[n] = ((value << 20 >> 20) - 1024) / 200f;
        }

        return new(samples, [.. File.ReadLines(beats).Select(Parse).OfType<Beat>()]);
    }

    /// <summary>The part between two samples.</summary>
    public Recording Part(int from, int to) => new(
        Samples[from..to],
        [.. Beats.Where(beat => beat.Sample >= from && beat.Sample < to).Select(beat => beat with { Sample = beat.Sample - from })]);

    private static Beat? Parse(string line)
    {
        var words = line.Split('\t');
        return words.Length != 2 || !int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var sample)
            ? throw new InvalidDataException($"Expected a sample, a tabulator and a symbol, found '{line}'.")
            : words[1] switch
            {
                "N" => new(sample, BeatKind.Normal),
                "A" => new(sample, BeatKind.Atrial),
                "V" => new(sample, BeatKind.Ventricular),
                _ => null,
            };
    }
}
