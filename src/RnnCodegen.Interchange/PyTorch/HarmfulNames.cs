namespace RnnCodegen.Interchange;

/// <summary>
/// Names whose only use in a pickle is an attack. This reader carries out none, whatever the name; that a file has one is worth a refusal,
/// as the next program may.
/// </summary>
internal static class HarmfulNames
{
    private static readonly HashSet<string> s_modules = new(StringComparer.Ordinal)
    {
        "os", "posix", "nt", "ntpath", "posixpath", "subprocess", "commands", "sys", "shutil", "socket", "pty", "importlib", "runpy",
        "webbrowser", "ctypes", "code", "codeop", "pickle", "_pickle", "marshal", "operator", "_operator", "asyncio",
        "multiprocessing", "timeit", "pdb", "bdb", "cProfile", "profile", "pip", "pydoc", "urllib", "requests",
    };

    private static readonly HashSet<string> s_functions = new(StringComparer.Ordinal)
    {
        "eval", "exec", "execfile", "compile", "open", "file", "input", "raw_input", "apply", "getattr", "setattr", "delattr", "__import__",
        "globals", "locals", "vars", "breakpoint", "exit", "quit", "map", "reduce",
    };

    /// <summary>Whether a name, of a module and something in it, is one.</summary>
    public static bool Contains(string global)
    {
        var dot = global.IndexOf('.');
        var module = dot < 0 ? global : global[..dot];
        return s_modules.Contains(module)
            || (module is "builtins" or "__builtin__" && s_functions.Contains(global[(dot + 1)..]))
            || global.StartsWith("torch.hub.", StringComparison.Ordinal)
            || global is "torch.load" or "numpy.testing._private.utils.runstring";
    }
}
