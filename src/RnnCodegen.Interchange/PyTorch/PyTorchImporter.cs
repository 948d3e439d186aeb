namespace RnnCodegen.Interchange;

/// <summary>
/// Makes a model of a PyTorch state dict. Layers are recognised by the names and shapes of their tensors; a state dict says nothing of
/// activations and of how layers are joined, so they follow each other, and the notes tell what to check.
/// </summary>
public static class PyTorchImporter
{
    private const int MaxLayers = 256;

    /// <summary>Imports a file, <c>.safetensors</c> or what <c>torch.save</c> wrote, told apart by their contents.</summary>
    /// <param name="path">The file.</param>
    /// <param name="prefix">The part of the model to import, e.g. <c>encoder</c>, or several in the order of computation with commas
    /// between them, e.g. <c>memory,actor</c>; all of it where empty.</param>
    /// <param name="order">
    /// The modules in the order of computation, e.g. <c>["lstm", "norm", "fc"]</c>; a name may stand for all modules that are parts of it.
    /// Where null, it is told from the file, the names and the widths.
    /// </param>
    /// <exception cref="InvalidDataException">
    /// The file is not valid, a tensor is none of a known layer or a module's name says that it is another, or nothing tells the order; the
    /// message names it and the cure.
    /// </exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static ModelDescription Import(string path, string prefix = "", IReadOnlyList<string>? order = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!IsSafeTensors(path))
        {
            var checkpoint = PyTorchFile.Read(path);
            return Import(path, checkpoint.Tensors, prefix, order, TensorOrder.Modules, skipped: checkpoint.Skipped);
        }

        var file = SafeTensorsFile.Read(path);
        var model = Import(path, file.Tensors, prefix, order, TensorOrder.MostlySorted,
            file.Metadata.GetValueOrDefault(ModelDescription.OrderKey));
        model.KeepNormalizer(file.Metadata);
        return model;
    }

    /// <summary>Imports tensors.</summary>
    /// <param name="name">Their name in messages.</param>
    /// <param name="tensors">The tensors under PyTorch's names, in the order of the modules.</param>
    /// <param name="prefix">As for a file.</param>
    /// <param name="order">As for a file.</param>
    /// <exception cref="InvalidDataException">As for a file.</exception>
    public static ModelDescription Import(string name, IReadOnlyList<SafeTensor> tensors, string prefix = "",
        IReadOnlyList<string>? order = null) =>
            Import(name, tensors, prefix, order, TensorOrder.Modules);

    /// <summary>Imports tensors.</summary>
    /// <param name="name">Their name in messages.</param>
    /// <param name="tensors">The tensors.</param>
    /// <param name="prefix">As for a file.</param>
    /// <param name="order">As for a file.</param>
    /// <param name="source">Who put the tensors into their order.</param>
    /// <param name="own">The order that this project writes into the metadata of its own files; null in others.</param>
    /// <param name="skipped">What of the file is no tensor and was passed over.</param>
    internal static ModelDescription Import(
        string name, IReadOnlyList<SafeTensor> tensors, string prefix, IReadOnlyList<string>? order, TensorOrder source, string? own = null,
        IReadOnlyList<SkippedObject>? skipped = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(prefix);
        if (tensors.GroupBy(t => t.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new InvalidDataException($"'{name}': two tensors are named '{twice.Key}'.");
        }

        var state = new StateDict(name, tensors, prefix, skipped);
        if (state.Modules.Count == 0)
        {
            throw new InvalidDataException($"'{name}': none of its tensors is a layer's weight or bias.");
        }

        if (state.Modules.Count > MaxLayers)
        {
            throw new InvalidDataException(
                $"'{name}': the file has {state.Modules.Count} modules; at most {MaxLayers} are imported at a time.");
        }

        // Parts are named in the order of computation; a file's own order, where it is that of the modules, says more inside of each.
        if (order is null && state.Parts.Count > 0 && !FileOrder.IsOfModules(state, source))
        {
            order = state.Parts;
        }

        var said = order is null ? SaidOrder.OfMetadata(name, state, own) : new SaidOrder(name, state, order);
        var arrangement = new LayerOrder(name, state, source, said);
        var table = TableOfTokens.Find(name, state, arrangement, () => Read(null), out var isGuess);
        var layers = Read(table);
        if (isGuess)
        {
            var layer = layers.Find(l => l.Prefix == table!.Prefix)!;
            layer.Notes.Add(
                $"{layer.Name} is taken for an Embedding, as a matrix without a bias that comes first; it may be a Linear without bias.");
        }

        var arranged = arrangement.Arrange(layers);
        return Describe(name, state, arranged, arrangement.Explanation);

        List<ImportedLayer> Read(StateDictModule? embedding)
        {
            var names = new PropertyNames();
            return state.Modules.ConvertAll(m => m.Tensors.Keys.Any(RecurrentModule.Owns)
                ? RecurrentModule.Import(name, m, names)
                : PlainModule.Import(name, m, names, m == embedding));
        }
    }

    private static bool IsSafeTensors(string path)
    {
        using var stream = RegularFile.OpenRead(path);
        Span<byte> start = stackalloc byte[9];
        return stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start[8] == (byte)'{'
            && !SafeZip.IsZip(start);
    }

    private static ModelDescription Describe(string file, StateDict state, List<ImportedLayer> chain, string order)
    {
        var first = chain[0];
        if (first.Input is null)
        {
            throw new InvalidDataException(
                $"'{file}': {first.Name} has one slope for all features, and no layer tells how many there are; import it together with " +
                "the layers before it.");
        }

        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = first.Input.Value } };
        model.Notes.AddRange(state.Notes);
        model.Notes.Add("A state dict does not tell how layers are joined, nor their activations: " + order);
        var width = first.Input.Value;
        foreach (var layer in chain)
        {
            model.Add(layer.Name, layer.Options);
            model.Notes.AddRange(layer.Notes);
            width = layer.Output ?? width;
            foreach (var weight in layer.Weights)
            {
                // A PReLU with one slope uses it for all features.
                var values = layer.Output is null ? Enumerable.Repeat(weight.Values[0], width).ToArray() : weight.Values;
                model.AddWeight(weight.Name, layer.Output is null ? [width] : weight.Shape, values);
            }
        }

        AddNotes(model, state, chain);
        return model.RequireFinite(file);
    }

    private static void AddNotes(ModelDescription model, StateDict state, List<ImportedLayer> chain)
    {
        foreach (var group in chain.Where(l => l.Reading is not null).GroupBy(l => l.Reading!))
        {
            var names = group.Select(l => l.Name).ToList();
            model.Notes.Add($"{string.Join(", ", names)} {(names.Count == 1 ? "is" : "are each")} taken for {group.Key}.");
        }

        if (state.NumbersWithoutTensors() is { Count: > 0 } gaps)
        {
            model.Notes.Add(
                $"Modules without weights stand at {string.Join(", ", gaps.Select(g => $"'{g}'"))}, by the numbers of the others: " +
                "activations, dropout or the like, which the file does not name.");
        }

        if (state.Tensors.Count(t => t.Tensor.DataType == "F64") is > 0 and var doubles)
        {
            model.Notes.Add($"{doubles} of the file's tensors are F64; their values are rounded to float32.");
        }

        foreach (var tied in SameWeights(model).GroupBy(w => w.Same, w => w.Weight))
        {
            model.Notes.Add(
                $"{tied.Key} is also {string.Join(", ", tied)}, value by value, as tied weights are; here each is a parameter of its " +
                "own, and training moves them apart.");
        }
    }

    /// <summary>Matrices with the values of another, but for those of one number.</summary>
    private static IEnumerable<(string Weight, string Same)> SameWeights(ModelDescription model)
    {
        var matrices = model.Weights.Values.Where(w => w.Shape.Count == 2 && w.Values.AsSpan().IndexOfAnyExcept(w.Values[0]) >= 0).ToList();
        for (var k = 1; k < matrices.Count; k++)
        {
            var own = matrices[k];
            if (matrices.Take(k)
                .FirstOrDefault(w => w.Shape.SequenceEqual(own.Shape) && w.Values.AsSpan().SequenceEqual(own.Values)) is { } same)
            {
                yield return (own.Name, same.Name);
            }
        }
    }
}
