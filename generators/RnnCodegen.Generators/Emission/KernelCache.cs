using System.Collections.Concurrent;

namespace RnnCodegen.Generators.Emission;

/// <summary>Methods whose names say all of them, so that the models of a project do not write each its own copy of the text.</summary>
internal sealed class KernelCache
{
    /// <summary>Methods that are kept: some megabytes. An editor may see many sizes of a model, one after the other.</summary>
    private const int Most = 4096;

    private readonly ConcurrentDictionary<(string Class, bool IsUnchecked, string Name), CachedKernel> _methods = [];

    /// <summary>The method of a name; null where nobody wrote it yet.</summary>
    public CachedKernel? Find(string @class, bool isUnchecked, string name) =>
        _methods.TryGetValue((@class, isUnchecked, name), out var method) ? method : null;

    public void Add(bool isUnchecked, CachedKernel kernel)
    {
        if (_methods.Count >= Most)
        {
            _methods.Clear();
        }

        _methods[(kernel.Method.Class, isUnchecked, kernel.Method.Name)] = kernel;
    }
}

/// <summary>A method that somebody wrote.</summary>
/// <param name="Method">The method.</param>
/// <param name="Shape">What its text was made of.</param>
/// <param name="Calls">The methods that it calls.</param>
internal sealed record CachedKernel(KernelMethod Method, object Shape, IReadOnlyList<CachedKernel> Calls);
