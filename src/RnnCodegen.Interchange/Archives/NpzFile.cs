namespace RnnCodegen.Interchange;

/// <summary>NumPy's <c>.npz</c> archives of named arrays. Arrays of objects, which are pickles, are refused.</summary>
public static class NpzFile
{
    private const string ArrayEnd = ".npy";

    /// <summary>Reads all arrays as tensors of the same names, row-major.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">It is not such a file, or an array is
    /// of a type that is not read; the message names file and array.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static IReadOnlyList<SafeTensor> Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var zip = SafeZip.Open(path);
        var tensors = new List<SafeTensor>();
        foreach (var entry in zip.Entries)
        {
            if (!entry.Name.EndsWith(ArrayEnd, StringComparison.Ordinal) || entry.Name.Length == ArrayEnd.Length)
            {
                throw new InvalidDataException($"'{path}': the entry '{entry.Name}' is no array (.npy).");
            }

            tensors.Add(new NpyReader(path, entry.Name[..^ArrayEnd.Length], zip.Read(entry)).Read());
        }

        return tensors;
    }
}
