using Xunit;

namespace RnnCodegen.Numerics.Tests.Conformance;

/// <summary>Files of other projects' test cases, which this repository does not carry.</summary>
internal static class SharedData
{
    /// <summary>
    /// The folder named by RNNCODEGEN_DATA, else the first shared/data beside a folder above the tests; null where there is none.
    /// </summary>
    public static string? Root { get; } = FindRoot();

    public static string? Find(string relativePath) =>
        Root is not null && Path.Combine(Root, relativePath) is var path && File.Exists(path) ? path : null;

    private static string? FindRoot()
    {
        if (Environment.GetEnvironmentVariable("RNNCODEGEN_DATA") is { Length: > 0 } named)
        {
            return named;
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (Path.Combine(folder.FullName, "shared", "data") is var path && Directory.Exists(path))
            {
                return path;
            }
        }

        return null;
    }
}

/// <summary>A theory that is skipped where a data file is absent; xunit decides to skip before it runs a test.</summary>
public sealed class DataTheoryAttribute : TheoryAttribute
{
    /// <summary>A theory that needs a file.</summary>
    /// <param name="file">Path below the data folder.</param>
    public DataTheoryAttribute(string file)
    {
        if (SharedData.Find(file) is null)
        {
            Skip = $"The data file {file} is absent; set RNNCODEGEN_DATA to the folder that holds it.";
        }
    }
}
