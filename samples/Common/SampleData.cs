namespace Samples;

/// <summary>Finds public data sets, which this repository does not carry.</summary>
public static class SampleData
{
    /// <summary>
    /// The folder of a data set: a path, or a name below the folder that RNNCODEGEN_DATA names, or below shared/data beside a folder above.
    /// </summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder; the message says where it was looked for.</exception>
    public static string Folder(string nameOrPath) =>
        Find(nameOrPath) ?? throw new DirectoryNotFoundException(
            $"There is no folder '{nameOrPath}'. Give the path of the data set's folder, or its name with RNNCODEGEN_DATA naming the "
            + "folder that holds it.");

    /// <summary>As <see cref="Folder"/>, but null where there is none.</summary>
    public static string? Find(string nameOrPath)
    {
        ArgumentNullException.ThrowIfNull(nameOrPath);
        return Candidates(nameOrPath).Select(Path.GetFullPath).FirstOrDefault(Directory.Exists);
    }

    private static IEnumerable<string> Candidates(string nameOrPath)
    {
        yield return nameOrPath;
        if (Environment.GetEnvironmentVariable("RNNCODEGEN_DATA") is { Length: > 0 } named)
        {
            yield return Path.Combine(named, nameOrPath);
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            yield return Path.Combine(folder.FullName, "shared", "data", nameOrPath);
        }
    }
}
