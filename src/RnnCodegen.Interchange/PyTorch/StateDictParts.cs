namespace RnnCodegen.Interchange;

/// <summary>
/// The tensors of a checkpoint that make the model: those of the parts that are named, or else all but what training programs keep beside
/// a model.
/// </summary>
/// <param name="Common">What the names of all of them start with, with a dot behind it; empty where that is nothing.</param>
/// <param name="Names">The names of several parts, in order, behind that; empty for one part.</param>
/// <param name="Tensors">The tensors, those of a part together, and else in the order of the file.</param>
internal sealed record StateDictParts(string Common, IReadOnlyList<string> Names, List<StateTensor> Tensors)
{
    /// <summary>Keys under which training programs commonly put a model's state dict beside other things.</summary>
    private static readonly string[] s_wrappers = ["state_dict", "model_state_dict", "model_state"];

    /// <summary>Chooses the tensors.</summary>
    /// <param name="file">Name of the file in messages.</param>
    /// <param name="all">All tensors of the file.</param>
    /// <param name="wish">The parts, with commas between them; empty for the whole model.</param>
    /// <exception cref="InvalidDataException">A part is not there, or more than once; the message lists what there is.</exception>
    public static StateDictParts Choose(string file, List<StateTensor> all, string wish)
    {
        if (wish.Length == 0)
        {
            return Whole(file, all);
        }

        // A name with a comma in it is one part where there is such a part.
        string[] wishes = all.Exists(t => IsIn(t, Dotted(wish))) ? [wish] : wish.Split(',', StringSplitOptions.TrimEntries);
        string[] starts = [.. wishes.Select(w => Find(file, all, w))];
        if (Array.Find(starts, s => starts.Count(o => o.StartsWith(s, StringComparison.Ordinal)) > 1) is { } twice)
        {
            throw new InvalidDataException($"'{file}': --part {wish} names '{twice.TrimEnd('.')}' twice, or a part and one inside of it.");
        }

        if (starts is [var only])
        {
            return new(only, [], all.FindAll(t => IsIn(t, only)));
        }

        var common = starts.Aggregate(CommonPart);
        return new(common, [.. starts.Select(s => s[common.Length..].TrimEnd('.'))],
            [.. starts.SelectMany(s => all.FindAll(t => IsIn(t, s)))]);
    }

    /// <summary>The names up to which the tensors' names can be told apart, for a message.</summary>
    public static string Listed(IEnumerable<string> names)
    {
        const int Most = 12;
        var roots = names.Select(n => n.Split('.')[0]).Distinct().ToList();
        return string.Join(", ", roots.Take(Most)) + (roots.Count > Most ? ", ..." : "");
    }

    private static StateDictParts Whole(string file, List<StateTensor> all)
    {
        if (Array.Find(s_wrappers, w => all.Exists(t => IsIn(t, w + "."))) is { } wrapper)
        {
            return new(wrapper + ".", [], all.FindAll(t => IsIn(t, wrapper + ".")));
        }

        var groups = all.GroupBy(t => t.Name.Split('.')[0]).ToList();
        var own = groups.FindAll(g => !IsOfTraining(g.Key, g));
        if (own.Count == 0 || own.Count == groups.Count)
        {
            return all.Count > 0 ? new("", [], all) : throw new InvalidDataException($"'{file}': there are no tensors.");
        }

        var tensors = own.SelectMany(g => g).ToHashSet();
        var inOrder = all.FindAll(tensors.Contains);
        return new(own is [var only] && inOrder.TrueForAll(t => t.Name.Count(c => c == '.') > 1) ? only.Key + "." : "", [], inOrder);
    }

    /// <summary>Whether a key of a checkpoint holds the state of an optimizer or of random numbers.</summary>
    private static bool IsOfTraining(string key, IEnumerable<StateTensor> tensors)
    {
        var words = ModuleName.Words(key);
        return new[] { "_optim_", "_optimizer_", "_optimizers_", "_opt_", "_optims_", "_scheduler_" }.Any(words.Contains)
                && tensors.All(t => t.Name.Contains(".state", StringComparison.Ordinal)
                    || t.Name.Contains("param_groups", StringComparison.Ordinal) || t.Tensor.Shape.Count == 0)
            || (words.Contains("_rng_", StringComparison.Ordinal) && tensors.All(t => t.Tensor.DataType == "U8"));
    }

    /// <summary>What a part's names start with: as it is named from the root, or else from inside of the one place that has it.</summary>
    private static string Find(string file, List<StateTensor> all, string wish)
    {
        var start = Dotted(wish);
        if (all.Exists(t => IsIn(t, start)))
        {
            return start;
        }

        var inner = "." + start;
        var found = all.Select(t => (t.Name, At: t.Name.IndexOf(inner, StringComparison.Ordinal))).Where(t => t.At >= 0)
            .Select(t => t.Name[..(t.At + inner.Length)]).Distinct().ToList();
        found.RemoveAll(f => found.Exists(o => o != f && f.StartsWith(o, StringComparison.Ordinal)));
        return found switch
        {
            [var only] => only,
            [] => throw new InvalidDataException(
                $"'{file}': no tensor's name starts with '{start}'; the file has {all.Count} tensors, those " +
                $"of {Listed(all.Select(t => t.Name))}."),
            _ => throw new InvalidDataException(
                $"'{file}': '{wish}' is in {found.Count} places; name one: --part " +
                $"{string.Join(" or ", found.Take(4).Select(f => f.TrimEnd('.')))}."),
        };
    }

    private static bool IsIn(StateTensor tensor, string start) => tensor.Name.StartsWith(start, StringComparison.Ordinal);

    private static string Dotted(string part) => part.TrimEnd('.') + ".";

    private static string CommonPart(string a, string b)
    {
        var length = a.AsSpan().CommonPrefixLength(b);
        return a[..(a.AsSpan(0, length).LastIndexOf('.') + 1)];
    }
}
