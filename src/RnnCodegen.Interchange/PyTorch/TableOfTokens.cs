namespace RnnCodegen.Interchange;

/// <summary>Finds the one module that reads tokens: an Embedding's tensor is that of a Linear without bias.</summary>
internal static class TableOfTokens
{
    private const int MaxGuesses = 8;

    /// <summary>The module, if any: by its name, else where the widths or its being the first say so.</summary>
    /// <param name="file">Name of the file in messages.</param>
    /// <param name="state">The modules.</param>
    /// <param name="order">Their order.</param>
    /// <param name="linear">Reads the layers as if there was none.</param>
    /// <param name="isGuess">Whether it may as well be a Linear without bias.</param>
    /// <exception cref="InvalidDataException">There are two, or it cannot be told which it is.</exception>
    public static StateDictModule? Find(string file, StateDict state, LayerOrder order, Func<List<ImportedLayer>> linear, out bool isGuess)
    {
        isGuess = false;
        var matrices = state.Modules.FindAll(PlainModule.MayBeEmbedding);
        var named = matrices.FindAll(m => NameObjections.SaysEmbedding(ModuleName.Last(m.Prefix)));
        named = named.Count > 0 ? named : matrices.FindAll(m => NameObjections.SaysEmbedding(m.Prefix));
        if (named.Count > 1)
        {
            throw new InvalidDataException(
                $"'{file}': {string.Join(" and ", named.Select(m => $"'{m.Path}'"))} are tables of tokens by their names; a " +
                "model has one, its first layer. Import the parts by --part.");
        }

        if (named.Count == 1)
        {
            return named[0];
        }

        var guesses = matrices.Where(m => !IsOneOfSeveral(m, matrices) && (!order.IsKnown || m == order.First)).Take(MaxGuesses + 1)
            .ToList();
        if (guesses.Count is 0 or > MaxGuesses)
        {
            return null;
        }

        var layers = linear();
        if (order.IsKnown)
        {
            isGuess = !LayerChain.Follow(layers) || LayerChain.Follow(With(layers, guesses[0]));
            return isGuess ? guesses[0] : null;
        }

        var linears = order.Candidates(layers).Orders;
        var fitting = guesses.Select(g => (Guess: g, order.Candidates(With(layers, g)).Orders)).Where(g => g.Orders.Count > 0).ToList();
        if (fitting.Count == 0 || (fitting.Count == 1 && linears.Count == 0))
        {
            return fitting.Count == 0 ? null : fitting[0].Guess;
        }

        // Both fit: where all is in one order, the guess is noted; elsewhere the orders that fit are too many.
        isGuess = fitting is [{ Orders: [var only] }] && linears is [var same]
            && only.Select(l => l.Prefix).SequenceEqual(same.Select(l => l.Prefix));
        return isGuess ? fitting[0].Guess : linears.Count > 1 ? null : throw new InvalidDataException(
            $"'{file}': {string.Join(" and ", fitting.Select(f => $"'{f.Guess.Path}'"))} may be a table of tokens or a Linear " +
            "without bias, and the layers' order depends on it. Say the order by the modules' names, a table first: " +
            $"--order {string.Join(",", fitting[0].Orders[0].Select(l => SaidOrder.Shown(l.Prefix)))}, if that is it.");
    }

    /// <summary>
    /// Whether a numbered list, such as a Sequential, has another matrix that could read what this one writes as a Linear.
    /// </summary>
    private static bool IsOneOfSeveral(StateDictModule module, List<StateDictModule> matrices) => matrices.Exists(
        m => m != module && ModuleName.CompareNumbers(module.Prefix, m.Prefix) != 0
            && m.Tensors["weight"].Shape[1] == module.Tensors["weight"].Shape[0]);

    private static List<ImportedLayer> With(List<ImportedLayer> layers, StateDictModule table) => layers.ConvertAll(
        l => l.Prefix == table.Prefix ? l with { Input = 0, Output = l.Weights[0].Shape[1] } : l);
}
