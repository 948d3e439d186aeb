namespace RnnCodegen.Interchange;

/// <summary>
/// Makes a model of a PyTorch state dict. Layers are recognised by the names and shapes of their tensors; a state dict says nothing of activations and of
/// how layers are joined, so they follow each other, and the notes tell what to check.
/// </summary>
public static class PyTorchImporter
{
    private const int MaxLayers = 256;

    /// <summary>Imports a file, <c>.safetensors</c> or what <c>torch.save</c> wrote, told apart by their contents.</summary>
    /// <param name="path">The file.</param>
    /// <param name="prefix">The part of the model to import, e.g. <c>encoder</c>; all of it where empty.</param>
    /// <exception cref="InvalidDataException">The file is not valid, or a tensor is none of a known layer; the message names it.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static ModelDescription Import(string path, string prefix = "")
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Import(path, IsSafeTensors(path) ? SafeTensorsFile.Read(path).Tensors : PyTorchFile.Read(path).Tensors, prefix);
    }

    /// <summary>Imports tensors.</summary>
    /// <param name="name">What messages call them.</param>
    /// <param name="tensors">The tensors under PyTorch's names, in the order of the modules.</param>
    /// <param name="prefix">As for a file.</param>
    /// <exception cref="InvalidDataException">A tensor is none of a known layer; the message names it.</exception>
    public static ModelDescription Import(string name, IReadOnlyList<SafeTensor> tensors, string prefix = "")
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(prefix);
        var state = new StateDict(name, tensors, prefix);
        if (state.Modules.Count > MaxLayers)
        {
            throw new InvalidDataException($"'{name}': the file has {state.Modules.Count} modules; at most {MaxLayers} are imported at a time.");
        }

        var names = new PropertyNames();
        var embedding = FindEmbedding(state, out var isGuess);
        var layers = state.Modules.ConvertAll(m => m.Tensors.Keys.Any(RecurrentModule.Owns)
            ? RecurrentModule.Import(name, m, names)
            : PlainModule.Import(name, m, names, m == embedding));
        if (isGuess)
        {
            layers[0].Notes.Add($"{layers[0].Name} is taken for an Embedding, as a matrix without a bias that comes first; it may be a Linear without bias.");
        }

        var order = LayerChain.Follow(layers) || !state.IsSorted ? layers : LayerChain.Find(layers) ?? layers;
        return Describe(name, order, state.Notes, isMoved: !order.SequenceEqual(layers));
    }

    private static bool IsSafeTensors(string path)
    {
        using var stream = RegularFile.OpenRead(path);
        Span<byte> start = stackalloc byte[9];
        return stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start[8] == (byte)'{' && !SafeZip.IsZip(start);
    }

    /// <summary>The one module that reads tokens, if any: by its name, else by being the first.</summary>
    private static StateDictModule? FindEmbedding(StateDict state, out bool isGuess)
    {
        var named = state.Modules.FirstOrDefault(m => PlainModule.MayBeEmbedding(m) && m.Prefix.Contains("emb", StringComparison.OrdinalIgnoreCase));
        isGuess = named is null && PlainModule.MayBeEmbedding(state.Modules[0]);
        return isGuess ? state.Modules[0] : named;
    }

    private static ModelDescription Describe(string file, List<ImportedLayer> chain, List<string> notes, bool isMoved)
    {
        var first = chain[0];
        if (first.Input is null)
        {
            throw new InvalidDataException(
                $"'{file}': {first.Name} has one slope for all features, and no layer tells how many there are; import it together with the layers before it.");
        }

        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = first.Input.Value } };
        model.Notes.AddRange(notes);
        model.Notes.Add("A state dict does not tell how layers are joined, nor their activations: " + DescribeWiring(chain, isMoved));
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

        foreach (var layer in chain.Where(l => l.Options is PReluAttribute))
        {
            model.Notes.Add($"{layer.Name} is taken for a PReLU, as a vector without a bias; a normalisation without a shift looks the same.");
        }

        return model;
    }

    private static string DescribeWiring(List<ImportedLayer> chain, bool isMoved)
    {
        if (LayerChain.Follow(chain, out var misfit, out var width))
        {
            return (isMoved
                ? "the file is sorted by names, so the layers are in the first order that fits their widths, " + string.Join(", ", chain.Select(l => l.Name))
                : "the layers follow each other in the file's order") + ". Check it, and add the activations.";
        }

        return
            $"the layers are in the file's order, but {misfit.Name} reads {(misfit.Input == 0 ? "token ids" : $"rows of {misfit.Input}")} where the layer before it " +
            $"writes rows of {width}. Join them with From, Concat or Add, or import the parts by their prefixes.";
    }
}
