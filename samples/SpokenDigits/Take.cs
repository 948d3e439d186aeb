using System.Globalization;
using Samples;

namespace SpokenDigits;

/// <summary>One digit, said once.</summary>
/// <param name="Digit">Which, 0 to 9.</param>
/// <param name="Speaker">By whom.</param>
/// <param name="Number">Which of the speaker's takes of this digit, from 0 on.</param>
/// <param name="Samples">The sound, from -1 to 1, of <see cref="Hearing.Rate"/>.</param>
sealed record Take(int Digit, string Speaker, int Number, float[] Samples)
{
    /// <summary>
    /// Reads the WAV files of the Free Spoken Digit Dataset (github.com/Jakobovski/free-spoken-digit-dataset, CC BY-SA 4.0), named
    /// digit_speaker_number.wav.
    /// </summary>
    /// <exception cref="InvalidDataException">There are none, or one has another name, another rate or several channels.</exception>
    public static Take[] Read(string folder)
    {
        var files = Directory.EnumerateFiles(folder, "*.wav", SearchOption.AllDirectories);
        Take[] takes = [.. files.Order(StringComparer.Ordinal).Select(Open)];
        return takes.Length > 0 ? takes : throw new InvalidDataException($"{folder} has no WAV files.");
    }

    private static Take Open(string path)
    {
        var words = Path.GetFileNameWithoutExtension(path).Split('_');
        if (words.Length != 3 || !Number(words[0], out var digit) || digit > 9 || !Number(words[2], out var number))
        {
            throw new InvalidDataException($"{path} is not named digit_speaker_number.wav.");
        }

        return new(digit, words[1], number, Waves.Read(path, Hearing.Rate));

        static bool Number(string word, out int value) => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }
}
