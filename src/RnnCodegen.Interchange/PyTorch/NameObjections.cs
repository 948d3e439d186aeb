namespace RnnCodegen.Interchange;

/// <summary>What the shapes of a module's tensors make it look like.</summary>
[Flags]
internal enum ModuleReading
{
    /// <summary>A vector of scales and one of shifts.</summary>
    Norm = 1,

    /// <summary>A vector alone.</summary>
    Slopes = 2,

    /// <summary>A matrix and a bias.</summary>
    Linear = 4,

    /// <summary>A matrix alone.</summary>
    Matrix = 8,

    /// <summary>Matrices of taps.</summary>
    Convolution = 16,

    /// <summary>An LSTM, GRU or RNN.</summary>
    Recurrent = 32,
}

/// <summary>Names of modules that speak against what the shapes of their tensors look like.</summary>
internal static class NameObjections
{
    private const ModuleReading Vectors = ModuleReading.Norm | ModuleReading.Slopes;
    private const ModuleReading Matrices = ModuleReading.Linear | ModuleReading.Matrix;

    /// <summary>What a module's name says that it is, the readings that this speaks against, and the words that say so.</summary>
    private static readonly (string What, ModuleReading Against, string[] Words)[] s_kinds =
    [
        ("a GroupNorm, which also averages over steps", Vectors, ["gn", "groupnorm", "group_norm", "gnorm"]),
        ("an InstanceNorm, which averages over steps", Vectors, ["instancenorm", "instance_norm", "inorm", "instnorm", "in1d", "in2d"]),
        ("a batch normalisation, whose running statistics are not in the file", Vectors,
            ["bn", "batchnorm", "batch_norm", "bnorm", "batchnorm1d", "batchnorm2d"]),
        ("an RMSNorm, which subtracts no mean", Vectors, ["rms", "rmsnorm", "rms_norm", "rmsn", "t5layernorm", "t5_layer_norm"]),
        ("a normalisation of another kind", Vectors,
            ["scalenorm", "scale_norm", "actnorm", "act_norm", "adain", "ada_ln", "adaln", "powernorm", "lrn", "graphnorm", "graph_norm"]),
        ("a scale by itself", Vectors,
            ["scale", "scales", "scaler", "scaling", "rescale", "affine", "gain", "gamma", "layerscale", "layer_scale", "ls", "film"]),
        ("a bilinear form of two inputs", ModuleReading.Convolution, ["bilinear", "biaffine"]),
        ("a transposed convolution", ModuleReading.Convolution,
            ["deconv", "deconvolution", "deconv1d", "convtranspose", "convtranspose1d", "conv_transpose", "conv_transpose1d",
            "convtransposed", "convt", "conv_t",
            "tconv", "trconv", "transconv", "trans_conv", "transpose", "transposed", "up", "ups", "upconv", "up_conv", "upsample",
            "upsampler", "upsampling", "upscale", "unpool"]),
        ("a convolution of groups", ModuleReading.Convolution,
            ["depthwise", "depth_wise", "dw", "dwconv", "dw_conv", "conv_dw", "depthconv", "depth_conv", "separable", "sepconv", "sep_conv",
                "grouped", "groupconv", "group_conv"]),
        ("a table of positions, which is added to another", ModuleReading.Matrix,
            ["pos", "position", "positions", "positional", "pe", "posemb", "posembed", "posembedding", "posenc", "pos_enc", "wpe", "rel",
            "relative", "segment", "token_type", "tokentype", "timestep"]),
        ("a table that is averaged over", ModuleReading.Matrix, ["embeddingbag", "embedding_bag", "emb_bag", "bag"]),
        ("a codebook", ModuleReading.Matrix, ["codebook", "codebooks", "prototypes", "centroids", "quantizer"]),
        ("a convolution", Matrices, ["conv1d", "c_attn", "c_proj", "c_fc"]),
        ("a function with a parameter of its own", ModuleReading.Slopes, ["snake", "snakebeta", "swish", "maxout"]),
        ("a mask or a gate, which others are multiplied by", ModuleReading.Slopes, ["mask", "gate", "gates"]),
        ("a cell of another kind", ModuleReading.Recurrent,
            ["sru", "qrnn", "indrnn", "ind_rnn", "mgu", "ligru", "li_gru", "mingru", "min_gru", "minlstm", "min_lstm", "lnlstm", "ln_lstm",
            "lngru", "ln_gru", "xlstm",
            "mlstm", "slstm", "convlstm", "conv_lstm", "convgru", "conv_gru", "phased", "peephole", "peepholes"]),
    ];

    /// <summary>What a module's name says of its place among others, which matters only where these are imported with it.</summary>
    private static readonly (string What, ModuleReading Against, string[] Words)[] s_places =
    [
        ("a part of a recurrent cell that is written by hand", Matrices,
            ["x2h", "h2h", "i2h", "i2o", "x2g", "h2g", "hid2hid", "in2hid", "hidden2hidden", "input2hidden", "hidden_to_hidden",
            "input_to_hidden", "hh", "ih", "xh", "w_hh", "w_ih", "w_xh", "u_h", "w_x", "recurrent"]),
        ("a gate, whose output others are multiplied by", Matrices,
            ["gate", "gates", "gating", "gated", "glu", "highway", "transform_gate"]),
        ("a way around other layers", Matrices | ModuleReading.Convolution, ["skip", "shortcut"]),
    ];

    /// <summary>Parts of attention, wherever in a path they stand.</summary>
    private static readonly string[] s_attention =
    [
        "attn", "attention", "attentions", "selfattn", "mha", "multihead", "multi_head", "multiheadattention", "qkv", "query", "queries",
        "key", "keys",
        "q_proj", "k_proj", "v_proj", "wq", "wk", "wv", "w_q", "w_k", "w_v", "to_q", "to_k", "to_v", "q_lin", "k_lin", "v_lin", "fc_q",
        "fc_k", "fc_v", "in_proj_weight",
    ];

    /// <summary>Parts of low-rank adapters, below which each adapter has a name of its own.</summary>
    private static readonly string[] s_adapters = ["lora", "lora_a", "lora_b", "lora_down", "lora_up", "lora_embedding_a",
        "lora_embedding_b"];

    /// <summary>
    /// What a module's name says that it is, where that is not what it looks like; null where it says nothing against it.
    /// </summary>
    /// <param name="path">Its full name in the file.</param>
    /// <param name="prefix">Its name in the part that is imported: what stands before that says where the module is used, which does not
    /// matter then.</param>
    /// <param name="reading">What it looks like.</param>
    public static string? Find(string path, string prefix, ModuleReading reading)
    {
        var inside = ModuleName.Words(prefix);
        return Find(s_kinds, path, reading) ?? Find(s_places, prefix, reading)
            ?? ((Matrices & reading) != 0 && Array.Exists(s_adapters, w => Says(ModuleName.Words(path), w))
                ? "a part of a low-rank adapter, whose product is added to another matrix: merge it into the weights, and save again"
                : null)
            ?? ((Matrices & reading) != 0 && Array.Exists(s_attention, w => Says(inside, w))
                ? "a part of attention, which reads several inputs"
                : null);
    }

    /// <summary>What a recurrent module's name says of its cell, where its weights are another's; null where they agree.</summary>
    public static string? FindCell(string path, int gates)
    {
        var words = ModuleName.Words(ModuleName.Last(path));
        return gates != 4 && Says(words, "lstm") ? "an LSTM, which has four gates"
            : gates != 3 && Says(words, "gru") ? "a GRU, which has three"
            : Find(path, "", ModuleReading.Recurrent);
    }

    /// <summary>Whether a module's name says that it is a normalisation of features, whose reading then needs no bias.</summary>
    public static bool SaysLayerNorm(string path) => Array.Exists(["ln", "layernorm", "layer_norm"],
        w => Says(ModuleName.Words(ModuleName.Last(path)), w));

    /// <summary>Whether a module's name says that it is some normalisation.</summary>
    public static bool SaysNorm(string path) => ModuleName.Words(ModuleName.Last(path)) is var words
        && (words.Contains("norm", StringComparison.Ordinal) || SaysLayerNorm(path));

    /// <summary>Whether a name says that it is a table of tokens.</summary>
    public static bool SaysEmbedding(string name) => ModuleName.Words(name).Split('_').Any(
        w => w.StartsWith("emb", StringComparison.Ordinal) || w.EndsWith("emb", StringComparison.Ordinal)
            || w.Contains("embed", StringComparison.Ordinal)
            || w is "wte" or "vocab" or "lookup");

    private static string? Find((string What, ModuleReading Against, string[] Words)[] table, string path, ModuleReading reading)
    {
        // A number in a Sequential or ModuleList says nothing, but the list's name does.
        var words = ModuleName.Words(ModuleName.Last(ModuleName.IsNumber(ModuleName.Last(path)) ? ModuleName.Parent(path) : path));
        return Array.Find(table, row => (row.Against & reading) != 0 && Array.Exists(row.Words, w => Says(words, w))).What;
    }

    private static bool Says(string words, string word) => words.Contains($"_{word}_", StringComparison.Ordinal);
}
