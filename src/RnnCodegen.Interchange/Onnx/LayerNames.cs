namespace RnnCodegen.Interchange.Onnx;

/// <summary>Gives layers names that a class can have: identifiers, each once, none that generated code uses itself.</summary>
internal sealed class LayerNames
{
    // What a name may not be because the generated half of a class has or reads it.
    private static readonly HashSet<string> s_reserved = new(
        ("InputSize Vocabulary OutputSize ParameterCount FlopsPerStep Parameters MaxThreads CreateState CreateStream CreateTape CreateGradients TapeBytes " +
         "Step Run Forward Backward Load Save Core CreateRnnKernels Vector512Kernels Vector256Kernels Vector128Kernels ScalarKernels BitConverter " +
         "Initialization LayerNorm Math ParameterRole RowOps Span Tape StateSlot Vector128 Vector256 Vector512 ActivationLayer AddLayer AffineLayer " +
         "AttentionLayer AttentionPoolLayer ConcatLayer Conv1dLayer DenseLayer DropoutLayer ElmanLayer EmbeddingLayer GlobalPoolLayer GruLayer " +
         "LayerNormLayer LstmLayer MultiplyLayer PReluLayer Pool1dLayer ReverseTimeLayer").Split(' '),
        StringComparer.Ordinal);

    private readonly Dictionary<string, int> _taken = new(StringComparer.Ordinal);

    /// <summary>A name that no other layer has.</summary>
    /// <param name="wish">What it would best be.</param>
    public string Take(string wish)
    {
        if (!s_reserved.Contains(wish) && _taken.TryAdd(wish, 1))
        {
            return wish;
        }

        var separator = char.IsAsciiDigit(wish[^1]) ? "_" : "";
        string name;
        do
        {
            _taken[wish] = _taken.GetValueOrDefault(wish) + 1;
            name = $"{wish}{separator}{_taken[wish]}";
        }
        while (!_taken.TryAdd(name, 1));

        return name;
    }
}
