using RnnCodegen.Tool.Commands;

namespace RnnCodegen.Tool.Models;

/// <summary>Writes a class file and its weights: both, or neither.</summary>
internal static class FilePair
{
    /// <summary>
    /// Writes the two files, first under other names beside their places. As with <see cref="AtomicFile"/>, links are followed and permissions stay.
    /// </summary>
    /// <param name="classFile">The class file.</param>
    /// <param name="text">Its text.</param>
    /// <param name="weightFile">The weights' file.</param>
    /// <param name="saveWeights">Writes the weights to a file of the given name.</param>
    /// <exception cref="IOException">A file cannot be written; both are as they were.</exception>
    /// <exception cref="UnauthorizedAccessException">A file is read-only; both are as they were.</exception>
    public static void Write(string classFile, string text, string weightFile, Action<string> saveWeights)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(classFile))!);
        classFile = AtomicFile.RequireWritable(classFile);
        weightFile = AtomicFile.RequireWritable(weightFile);
        var end = $".{Guid.NewGuid():N}.tmp";
        var (newClass, newWeights, oldWeights) = (classFile + end, weightFile + end, weightFile + end + ".old");
        try
        {
            File.WriteAllText(newClass, text);
            saveWeights(newWeights);
            AtomicFile.CopyMode(classFile, newClass);
            AtomicFile.CopyMode(weightFile, newWeights);
            Replace(weightFile, newWeights, oldWeights, () => File.Move(newClass, classFile, overwrite: true));
        }
        finally
        {
            File.Delete(newClass);
            File.Delete(newWeights);
            File.Delete(oldWeights);
        }
    }

    /// <summary>Refuses a file that exists, unless it may be replaced.</summary>
    /// <exception cref="CommandException">It exists.</exception>
    public static void RequireFree(string file, bool force)
    {
        if (Directory.Exists(file) || (File.Exists(file) && !force))
        {
            throw new CommandException(ExitCode.Unusable, $"'{file}' exists; --force replaces a file.");
        }
    }

    /// <summary>Puts a new file in its place and does one thing more; where either fails, the old one is there again.</summary>
    private static void Replace(string file, string replacement, string old, Action then)
    {
        var existed = File.Exists(file);
        if (existed)
        {
            File.Move(file, old);
        }

        try
        {
            File.Move(replacement, file);
            then();
        }
        catch
        {
            File.Delete(file);
            if (existed)
            {
                File.Move(old, file);
            }

            throw;
        }
    }
}
