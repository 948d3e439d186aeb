using System.ComponentModel;

namespace RnnCodegen;

/// <summary>A model's view of its embedding.</summary>
public sealed class EmbeddingLayer
{
    /// <summary>For generated code.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public EmbeddingLayer(ParameterSet parameters, string name, int vocabulary, int size, int column = -1)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        (Name, Vocabulary, Size, Column) = (name, vocabulary, size, column);
        Table = parameters[$"{name}.weight"];
    }

    /// <summary>The property's name.</summary>
    public string Name { get; }

    /// <summary>Number of ids V.</summary>
    public int Vocabulary { get; }

    /// <summary>Features E of an id's row.</summary>
    public int Size { get; }

    /// <summary>The column of the model's input that holds the ids; -1 where the input is token ids.</summary>
    public int Column { get; }

    /// <summary>One row per id, [V, E].</summary>
    public Parameter Table { get; }
}
