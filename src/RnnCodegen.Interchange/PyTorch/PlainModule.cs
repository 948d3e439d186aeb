namespace RnnCodegen.Interchange;

/// <summary>
/// Recognises PyTorch's modules of a weight and a bias by the shapes of these: linear, convolution, embedding, normalisations, PReLU.
/// </summary>
internal sealed class PlainModule
{
    private const double BatchNormEpsilon = 1e-5;

    private const string NormLookAlikes =
        ", with an epsilon of 1e-5, PyTorch's default: a GroupNorm, an InstanceNorm, a BatchNorm1d without running statistics and a " +
        "plain scale and shift have such tensors too";

    private static readonly string[] Known = ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"];

    /// <summary>Tensors that tell a module of another kind, and what it is.</summary>
    private static readonly (string Leaf, string What)[] Foreign =
    [
        ("in_proj_weight", "a MultiheadAttention, which no layer is"), ("in_proj_bias", "a MultiheadAttention, which no layer is"),
        ("q_proj_weight", "a MultiheadAttention, which no layer is"), ("weight_scale", "a quantised module: save the float one"),
        ("_packed_params", "a quantised module: save the float one"), ("zero_point", "a quantised module: save the float one"),
        ("lora_A", "a low-rank adapter: merge it, and save again"), ("lora_B", "a low-rank adapter: merge it, and save again"),
    ];

    private static readonly string[] States =
    [
        "h0", "c0", "h_0", "c_0", "hx", "cx", "hidden", "hidden0", "cell0", "init_h", "init_c", "h_init", "c_init", "init_hidden",
        "init_cell", "initial_h", "initial_c", "initial_hidden", "initial_state", "init_state",
    ];

    private readonly string _file;
    private readonly StateDictModule _module;
    private readonly PropertyNames _names;
    private readonly bool _isEmbedding;
    private readonly List<string> _notes = [];

    private PlainModule(string file, StateDictModule module, PropertyNames names, bool isEmbedding) =>
        (_file, _module, _names, _isEmbedding) = (file, module, names, isEmbedding);

    /// <summary>Whether a tensor's name says that it is a trained initial state.</summary>
    public static bool IsState(string leaf) => States.Contains(leaf);

    /// <summary>Whether a module has a matrix and no bias, so that it may be an embedding.</summary>
    public static bool MayBeEmbedding(StateDictModule module) =>
        module.Tensors.Count == 1 && module.Tensors.TryGetValue("weight", out var weight) && weight.Shape.Count == 2;

    /// <summary>The layer that a module is.</summary>
    /// <param name="file">Name of the file in messages.</param>
    /// <param name="module">The module.</param>
    /// <param name="names">Gives the layer its name.</param>
    /// <param name="isEmbedding">Whether a matrix without a bias is a table of tokens.</param>
    /// <exception cref="InvalidDataException">It is none of those known,
    /// or its name says that it is none; the message names it.</exception>
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

        var hasBias = _module.Tensors.ContainsKey("bias");
        return weight.Shape switch
        {
            [_, _, _] => Convolution(weight, hasBias),
            [var tokens, var width] when _isEmbedding && !hasBias => Table(tokens, width),
            [var units, var width] => Linear(units, width, hasBias),
            [var width] when hasBias => Norm(width),
            [var width] when NameObjections.SaysNorm(_module.Path) => NormWithoutBias(width),
            [var width] => Slopes(width),
            _ => throw Bad(weight),
        };
    }

    private ImportedLayer Table(int tokens, int width)
    {
        Require(ModuleReading.Matrix, "an Embedding");
        var reading = NameObjections.SaysEmbedding(_module.Prefix)
            ? "an Embedding by its name: a Linear without bias and a table of positions or types have such a tensor too"
            : null;
        return Layer("Embedding", new EmbeddingAttribute(tokens, width), 0, width, reading);
    }

    private ImportedLayer Linear(int units, int width, bool hasBias)
    {
        Require(hasBias ? ModuleReading.Linear : ModuleReading.Matrix, "a Linear");
        return Layer("Dense", new DenseAttribute(units) { Bias = hasBias }, width, units,
            hasBias ? null : "a Linear without bias: an Embedding has such a tensor too");
    }

    private ImportedLayer Norm(int width)
    {
        Require(ModuleReading.Norm, "a LayerNorm");
        return Layer("Norm", new LayerNormAttribute(), width, width, "a LayerNorm" + NormLookAlikes);
    }

    /// <summary>A normalisation's scale alone: that of a LayerNorm only where the name says so.</summary>
    private ImportedLayer NormWithoutBias(int width)
    {
        Require(ModuleReading.Slopes, "a LayerNorm");
        if (!NameObjections.SaysLayerNorm(_module.Path))
        {
            throw Contradicted("a PReLU", "a normalisation without a bias, an RMSNorm or a LayerNorm");
        }

        var layer = Layer("Norm", new LayerNormAttribute(), width, width, "a LayerNorm without bias, by its name" + NormLookAlikes);
        layer.Weights.Add(new NamedTensor($"{layer.Name}.bias", [width], new float[width]));
        return layer;
    }

    private ImportedLayer Slopes(int width)
    {
        Require(ModuleReading.Slopes, "a PReLU");
        int? rows = width == 1 ? null : width;
        return Layer(
            "PRelu", new PReluAttribute(), rows, rows,
            "a PReLU, as a vector without a bias: an RMSNorm, a LayerNorm without bias and a plain scale have such a tensor too");
    }

    private ImportedLayer Convolution(SafeTensor weight, bool hasBias)
    {
        Require(ModuleReading.Convolution, "a Conv1d");
        var (outputs, inputs, taps) = (weight.Shape[0], weight.Shape[1], weight.Shape[2]);
        if (hasBias && _module.Tensors["bias"].Shape is [var biases] && biases != outputs && biases % inputs == 0)
        {
            throw Contradicted(
                "a Conv1d", $"a ConvTranspose1d, with {biases} biases for a weight {Text(weight.Shape)}", "their shapes say");
        }

        var others = inputs == 1 && outputs > 1 ? $"one of {outputs} groups (depthwise)" : "one of groups";
        var reading =
            "a Conv1d of one group with stride 1, dilation 1 and no padding: a state dict does not tell. Set Stride, Dilation, Padding, " +
            "PadLeft and PadRight as in the original. A Conv1d with groups, " +
            $"here {others}, {(hasBias && outputs != inputs ? "" : "a ConvTranspose1d ")}and a Bilinear have such tensors too";
        return Layer("Conv", new Conv1dAttribute(outputs, taps) { Bias = hasBias }, inputs, outputs, reading);
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
                throw new InvalidDataException(
                    $"'{_file}': value {i} of the tensor '{_module.Tensors["running_var"].Name}' is negative: no variance is.");
            }

            var factor = (scale?[i] ?? 1) / Math.Sqrt(variance[i] + BatchNormEpsilon);
            weight[i] = (float)factor;
            bias[i] = (float)((shift?[i] ?? 0) - (mean[i] * factor));
        }

        var name = _names.Add(_module.Prefix, "Norm");
        _notes.Add(
            $"{name} is a batch normalisation with its running statistics and an epsilon of {BatchNormEpsilon:0e0}, folded into a scale " +
            "and a shift; trained on, it is an Affine layer.");
        if (_module.Tensors.TryGetValue("num_batches_tracked", out var tracked))
        {
            _notes.Add($"The tensor '{tracked.Name}' counts batches of the training and was left out.");
        }

        NamedTensor[] weights = [new($"{name}.weight", [mean.Length], weight), new($"{name}.bias", [mean.Length], bias)];
        return new ImportedLayer(_module.Prefix, name, new AffineAttribute(), mean.Length, mean.Length, [.. weights], null, _notes);
    }

    private ImportedLayer Layer(string kind, LayerAttribute options, int? input, int? output, string? reading)
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

        return new ImportedLayer(_module.Prefix, name, options, input, output, weights, reading, _notes);
    }

    private float[] Vector(string leaf, int? length = null)
    {
        var tensor = _module.Tensors.GetValueOrDefault(leaf) ?? throw new InvalidDataException(
            $"'{_file}': the batch normalisation '{_module.Prefix}' lacks the tensor '{leaf}'.");
        return tensor.Shape is [var size] && size == (length ?? size) ? StateDictValues.Read(_file, tensor) : throw Bad(tensor);
    }

    /// <summary>Refuses a reading that the module's name speaks against.</summary>
    private void Require(ModuleReading reading, string looks)
    {
        if (NameObjections.Find(_module.Path, _module.Prefix, reading) is { } what)
        {
            throw Contradicted(looks, what);
        }
    }

    private InvalidDataException Contradicted(string looks, string what, string witness = "its name says") => new(
        $"'{_file}': the tensors of '{_module.Path}' look like those of {looks}, but {witness} that it is {what}. " +
        "Import what is before and behind it by --part, or give its tensors another name where this one misleads.");

    private InvalidDataException Bad(SafeTensor tensor)
    {
        var leaf = ModuleName.Last(tensor.Name);
        var what = IsState(leaf)
            ? "It looks like a trained initial state: import the recurrent module by --part, and give the state with each call or set " +
                "LearnedInitialState. "
            : Array.Find(Foreign, f => f.Leaf == leaf).What is { } foreign ? $"It belongs to {foreign}. "
            : tensor.Shape.Count == 4 ? "It looks like a Conv2d's. "
            : "";
        return new InvalidDataException(
            $"'{_file}': the tensor '{tensor.Name}' {Text(tensor.Shape)} is not understood. {what}Known are LSTM, GRU, RNN and their " +
            "cells, Linear, Embedding, Conv1d, LayerNorm, BatchNorm1d and PReLU. Name the parts of the file that the model consists of, " +
            "in the order of computation: --part NAME or --part NAME,NAME, where a NAME is what tensors' names start with.");
    }

    private static string Text(IReadOnlyList<int> shape) => $"[{string.Join(", ", shape)}]";
}
