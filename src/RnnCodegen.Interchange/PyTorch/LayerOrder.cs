namespace RnnCodegen.Interchange;

/// <summary>
/// Puts layers into the order in which the model computes them: as it is said, as the modules were made, or, in files that are sorted, as
/// the numbers in the names and the widths allow. Where these leave more than one, it is refused.
/// </summary>
internal sealed class LayerOrder
{
    private readonly string _file;
    private readonly StateDict _state;
    private readonly SaidOrder? _said;
    private readonly Dictionary<(string, string), bool> _isBefore = [];

    /// <param name="file">Name of the file in messages.</param>
    /// <param name="state">The modules.</param>
    /// <param name="order">Who put the tensors into the file's order.</param>
    /// <param name="said">The order that is said; null where none is.</param>
    public LayerOrder(string file, StateDict state, TensorOrder order, SaidOrder? said)
    {
        (_file, _state, _said) = (file, state, said);
        IsKnown = said is not null || FileOrder.IsOfModules(state, order);
        First = said is null ? state.Modules[0] : state.Modules.MinBy(m => said.PlaceOf(m.Prefix))!;
        foreach (var a in state.Modules)
        {
            foreach (var b in state.Modules)
            {
                _isBefore[(a.Prefix, b.Prefix)] = ModuleName.CompareNumbers(a.Prefix, b.Prefix) < 0;
            }
        }
    }

    /// <summary>Whether the order says which module comes first.</summary>
    public bool IsKnown { get; }

    /// <summary>The module that comes first, where the order is known.</summary>
    public StateDictModule First { get; }

    /// <summary>How the order came about, as a sentence that ends with what to do about it.</summary>
    public string Explanation { get; private set; } = "";

    /// <summary>The layers in order.</summary>
    /// <exception cref="InvalidDataException">Nothing tells which of several orders it is, or none fits what is said; the message says how
    /// to say it.</exception>
    public List<ImportedLayer> Arrange(List<ImportedLayer> layers)
    {
        if (_said is not null)
        {
            return ArrangeAsSaid(layers, _said);
        }

        if (!LayerChain.Follow(layers))
        {
            return IsKnown && !FileOrder.IsByName(_state) ? Misfit(layers) : ArrangeByWidths(layers);
        }

        if (!IsKnown)
        {
            return ArrangeByWidths(layers);
        }

        if (layers.Exists(l => !MayFollowByNumber(l, [], layers.SkipWhile(o => o != l).ToList()))
            && LayerChain.Find(layers, MayFollowByNumber) is [var numbered, ..])
        {
            throw Ambiguous("the file and the numbers in the names say different ones", [layers, numbered]);
        }

        Explanation = "the layers follow each other in the file's order, that in which the modules were made" +
            (layers.Count == 1 || LayerChain.Find(layers, (_, _, _) => true).Count == 1
                ? ""
                : "; other orders would fit their widths too, which --order could say") +
            ". Check it, and add the activations.";
        return layers;
    }

    private List<ImportedLayer> ArrangeAsSaid(List<ImportedLayer> layers, SaidOrder said)
    {
        var sorted = layers.OrderBy(l => said.PlaceOf(l.Prefix)).ThenBy(l => ModuleName.SortKey(l.Prefix), StringComparer.Ordinal).ToList();
        bool MayFollow(ImportedLayer layer, IReadOnlyList<ImportedLayer> before, IReadOnlyList<ImportedLayer> rest) =>
            rest.All(r => said.PlaceOf(r.Prefix) >= said.PlaceOf(layer.Prefix));
        var orders = LayerChain.Find(sorted, (l, before, rest) => MayFollow(l, before, rest) && MayFollowByNumber(l, before, rest));
        orders = orders.Count > 0 || said.IsWhole ? orders : LayerChain.Find(sorted, MayFollow);
        if (orders.Count == 0 && said.IsWhole)
        {
            orders = [sorted];
        }

        if (orders.Count == 0 || !LayerChain.Follow(orders[0], out var misfit, out var width))
        {
            _ = LayerChain.Follow(sorted, out misfit, out width);
            throw new InvalidDataException($"'{_file}': the order that {said.Source} does not fit: {Misfit(misfit!, width)}.");
        }

        Explanation = $"the layers are in the order that {said.Source}, {Listed(orders[0])}. Add the activations.";
        return orders.Count == 1 ? orders[0] : throw Ambiguous("the order that is said leaves several", orders);
    }

    /// <summary>The order of a file whose own tells nothing.</summary>
    private List<ImportedLayer> ArrangeByWidths(List<ImportedLayer> layers)
    {
        var (orders, isOnly) = Candidates(layers);
        if (orders.Count == 0)
        {
            return Misfit(layers);
        }

        if (orders.Count > 1)
        {
            throw Ambiguous("the file's is that of a program which sorted it, not that of the modules", orders);
        }

        Explanation = layers.Count == 1 ? "add the activation."
            : "the file's order is that of a program which sorted it, so the layers are in the first order that fits their " +
            $"widths, {Listed(orders[0])}" +
            (isOnly
                ? "; no other does"
                : "; it is the only one that also fits the numbers and parts of their names, and --order could say another") +
            ". Check it, and add the activations.";
        return orders[0];
    }

    /// <summary>
    /// Up to two orders that fit, under the strictest conditions that any fits under, and whether no other fits the widths.
    /// </summary>
    public (List<List<ImportedLayer>> Orders, bool IsOnly) Candidates(List<ImportedLayer> layers)
    {
        var sorted = layers.OrderBy(l => ModuleName.SortKey(l.Prefix), StringComparer.Ordinal).ToList();
        var all = LayerChain.Find(sorted, (_, _, _) => true);
        if (all.Count < 2)
        {
            return (all, true);
        }

        var numbered = LayerChain.Find(sorted, MayFollowByNumber);
        var whole = numbered.Count < 2 || HasListOfNorms(layers) ? numbered
            : LayerChain.Find(sorted, (l, before, rest) => MayFollowByNumber(l, before, rest) && MayFollowAsPart(l, before, rest));
        return (whole.Count > 0 ? whole : numbered.Count > 0 ? numbered : all, false);
    }

    private List<ImportedLayer> Misfit(List<ImportedLayer> layers)
    {
        _ = LayerChain.Follow(layers, out var misfit, out var width);
        Explanation = $"the layers are in the file's order, but {Misfit(misfit!, width)}. Join them with From, Concat or Add, say " +
            "another order with --order, or import the parts by their prefixes.";
        return layers;
    }

    private static string Misfit(ImportedLayer misfit, int? width) =>
        $"{misfit.Name} reads " +
        $"{(misfit.Input == 0 ? "token ids" : misfit.Input is null ? "rows of any width" : $"rows of {misfit.Input}")} where the " +
        "layer before it " +
        (width is null ? "is none" : $"writes rows of {width}");

    private bool MayFollowByNumber(ImportedLayer layer, IReadOnlyList<ImportedLayer> before, IReadOnlyList<ImportedLayer> rest) =>
        rest.All(r => !_isBefore[(r.Prefix, layer.Prefix)]);

    /// <summary>Whether no module that the last layer is a part of has other parts left which this layer would stand between.</summary>
    private static bool MayFollowAsPart(ImportedLayer layer, IReadOnlyList<ImportedLayer> before, IReadOnlyList<ImportedLayer> rest)
    {
        for (var parent = before.Count == 0
            ? ""
            : ModuleName.Parent(before[^1].Prefix); parent.Length > 0; parent = ModuleName.Parent(parent))
        {
            var start = parent + ".";
            if (!layer.Prefix.StartsWith(start, StringComparison.Ordinal)
                && rest.Any(r => r.Prefix.StartsWith(start, StringComparison.Ordinal)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether normalisations are kept in a list of their own, whose parts stand between those of others.</summary>
    private static bool HasListOfNorms(List<ImportedLayer> layers) => layers.Where(l => ModuleName.IsNumber(ModuleName.Last(l.Prefix)))
        .GroupBy(l => ModuleName.Parent(l.Prefix))
        .Any(g => g.Count() > 1 && g.All(l => l.Options is LayerNormAttribute or AffineAttribute or PReluAttribute));

    private InvalidDataException Ambiguous(string why, List<List<ImportedLayer>> orders) => new(
        $"'{_file}': nothing tells the order of its layers: {why}, and their widths fit more than one, such " +
        $"as {Listed(orders[0])} and {Listed(orders[1])}. Say the order of computation by the modules' names: " +
        $"--order {string.Join(",", orders[0].Select(l => SaidOrder.Shown(l.Prefix)))}, if that is it.");

    private static string Listed(List<ImportedLayer> layers)
    {
        const int Most = 16;
        return string.Join(", ", layers.Take(Most).Select(l => l.Name)) + (layers.Count > Most ? ", ..." : "");
    }
}
