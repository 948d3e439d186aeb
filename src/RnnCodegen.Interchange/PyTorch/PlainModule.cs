namespace RnnCodegen.Interchange;

/// <summary>Recognises PyTorch's modules of a weight and a bias by the shapes of these: linear, convolution, embedding, normalisations, PReLU.</summary>
internal sealed class PlainModule
{
    private const double BatchNormEpsilon = 1e-5;

    private static readonly string[] Known = ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"];

    private readonly string _file;
    private readonly StateDictModule _module;
    private readonly PropertyNames _names;
    private readonly bool _isEmbedding;
    private readonly List<string> _notes = [];

    private PlainModule(string file, StateDictModule module, PropertyNames names, bool isEmbedding) =>
        (_file, _module, _names, _isEmbedding) = (file, module, names, isEmbedding);

    /// <summary>Whether a module has a matrix and no bias, so that it may be an embedding.</summary>
    public static bool MayBeEmbedding(StateDictModule module) =>
        module.Tensors.Count == 1 && module.Tensors.TryGetValue("weight", out var weight) && weight.Shape.Count == 2;

    /// <summary>The layer that a module is.</summary>
    /// <param name="file">What messages call the file.</param>
    /// <param name="module">The module.</param>
    /// <param name="names">Gives the layer its name.</param>
    /// <param name="isEmbedding">Whether a matrix without a bias is a table of tokens.</param>
    /// <exception cref="InvalidDataException">It is none of those known; the message names the tensor.</exception>
    public static ImportedLayer Import(string file, StateDictModule module, PropertyNames names, bool isEmbedding) =>
        new PlainModule(file, module, names, isEmbedding).Import();

    private ImportedLayer Import()
    {
        foreach (var (leaf, tensor) in _module.Tensors)
        {
            if (!Known.Contains(leaf) || tensor.Shape.Contains(0))
            {
                throw Bad(tensor);
            }
        }

        if (_module.Tensors.ContainsKey("running_mean") || _module.Tensors.ContainsKey("running_var"))
        {
            return BatchNorm();
        }

        if (!_module.Tensors.TryGetValue("weight", out var weight) || _module.Tensors.ContainsKey("num_batches_tracked"))
        {
            throw Bad(_module.Tensors.Values.First());
        }

        return (weight.Shape, _module.Tensors.ContainsKey("bias")) switch
        {
            ({ Count: 3 }, _) => Convolution(weight.Shape),
            ([var tokens, var width], false) when _isEmbedding => Layer("Embedding", new EmbeddingAttribute(tokens, width), 0, width),
            ([var units, var width], var bias) => Layer("Dense", new DenseAttribute(units) { Bias = bias }, width, units),
            ([var width], true) => Layer("Norm", new LayerNormAttribute(), width, width),
            ([1], false) => Layer("PRelu", new PReluAttribute(), null, null),
            ([var width], false) => Layer("PRelu", new PReluAttribute(), width, width),
            _ => throw Bad(weight),
        };
    }

    private ImportedLayer Convolution(IReadOnlyList<int> shape)
    {
        var layer = Layer(
            "Conv", new Conv1dAttribute(shape[0], shape[2]) { Bias = _module.Tensors.ContainsKey("bias") }, shape[1], shape[0]);
        _notes.Add(
            $"{layer.Name} is taken for a Conv1d of one group with stride 1, dilation 1 and no padding: a state dict does not tell. Set Stride, Dilation, Padding, " +
            "PadLeft and PadRight as in the original, and import no Conv1d with groups.");
        return layer;
    }

    private ImportedLayer BatchNorm()
    {
        var mean = Vector("running_mean");
        var variance = Vector("running_var", mean.Length);
        var scale = _module.Tensors.ContainsKey("weight") ? Vector("weight", mean.Length) : null;
        var shift = _module.Tensors.ContainsKey("bias") ? Vector("bias", mean.Length) : null;
        var (weight, bias) = (new float[mean.Length], new float[mean.Length]);
        for (var i = 0; i < mean.Length; i++)
        {
            if (variance[i] < 0)
            {
                throw new InvalidDataException($"'{_file}': value {i} of the tensor '{_module.Tensors["running_var"].Name}' is negative: no variance is.");
            }

            var factor = (scale?[i] ?? 1) / Math.Sqrt(variance[i] + BatchNormEpsilon);
            weight[i] = (float)factor;
            bias[i] = (float)((shift?[i] ?? 0) - (mean[i] * factor));
        }

        var name = _names.Add(_module.Prefix, "Norm");
        _notes.Add(
            $"{name} is a batch normalisation with its running statistics and an epsilon of {BatchNormEpsilon:0e0}, folded into a scale and a shift; " +
            "trained on, it is an Affine layer.");
        if (_module.Tensors.TryGetValue("num_batches_tracked", out var tracked))
        {
            _notes.Add($"The tensor '{tracked.Name}' counts batches of the training and was left out.");
        }

        NamedTensor[] weights = [new($"{name}.weight", [mean.Length], weight), new($"{name}.bias", [mean.Length], bias)];
        return new ImportedLayer(name, new AffineAttribute(), mean.Length, mean.Length, [.. weights], _notes);
    }

    private ImportedLayer Layer(string kind, LayerAttribute options, int? input, int? output)
    {
        var name = _names.Add(_module.Prefix, kind);
        var weights = new List<NamedTensor>();
        foreach (var leaf in new[] { "weight", "bias" })
        {
            if (_module.Tensors.TryGetValue(leaf, out var tensor))
            {
                if (leaf == "bias" && !tensor.Shape.SequenceEqual([_module.Tensors["weight"].Shape[0]]))
                {
                    throw Bad(tensor);
                }

                weights.Add(new NamedTensor($"{name}.{leaf}", tensor.Shape, StateDictValues.Read(_file, tensor)));
            }
        }

        return new ImportedLayer(name, options, input, output, weights, _notes);
    }

    private float[] Vector(string leaf, int? length = null)
    {
        var tensor = _module.Tensors.GetValueOrDefault(leaf) ?? throw new InvalidDataException(
            $"'{_file}': the batch normalisation '{_module.Prefix}' lacks the tensor '{leaf}'.");
        return tensor.Shape is [var size] && size == (length ?? size) ? StateDictValues.Read(_file, tensor) : throw Bad(tensor);
    }

    private InvalidDataException Bad(SafeTensor tensor) => new(
        $"'{_file}': the tensor '{tensor.Name}' [{string.Join(", ", tensor.Shape)}] is not understood. Known are LSTM, GRU, RNN and their cells, Linear, Embedding, Conv1d, " +
        "LayerNorm, BatchNorm1d and PReLU. Import the other modules' part of the file by its prefix, or remove what is not needed.");
}
