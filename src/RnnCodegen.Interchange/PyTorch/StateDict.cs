using System.Globalization;

namespace RnnCodegen.Interchange;

/// <summary>The tensors of one PyTorch module: all that have the same name up to the last dot.</summary>
/// <param name="Path">That name in the file.</param>
/// <param name="Prefix">That name in the part that is imported; empty for a module that was saved by itself.</param>
/// <param name="Tensors">Its tensors by the rest of their names, e.g. <c>weight</c>.</param>
internal sealed record StateDictModule(string Path, string Prefix, Dictionary<string, SafeTensor> Tensors);

/// <summary>The state dict in a file: its modules in the order of the file, without what was around it.</summary>
internal sealed class StateDict
{
    /// <summary>PyTorch's AveragedModel counts the models that its weights are the mean of.</summary>
    private const string Averaged = "n_averaged";

    /// <summary>What PyTorch's data parallelism, averaging and compiler put before all names.</summary>
    private static readonly string[] s_shells =
        ["module.", "_orig_mod.", "_fsdp_wrapped_module.", "_checkpoint_wrapped_module."];

    /// <summary>Those that no module of a user's is called, so that they are left out of names wherever they stand.</summary>
    private static readonly string[] s_inner = [.. s_shells.Skip(1)];

    private readonly string _file;

    /// <summary>Finds the modules.</summary>
    /// <param name="file">Name of the file in messages.</param>
    /// <param name="tensors">All tensors of the file.</param>
    /// <param name="prefix">The part to take: names that start with this and a dot, or with one of several with commas between them; all
    /// where empty.</param>
    /// <param name="skipped">What of the file is no tensor and was passed over.</param>
    /// <exception cref="InvalidDataException">No tensor is left, or one is computed
    /// from others in a way that is not; the message says the cure.</exception>
    public StateDict(string file, IReadOnlyList<SafeTensor> tensors, string prefix, IReadOnlyList<SkippedObject>? skipped = null)
    {
        _file = file;
        var all = DerivedTensors.Resolve(tensors);
        var parts = StateDictParts.Choose(file, all, prefix);
        (Part, Parts) = (parts.Common, parts.Names);
        var chosen = parts.Tensors;
        NoteRest(all, chosen);
        NoteSkipped(skipped ?? []);
        LeaveCopies(all, chosen);

        // Wrappers stand around each other in any order.
        while (Array.Find(s_shells, s => IsAround(chosen, s)) is { } shell)
        {
            LeaveCounter(chosen);
            Part += shell;
        }

        if (chosen.FirstOrDefault(t => t.Refusal is not null) is { } refused)
        {
            throw new InvalidDataException($"'{file}': {refused.Refusal}");
        }

        Notes.AddRange(chosen.Where(t => t.Note is not null).Select(t => t.Note!));
        Tensors = chosen;
        AddModules();
    }

    /// <summary>The modules that have tensors, in the order of their first ones.</summary>
    public List<StateDictModule> Modules { get; } = [];

    /// <summary>The tensors of the part, in the order of the file.</summary>
    public IReadOnlyList<StateTensor> Tensors { get; }

    /// <summary>What the names of the part start with.</summary>
    public string Part { get; private set; }

    /// <summary>The names of several parts that are joined, in order, behind what all start with; empty for one part.</summary>
    public IReadOnlyList<string> Parts { get; }

    /// <summary>What was left out, and what was computed.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>The numbers that a Sequential's or ModuleList's modules leave out between them.</summary>
    public List<string> NumbersWithoutTensors()
    {
        const int Most = 8;
        var gaps = new List<string>();
        var numbered = Modules.SelectMany(m => Ancestors(m.Prefix)).Where(p => ModuleName.IsNumber(ModuleName.Last(p))).Distinct()
            .GroupBy(ModuleName.Parent);
        foreach (var list in numbered)
        {
            var numbers = list.Select(p => int.TryParse(ModuleName.Last(p), CultureInfo.InvariantCulture, out var n) ? n : int.MaxValue)
                .Where(n => n < short.MaxValue).ToHashSet();
            gaps.AddRange(Enumerable.Range(0, numbers.Count == 0 ? 0 : numbers.Max()).Where(n => !numbers.Contains(n)).Take(Most)
                .Select(n => list.Key.Length == 0 ? $"{n}" : $"{list.Key}.{n}"));
        }

        return gaps;
    }

    private static IEnumerable<string> Ancestors(string path)
    {
        for (; path.Length > 0; path = ModuleName.Parent(path))
        {
            yield return path;
        }
    }

    private void AddModules()
    {
        var modules = new Dictionary<string, StateDictModule>(StringComparer.Ordinal);
        foreach (var tensor in Tensors)
        {
            var (path, name) = (ModuleName.Parent(tensor.Name), s_inner.Aggregate(tensor.Name[Part.Length..], (n, s) => n.Replace(s, "")));
            if (!modules.TryGetValue(path, out var found))
            {
                found = new StateDictModule(path, ModuleName.Parent(name), new Dictionary<string, SafeTensor>(StringComparer.Ordinal));
                modules.Add(path, found);
                Modules.Add(found);
            }

            found.Tensors.Add(ModuleName.Last(name), tensor.Tensor);
        }

        foreach (var shell in s_shells)
        {
            if (Modules.Find(m => modules.ContainsKey(Part + shell + m.Prefix)) is { } twice)
            {
                throw new InvalidDataException(
                    $"'{_file}': the file has the weights of '{twice.Path}' twice, also under '{Part + shell}{twice.Prefix}'. " +
                    $"Import one of the two: --part {Part}{shell.TrimEnd('.')}, or the names of the other.");
            }
        }
    }

    private void NoteRest(List<StateTensor> all, List<StateTensor> chosen)
    {
        var left = all.Except(chosen).ToList();
        if (left.Count == 0)
        {
            return;
        }

        var read = Parts.Count > 0 ? string.Join("', '", Parts.Select(p => Part + p)) : Part.TrimEnd('.');
        Notes.Add(read.Length > 0
            ? $"Only the tensors of '{read}' were read, not {left.Count} others such as '{left[0].Name}'."
            : $"{left.Count} tensors of the training were not read, such as '{left[0].Name}'.");
        if (left.FindAll(t => PlainModule.IsState(ModuleName.Last(t.Name))) is { Count: > 0 } states)
        {
            Notes.Add(
                $"{Listed(states)} look like a trained initial state, which is not in the part: give it with each call, or set " +
                "LearnedInitialState.");
        }
    }

    /// <summary>Says what was passed over, and refuses the model where tensors of it are in that.</summary>
    private void NoteSkipped(IReadOnlyList<SkippedObject> skipped)
    {
        const int Most = 6;
        if (skipped.FirstOrDefault(s => s.HoldsTensors && s.Name.StartsWith(Part, StringComparison.Ordinal)) is { } lost)
        {
            throw new InvalidDataException(
                $"'{_file}': {lost} holds tensors, and is neither a tensor of PyTorch's usual kind nor a dictionary, a list or a tuple, " +
                "so that it is not read. Save the state dict, torch.save(model.state_dict(), path), of dense tensors in a float type, or " +
                "name the part of the file that the model is in.");
        }

        if (skipped.Count > 0)
        {
            Notes.Add(
                $"Passed over, as neither tensors nor plain values, and not executed: {string.Join(", ", skipped.Take(Most))}" +
                $"{(skipped.Count > Most ? $" and {skipped.Count - Most} others" : "")}.");
        }
    }

    /// <summary>Leaves averaged copies out, unless the part is one, and says which of the two was read.</summary>
    private void LeaveCopies(List<StateTensor> all, List<StateTensor> chosen)
    {
        var copies = new AveragedCopies(all);
        if (chosen.TrueForAll(t => copies.CopyOf(t.Name) is not null))
        {
            Notes.Add($"The tensors of '{copies.CopyOf(chosen[0].Name)}' are an averaged copy of others in the file, which were not read.");
            return;
        }

        chosen.RemoveAll(t => copies.CopyOf(t.Name) is not null);
        Notes.AddRange(copies.Folders.Select(f =>
            $"The file also has an averaged copy of the weights, '{f}'; those that the training itself went on with were read. " +
            $"--part {f} reads the average."));
        if (chosen.Exists(t => IsCounter(t.Name)))
        {
            LeaveCounter(chosen);
        }
    }

    private bool IsAround(List<StateTensor> chosen, string shell) =>
        chosen.FindAll(t => !IsCounter(t.Name)) is { Count: > 0 } own
            && own.TrueForAll(t => t.Name.AsSpan(Part.Length).StartsWith(shell));

    private bool IsCounter(string name) => name == Part + Averaged;

    private void LeaveCounter(List<StateTensor> chosen)
    {
        if (chosen.RemoveAll(t => IsCounter(t.Name)) > 0)
        {
            Notes.Add($"The weights are the mean of several models: '{Part}{Averaged}' counts them.");
        }
    }

    private static string Listed(IEnumerable<StateTensor> tensors) => string.Join(", ", tensors.Take(4).Select(t => $"'{t.Name}'"));
}
