using RnnCodegen.Tool.Commands;

namespace RnnCodegen.Tool.Models;

/// <summary>Writes a class file and its weights: both, or neither.</summary>
internal static class FilePair
{
    /// <summary>
    /// Writes the two files, first under other names beside their places. As with <see cref="AtomicFile"/>, links are followed and
    /// permissions stay.
    /// </summary>
    /// <param name="classFile">The class file.</param>
    /// <param name="text">Its text.</param>
    /// <param name="weightFile">The weights' file.</param>
    /// <param name="saveWeights">Writes the weights to a file of the given name, which is there, empty, with its permissions.</param>
    /// <exception cref="IOException">A file cannot be written; both are as they were.</exception>
    /// <exception cref="UnauthorizedAccessException">A file is read-only; both are as they were.</exception>
    public static void Write(string classFile, string text, string weightFile, Action<string> saveWeights)
    {
        classFile = AtomicFile.RequireWritable(classFile);
        weightFile = AtomicFile.RequireWritable(weightFile);
        var end = $".{Guid.NewGuid():N}.tmp";
        var (newClass, newWeights, oldWeights) = (classFile + end, weightFile + end, weightFile + end + ".old");
        try
        {
            AtomicFile.CreateLike(newClass, classFile);
            AtomicFile.Write(newClass, text);
            AtomicFile.CreateLike(newWeights, weightFile);
            saveWeights(newWeights);
            Replace(weightFile, newWeights, oldWeights, () => File.Move(newClass, classFile, overwrite: true));

            // Not where the old file could not be put back: then this is the only copy.
            File.Delete(oldWeights);
        }
        finally
        {
            File.Delete(newClass);
            File.Delete(newWeights);
        }
    }

    /// <summary>Refuses a file that exists, unless it may be replaced, and one that is read or can never be written.</summary>
    /// <param name="file">The file to write.</param>
    /// <param name="force">Whether one that exists may be replaced.</param>
    /// <param name="inputs">The files that the command reads.</param>
    /// <exception cref="CommandException">It exists, is one of those read, or its folder does not exist.</exception>
    /// <exception cref="IOException">It is a folder, a pipe or a device.</exception>
    public static void RequireFree(string file, bool force, params IEnumerable<string> inputs)
    {
        var full = Path.GetFullPath(file);
        if (inputs.Any(i => Real(i) == Real(file)))
        {
            throw new CommandException(ExitCode.Unusable, $"'{file}' is what the command reads; name another file to write.");
        }

        RegularFile.Require(file);
        if (File.Exists(file) && !force)
        {
            throw new CommandException(ExitCode.Unusable, $"'{file}' exists; --force replaces a file.");
        }

        if (Path.GetDirectoryName(full) is not { } folder || Path.EndsInDirectorySeparator(file))
        {
            throw new CommandException(ExitCode.Unusable, $"'{file}' is no file's name.");
        }

        if (!Directory.Exists(folder))
        {
            throw new CommandException(ExitCode.Unusable,
                $"'{file}' cannot be written: there is no folder '{Path.GetDirectoryName(file)}'.");
        }
    }

    /// <summary>Makes a folder unless it is there.</summary>
    /// <exception cref="CommandException">Its name is that of a file.</exception>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static void RequireFolder(string folder)
    {
        if (File.Exists(folder))
        {
            throw new CommandException(ExitCode.Unusable, $"'{folder}' is a file; --output names a folder.");
        }

        Directory.CreateDirectory(folder);
    }

    /// <summary>The path of the file that a path means, links followed.</summary>
    private static string Real(string path)
    {
        var file = new FileInfo(path);
        return file.LinkTarget is null ? file.FullName : file.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? file.FullName;
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
