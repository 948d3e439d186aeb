using System.ComponentModel;

namespace RnnCodegen;

/// <summary>A model's view of its embedding.</summary>
public sealed class EmbeddingLayer
{
    /// <summary>For generated code.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public EmbeddingLayer(ParameterSet parameters, string name, int vocabulary, int size)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        (Name, Vocabulary, Size) = (name, vocabulary, size);
        Table = parameters[$"{name}.weight"];
    }

    /// <summary>The property's name.</summary>
    public string Name { get; }

    /// <summary>Number of tokens V.</summary>
    public int Vocabulary { get; }

    /// <summary>Features E of a token.</summary>
    public int Size { get; }

    /// <summary>One row per token, [V, E].</summary>
    public Parameter Table { get; }
}
