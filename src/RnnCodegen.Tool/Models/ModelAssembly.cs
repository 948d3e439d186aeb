using System.Reflection;
using System.Runtime.Loader;
using RnnCodegen.Tool.Commands;
using RnnCodegen.Tool.Compilation;

namespace RnnCodegen.Tool.Models;

/// <summary>Finds generated models in a built assembly.</summary>
internal static class ModelAssembly
{
    /// <summary>The class of a name, full or short.</summary>
    /// <param name="path">The assembly.</param>
    /// <param name="name">The class.</param>
    /// <exception cref="CommandException">There is no such class, or several; the message lists those that there are.</exception>
    public static CompiledModel Find(string path, string name)
    {
        var models = Types(path).Where(CompiledModel.IsModel).ToList();
        var found = models.Where(t => t.FullName == name).ToList();
        found = found.Count > 0 ? found : [.. models.Where(t => t.Name == name)];
        return found is [var only]
            ? CompiledModel.Of(only)
            : throw new CommandException(
                ExitCode.Unusable,
                models.Count == 0
                ? $"'{path}' has no generated models, or they were built with another version of RnnCodegen than {Version}."
                : $"'{path}' has {(found.Count == 0 ? "no" : "more than one")} model '{name}'; it " +
                    $"has {string.Join(", ", models.Select(t => t.FullName))}.");
    }

    private static string? Version => typeof(RnnModelAttribute).Assembly.GetName().Version?.ToString(3);

    private static AssemblyDependencyResolver Resolver(string path, string full)
    {
        try
        {
            return new AssemblyDependencyResolver(full);
        }
        catch (InvalidOperationException e)
        {
            throw new CommandException(ExitCode.Unusable,
                $"'{path}': the list of its dependencies, .deps.json, cannot be read: {e.Message.Trim()}");
        }
    }

    private static Type[] Types(string path)
    {
        RegularFile.Require(path);
        if (!File.Exists(path))
        {
            throw new CommandException(ExitCode.Unusable, $"there is no assembly '{path}'; build the project first.");
        }

        var full = Path.GetFullPath(path);
        var resolver = Resolver(path, full);
        var context = new AssemblyLoadContext(full, isCollectible: true);

        // The model's own dependencies, but not the runtime library: the model has to meet the one that runs it here.
        context.Resolving += (c, wanted) => resolver.ResolveAssemblyToPath(wanted) is { } found ? c.LoadFromAssemblyPath(found) : null;
        try
        {
            return context.LoadFromAssemblyPath(full).GetTypes();
        }
        catch (Exception e) when (e is BadImageFormatException or ReflectionTypeLoadException)
        {
            var cause = e is ReflectionTypeLoadException { LoaderExceptions: [{ } first, ..] } ? first.Message : e.Message;
            throw new CommandException(ExitCode.Unusable, $"'{path}' cannot be loaded as an assembly: {cause}");
        }
    }
}
