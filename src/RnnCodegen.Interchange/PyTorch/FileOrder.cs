namespace RnnCodegen.Interchange;

/// <summary>Who put a file's tensors into their order.</summary>
internal enum TensorOrder
{
    /// <summary>PyTorch, which keeps the order in which the modules were made, unless a program sorted them since.</summary>
    Modules,

    /// <summary>A format whose writers mostly sort by name, and by type first.</summary>
    MostlySorted,
}

/// <summary>
/// Tells whether the order of a file's tensors is that of a state dict, in which modules stand as they were made, and not that of a program
/// which sorted them.
/// </summary>
internal static class FileOrder
{
    /// <summary>The order of a module's own tensors in PyTorch; others come in any.</summary>
    private static readonly string[] s_plain = ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"];

    /// <summary>Whether the order says in which one the modules were made.</summary>
    /// <param name="state">The modules.</param>
    /// <param name="order">Who made it.</param>
    public static bool IsOfModules(StateDict state, TensorOrder order) =>
        IsContiguous(state.Tensors) && AreNumbersAscending(state.Modules) && state.Modules.TrueForAll(m => IsAsMade(m, state.Tensors))
        && (order == TensorOrder.Modules || !IsSorted(state.Tensors));

    /// <summary>Whether the modules are in the order of their names, which then may be all that there is to it.</summary>
    public static bool IsByName(StateDict state) =>
        state.Modules.Zip(state.Modules.Skip(1)).All(pair => string.CompareOrdinal(pair.First.Prefix, pair.Second.Prefix) < 0);

    /// <summary>Whether tensors are in the order of their names, all of them or those of each type.</summary>
    private static bool IsSorted(IReadOnlyList<StateTensor> tensors)
    {
        var pairs = tensors.Where(t => !t.IsDerived).Zip(tensors.Where(t => !t.IsDerived).Skip(1)).ToList();
        var types = tensors.Select(t => t.Tensor.DataType).Distinct().Count();
        return pairs.TrueForAll(p => string.CompareOrdinal(p.First.Name, p.Second.Name) < 0)
            || (pairs.Count(p => p.First.Tensor.DataType != p.Second.Tensor.DataType) == types - 1
                && pairs.TrueForAll(
                    p => p.First.Tensor.DataType != p.Second.Tensor.DataType || string.CompareOrdinal(p.First.Name, p.Second.Name) < 0));
    }

    /// <summary>Whether the tensors of each module stand together, and so do the modules inside one.</summary>
    private static bool IsContiguous(IReadOnlyList<StateTensor> tensors)
    {
        var left = new HashSet<string>(StringComparer.Ordinal);
        var before = "";
        foreach (var tensor in tensors)
        {
            var path = ModuleName.Parent(tensor.Name);
            for (var parent = before; parent.Length > 0 && !IsInside(path, parent); parent = ModuleName.Parent(parent))
            {
                left.Add(parent);
            }

            for (var parent = path; parent.Length > 0; parent = ModuleName.Parent(parent))
            {
                if (left.Contains(parent))
                {
                    return false;
                }
            }

            before = path;
        }

        return true;
    }

    private static bool IsInside(string path, string parent) => path == parent || path.StartsWith(parent + ".", StringComparison.Ordinal);

    /// <summary>Whether the modules in a Sequential or ModuleList, which are named by their numbers, stand by these.</summary>
    private static bool AreNumbersAscending(List<StateDictModule> modules)
    {
        var last = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var module in modules)
        {
            for (var path = module.Prefix; path.Length > 0; path = ModuleName.Parent(path))
            {
                if (!ModuleName.IsNumber(ModuleName.Last(path)))
                {
                    continue;
                }

                var parent = ModuleName.Parent(path);
                if (last.TryGetValue(parent, out var before) && ModuleName.CompareNumbers(before, path) > 0)
                {
                    return false;
                }

                last[parent] = path;
            }
        }

        return true;
    }

    /// <summary>Whether a module's tensors stand as PyTorch makes them, which sorting by name turns around.</summary>
    private static bool IsAsMade(StateDictModule module, IReadOnlyList<StateTensor> tensors)
    {
        var derived = tensors.Where(t => t.IsDerived).Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        var places = module.Tensors.Keys
            .Where(leaf => !derived.Contains(module.Path.Length == 0 ? leaf : $"{module.Path}.{leaf}"))
            .Select(leaf => RecurrentModule.PlaceOf(leaf) ?? Array.IndexOf(s_plain, leaf)).Where(place => place >= 0).ToList();
        return places.Zip(places.Skip(1)).All(p => p.First < p.Second);
    }
}
