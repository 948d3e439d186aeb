using System.Text;

namespace RnnCodegen.Interchange;

/// <summary>Turns other frameworks' layer names into names of a class's properties: C# identifiers that differ from each other and from generated members.</summary>
internal sealed class PropertyNames
{
    /// <summary>What generated code declares in a model class or calls by its simple name, and the members of every class.</summary>
    private static readonly HashSet<string> Reserved = new(StringComparer.Ordinal)
    {
        "InputSize", "Vocabulary", "OutputSize", "ParameterCount", "FlopsPerStep", "Parameters", "MaxThreads", "CreateState",
        "CreateStream", "CreateTape", "CreateGradients", "TapeBytes", "Step", "Run", "Forward", "Backward", "Load", "Save", "Core",
        "CreateRnnKernels", "Vector512Kernels", "Vector256Kernels", "Vector128Kernels", "ScalarKernels", "LoadEmbedded", "MemorySize",
        "ActivationLayer", "AddLayer", "AffineLayer", "AttentionLayer", "AttentionPoolLayer", "AttentionScore", "BFloat16Packer",
        "BitConverter", "ConcatLayer", "Conv1dLayer", "DenseLayer", "DropoutLayer", "DropoutMask", "ElmanLayer", "EmbeddingLayer",
        "GateLayout", "GlobalPoolLayer", "GruLayer", "IRnnModel", "Initialization", "Int8Packer", "Int8Product", "LayerNorm",
        "LayerNormLayer", "LstmLayer", "Math", "MemoryAttention", "MemoryKeys", "MethodImplAttribute", "MethodImplOptions", "ModelCall",
        "ModelCore", "ModelDefinition", "ModelKernels", "ModelState", "ModelStream", "MultiplyLayer", "OutputTransform", "PReluLayer",
        "PanelPacker", "ParameterInfo", "ParameterInitializer", "ParameterRole", "ParameterSet", "Pool1dLayer", "ReadOnlySpan",
        "ReverseTimeLayer", "RowOps", "SafeTensors", "SequencePool", "SequencePooling", "SimdWidth", "SkipLocalsInitAttribute", "Span",
        "StateSlot", "Tape", "TimeWindow", "TimeWindows", "Vector128", "Vector256", "Vector512", "VectorMath", "WindowPool", "Equals",
        "Finalize", "GetHashCode", "GetType", "MemberwiseClone", "ReferenceEquals", "ToString",
    };

    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    /// <summary>Takes a name as it is; false where it is no identifier, or not free.</summary>
    /// <param name="name">The name.</param>
    public bool TryTake(string name) => ClassNames.IsIdentifier(name) && !Reserved.Contains(name) && _taken.Add(name);

    /// <summary>A new name: words joined with capitals, so <c>encoder.lstm_1</c> becomes <c>EncoderLstm1</c>.</summary>
    /// <param name="text">The other framework's name.</param>
    /// <param name="kind">What is put before a name that starts with a digit or is empty, and behind one that is reserved, e.g. <c>Dense</c>.</param>
    public string Add(string text, string kind)
    {
        var name = new StringBuilder();
        var isStart = true;
        foreach (var c in text)
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                name.Append(isStart ? char.ToUpperInvariant(c) : c);
            }

            isStart = !char.IsAsciiLetterOrDigit(c);
        }

        if (name.Length == 0 || char.IsAsciiDigit(name[0]))
        {
            name.Insert(0, kind);
        }

        if (Reserved.Contains(name.ToString()))
        {
            name.Append(kind);
        }

        var stem = name.ToString();
        var unique = stem;
        for (var i = 2; Reserved.Contains(unique) || !_taken.Add(unique); i++)
        {
            unique = $"{stem}_{i}";
        }

        return unique;
    }
}
