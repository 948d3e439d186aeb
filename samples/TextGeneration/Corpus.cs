namespace TextGeneration;

/// <summary>
/// A text in two parts, in order. The second only measures: the model takes the weights of a number of epochs that is given beforehand,
/// and not of the epoch that happens to foresee it best.
/// </summary>
/// <param name="Training">The first 90 % of the characters.</param>
/// <param name="Validation">The last 10 %.</param>
sealed record Corpus(ReadOnlyMemory<int> Training, ReadOnlyMemory<int> Validation)
{
    /// <summary>All text files of a folder but those that say where it comes from, as one text.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="isShort">Takes the first 40,000 characters only.</param>
    /// <exception cref="FileNotFoundException">The folder has no text.</exception>
    public static Corpus Read(string folder, bool isShort = false)
    {
        var files = Directory.GetFiles(folder, "*.txt").Order(StringComparer.Ordinal)
            .Where(path => Path.GetFileName(path) is not "SOURCE.txt").ToArray();
        var text = string.Concat(files.Select(File.ReadAllText));
        return text.Length > 0
            ? Split(Alphabet.Encode(isShort && text.Length > 40_000 ? text[..40_000] : text))
            : throw new FileNotFoundException($"There is no text in '{folder}'.");
    }

    /// <summary>Divides a text.</summary>
    public static Corpus Split(ReadOnlyMemory<int> text) => new(text[..(text.Length * 9 / 10)], text[(text.Length * 9 / 10)..]);
}
