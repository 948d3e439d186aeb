namespace RnnCodegen.Build;

/// <summary>The CUDA text in a file that the generator wrote: its one raw string, between lines of three quotes.</summary>
internal static class DeviceText
{
    private const string Quotes = "\"\"\"";

    /// <summary>The end of the names of files with device code.</summary>
    public const string Ending = ".Cuda.g.cs";

    /// <summary>A file's text, never waiting at a pipe.</summary>
    public static string Read(string path)
    {
        using var reader = new StreamReader(RegularFile.OpenRead(path));
        return reader.ReadToEnd();
    }

    /// <summary>The text as the program has it; null where the file has none.</summary>
    public static string? Find(string file)
    {
        var lines = file.Replace("\r\n", "\n").Split('\n');
        var first = Array.FindIndex(lines, line => line.EndsWith(Quotes, StringComparison.Ordinal)) + 1;
        var end = first == 0 ? -1 : Array.FindIndex(lines, first, line => line.TrimStart().StartsWith(Quotes, StringComparison.Ordinal));
        if (end < 0)
        {
            return null;
        }

        // What stands before the closing quotes is no part of the lines above them.
        var indent = lines[end].IndexOf(Quotes, StringComparison.Ordinal);
        return string.Join("\n", lines.Skip(first).Take(end - first).Select(line => line.Length <= indent ? "" : line.Substring(indent)));
    }
}
