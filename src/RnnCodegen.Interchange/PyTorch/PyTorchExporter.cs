namespace RnnCodegen.Interchange;

/// <summary>
/// Writes a model's parameters as the state dict of PyTorch modules that are named like its layers. Activations and joins are code in
/// PyTorch, and are not in a state dict.
/// </summary>
public static class PyTorchExporter
{
    /// <summary>
    /// Writes a file: <c>.safetensors</c>, or the format of <c>torch.save</c> where the path ends with <c>.pt</c> or <c>.pth</c>.
    /// </summary>
    /// <param name="path">The file; an existing one is replaced whole or not at all.</param>
    /// <param name="model">The model.</param>
    /// <exception cref="ArgumentException">The path has another ending.</exception>
    /// <exception cref="NotSupportedException">PyTorch has no module that
    /// computes what a layer does; the message names it and why.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Export(string path, ModelDescription model)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var tensors = Tensors(model);
        switch (Path.GetExtension(path).ToLowerInvariant())
        {
            case ".pt" or ".pth":
                PyTorchFile.Write(path, tensors);
                break;
            case ".safetensors":
                SafeTensorsFile.Write(path, tensors, new Dictionary<string, string>(model.FileMetadata()) { ["format"] = "pt" });
                break;
            default:
                throw new ArgumentException($"'{path}' should end with .pt, .pth or .safetensors.", nameof(path));
        }
    }

    /// <summary>The state dict.</summary>
    /// <param name="model">The model.</param>
    /// <exception cref="NotSupportedException">As for a file.</exception>
    public static IReadOnlyList<SafeTensor> Tensors(ModelDescription model)
    {
        ArgumentNullException.ThrowIfNull(model);
        foreach (var layer in model.Layers)
        {
            if (Obstacle(layer.Options) is { } obstacle)
            {
                throw new NotSupportedException($"The layer '{layer.Name}' cannot be written for PyTorch: {obstacle}.");
            }
        }

        return [.. model.Weights.Values.Select(w => new SafeTensor(w.Name, w.Shape, w.Values))];
    }

    /// <summary>Why no module of PyTorch computes what a layer does with the same tensors; null where one does.</summary>
    private static string? Obstacle(LayerAttribute layer) => layer switch
    {
        RecurrentAttribute { LearnedInitialState: true } => "its modules have no learned initial state (LearnedInitialState)",
        RecurrentAttribute { Reverse: true } => "its modules run backwards only as a half of Bidirectional (Reverse)",
        RecurrentAttribute r when CellOptions.HasZoneout(r) => "its cells do not keep a share of the old state (Zoneout)",
        RecurrentAttribute r when CellOptions.IsNormalised(r) => "its gates are not normalised (Normalization)",
        RecurrentAttribute { Clip: not 0 } => "its gates are not clipped (Clip)",
        LstmAttribute { Peepholes: true } => "its LSTM has no peepholes (Peepholes)",
        LstmAttribute { CoupledInputForget: true } => "its LSTM has a forget gate of its own (CoupledInputForget)",
        LstmAttribute { CellClip: not 0 } => "its cell is not clipped (CellClip)",
        LstmAttribute l when (l.GateActivation, l.Activation, l.CellActivation) != (Activation.Sigmoid, Activation.Tanh, Activation.Tanh) =>
            "its LSTM has sigmoid and tanh only (GateActivation, Activation, CellActivation)",
        GruAttribute { ResetAfter: false } => "its GRU resets after the product (ResetAfter)",
        GruAttribute g when (g.GateActivation, g.Activation) != (Activation.Sigmoid, Activation.Tanh) =>
            "its GRU has sigmoid and tanh only (GateActivation, Activation)",
        ElmanAttribute { Activation: not (Activation.Tanh or Activation.Relu) } => "its RNN has tanh and ReLU only (Activation)",
        AffineAttribute => "it has no module that scales and shifts features by themselves (Affine)",
        AttentionAttribute => "its attention modules have other parameters (Attention)",
        AttentionPoolAttribute => "it has no module that averages steps by attention (AttentionPool)",
        LstmAttribute or GruAttribute or ElmanAttribute or EmbeddingAttribute or DenseAttribute or Conv1dAttribute or LayerNormAttribute
            or PReluAttribute => null,

        // A Conv1d of rows that code around it views as [C, L].
        RowConv1dAttribute => null,

        // No tensors: code around modules.
        Pool1dAttribute or GlobalPoolAttribute or DropoutAttribute or ActivationAttribute or ReverseTimeAttribute
            or ConcatAttribute or AddAttribute or MultiplyAttribute => null,
        _ => $"it has no such module ({AttributeText.Name(layer)})",
    };
}
