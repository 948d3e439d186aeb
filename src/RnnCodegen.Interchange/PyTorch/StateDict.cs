namespace RnnCodegen.Interchange;

/// <summary>The tensors of one PyTorch module: all that have the same name up to the last dot.</summary>
/// <param name="Prefix">That name, empty for a module that was saved by itself.</param>
/// <param name="Tensors">Its tensors by the rest of their names, e.g. <c>weight</c>.</param>
internal sealed record StateDictModule(string Prefix, Dictionary<string, SafeTensor> Tensors);

/// <summary>The state dict in a file: its modules in the order of the file, without what was around it.</summary>
internal sealed class StateDict
{
    /// <summary>Keys under which training programs commonly put a model's state dict beside other things.</summary>
    private static readonly string[] Wrappers = ["state_dict", "model_state_dict", "model_state"];

    /// <summary>What PyTorch's data parallelism and compiler put before all names.</summary>
    private static readonly string[] Shells = ["module.", "_orig_mod."];

    /// <summary>Finds the modules.</summary>
    /// <param name="file">What messages call the file.</param>
    /// <param name="tensors">All tensors of the file.</param>
    /// <param name="prefix">The part to take: names that start with this and a dot; all where empty.</param>
    /// <exception cref="InvalidDataException">No tensor is left.</exception>
    public StateDict(string file, IReadOnlyList<SafeTensor> tensors, string prefix)
    {
        var part = prefix.Length > 0
            ? prefix.TrimEnd('.') + "."
            : Wrappers.Select(w => w + ".").FirstOrDefault(w => tensors.Any(t => t.Name.StartsWith(w, StringComparison.Ordinal)), "");
        var chosen = tensors.Where(t => t.Name.StartsWith(part, StringComparison.Ordinal)).ToList();
        if (chosen.Count == 0)
        {
            throw new InvalidDataException(
                $"'{file}': {(part.Length == 0 ? "there are no tensors" : $"no tensor's name starts with '{part}'")}; the file has " +
                $"{tensors.Count} tensors{string.Concat(tensors.Take(3).Select(t => $", '{t.Name}'"))}.");
        }

        if (chosen.Count < tensors.Count)
        {
            var left = tensors.Where(t => !t.Name.StartsWith(part, StringComparison.Ordinal)).ToList();
            Notes.Add($"Only the tensors of '{part.TrimEnd('.')}' were read, not {left.Count} others such as '{left[0].Name}'.");
        }

        foreach (var shell in Shells)
        {
            part += chosen.All(t => t.Name.AsSpan(part.Length).StartsWith(shell)) ? shell : "";
        }

        var modules = new Dictionary<string, StateDictModule>(StringComparer.Ordinal);
        foreach (var tensor in chosen)
        {
            var name = tensor.Name[part.Length..];
            var dot = name.LastIndexOf('.');
            var module = dot < 0 ? "" : name[..dot];
            if (!modules.TryGetValue(module, out var found))
            {
                found = new StateDictModule(module, new Dictionary<string, SafeTensor>(StringComparer.Ordinal));
                modules.Add(module, found);
                Modules.Add(found);
            }

            found.Tensors.Add(name[(dot + 1)..], tensor);
        }
    }

    /// <summary>The modules that have tensors, in the order of their first ones.</summary>
    public List<StateDictModule> Modules { get; } = [];

    /// <summary>Whether the modules are in the order of their names, as safetensors files of Python are, so that their order tells nothing of the model.</summary>
    public bool IsSorted => Modules.Zip(Modules.Skip(1)).All(pair => string.CompareOrdinal(pair.First.Prefix, pair.Second.Prefix) < 0);

    /// <summary>What was left out.</summary>
    public List<string> Notes { get; } = [];
}
