namespace RnnCodegen.Interchange;

/// <summary>
/// Finds averaged copies of weights (EMA, SWA), which training programs keep beside the weights themselves under a name of their own, so
/// that neither is taken for a part of the model, nor one for the other.
/// </summary>
internal sealed class AveragedCopies
{
    private static readonly string[] s_words = ["ema", "swa", "polyak", "shadow", "averaged", "avg_model", "model_avg", "average_model",
        "model_average"];

    private readonly Dictionary<string, HashSet<string>> _copies = new(StringComparer.Ordinal);

    /// <param name="tensors">All tensors of the file.</param>
    public AveragedCopies(IReadOnlyList<StateTensor> tensors)
    {
        var own = tensors.Where(t => Folder(t.Name) is null).Select(t => (Name: WithoutDots(t.Name), t.Tensor)).ToList();
        foreach (var group in tensors.Where(t => Folder(t.Name) is not null).GroupBy(t => Folder(t.Name)!))
        {
            // Some programs leave the dots out of the copies' names, and keep a rate or a count beside them.
            var copies = group.Where(t => t.Tensor.Shape.Count > 0).ToList();
            if (copies.Count > 0 && copies.TrueForAll(copy => own.Exists(
                t => t.Tensor.Shape.SequenceEqual(copy.Tensor.Shape) && IsSame(t.Name, WithoutDots(copy.Name[(group.Key.Length + 1)..])))))
            {
                _copies.Add(group.Key, [.. group.Select(t => t.Name)]);
            }
        }
    }

    /// <summary>The names under which there are copies of what else the file holds.</summary>
    public IReadOnlyCollection<string> Folders => _copies.Keys;

    /// <summary>The name under which a tensor is a copy; null where it is none.</summary>
    public string? CopyOf(string tensor) => _copies.FirstOrDefault(c => c.Value.Contains(tensor)).Key;

    private static bool IsSame(string own, string copy) => own.EndsWith(copy, StringComparison.Ordinal)
        || copy.EndsWith(own, StringComparison.Ordinal);

    private static string WithoutDots(string name) => string.Concat(name.Split('.').Where(part => part is not ("module" or "_orig_mod")));

    /// <summary>A name up to its first part that speaks of an average; null where none does.</summary>
    private static string? Folder(string name)
    {
        for (var dot = name.IndexOf('.'); dot >= 0; dot = name.IndexOf('.', dot + 1))
        {
            if (Array.Exists(s_words, w => ModuleName.Words(ModuleName.Last(name[..dot])).Contains($"_{w}_", StringComparison.Ordinal)))
            {
                return name[..dot];
            }
        }

        return null;
    }
}
