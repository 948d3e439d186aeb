namespace TextGeneration;

/// <summary>
/// A text in three parts, in order: one to train with, a small one that chooses between epochs and between n-grams, and the last tenth,
/// which measures and takes no part in any choice.
/// </summary>
/// <param name="Training">About 87 % of the characters.</param>
/// <param name="Choosing">The 3 % after it.</param>
/// <param name="HeldOut">The last 10 %.</param>
sealed record Corpus(ReadOnlyMemory<int> Training, ReadOnlyMemory<int> Choosing, ReadOnlyMemory<int> HeldOut)
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
    public static Corpus Split(ReadOnlyMemory<int> text)
    {
        var (choosing, heldOut) = (text.Length * 87 / 100, text.Length * 90 / 100);
        return new(text[..choosing], text[choosing..heldOut], text[heldOut..]);
    }
}
