using RnnCodegen;

namespace TextGeneration;

/// <summary>Reads a text character by character and says which comes next: a character id in, a score of each character out.</summary>
[RnnModel]
public partial class CharacterModel
{
    /// <summary>A row for each character.</summary>
    [Embedding(Alphabet.Size, 64)]
    public partial EmbeddingLayer Letters { get; }

    /// <summary>What has been read so far.</summary>
    [Lstm(256, Layers = 2, Dropout = 0.2f)]
    public partial LstmLayer Memory { get; }

    /// <summary>Keeps the head from relying on few units.</summary>
    [Dropout(0.2f)]
    public partial DropoutLayer Thinning { get; }

    /// <summary>Scores of the next character.</summary>
    [Dense(Alphabet.Size)]
    public partial DenseLayer Head { get; }
}
