using RnnCodegen;

namespace Translation;

/// <summary>Sizes that the models share.</summary>
static class Sizes
{
    /// <summary>English words.</summary>
    public const int English = 1000;

    /// <summary>French words.</summary>
    public const int French = 2400;

    /// <summary>The token that French begins with; it is only read.</summary>
    public const int Start = French;

    /// <summary>Features of a word.</summary>
    public const int Word = 64;

    /// <summary>Units of a recurrent layer.</summary>
    public const int Units = 128;
}

/// <summary>Reads English.</summary>
[RnnModel]
public partial class Reader
{
    /// <summary>A row for each word.</summary>
    [Embedding(Sizes.English, Sizes.Word)] public partial EmbeddingLayer Words { get; }

    /// <summary>Hides some of it.</summary>
    [Dropout(0.3f)] public partial DropoutLayer Thinning { get; }

    /// <summary>What has been read so far; its last state begins the French sentence.</summary>
    [Gru(Sizes.Units)] public partial GruLayer Cell { get; }
}

/// <summary>Says French, from what the reader's last state holds.</summary>
[RnnModel]
public partial class Speaker
{
    /// <summary>A row for each word, and for the start.</summary>
    [Embedding(Sizes.French + 1, Sizes.Word)] public partial EmbeddingLayer Words { get; }

    /// <summary>Hides some of it.</summary>
    [Dropout(0.3f)] public partial DropoutLayer Thinning { get; }

    /// <summary>What is yet to be said.</summary>
    [Gru(Sizes.Units)] public partial GruLayer Cell { get; }

    /// <summary>Hides some of it.</summary>
    [Dropout(0.3f)] public partial DropoutLayer Doubt { get; }

    /// <summary>Scores of the next word.</summary>
    [Dense(Sizes.French)] public partial DenseLayer Head { get; }
}

/// <summary>Says French, and looks back at each word that the reader has read.</summary>
[RnnModel(MemorySize = Sizes.Units)]
public partial class AttendingSpeaker
{
    /// <summary>A row for each word, and for the start.</summary>
    [Embedding(Sizes.French + 1, Sizes.Word)] public partial EmbeddingLayer Words { get; }

    /// <summary>Hides some of it.</summary>
    [Dropout(0.3f)] public partial DropoutLayer Thinning { get; }

    /// <summary>What is yet to be said.</summary>
    [Gru(Sizes.Units)] public partial GruLayer Cell { get; }

    /// <summary>The English words that matter now.</summary>
    [Attention(Score = AttentionScore.General)] public partial AttentionLayer Context { get; }

    /// <summary>Both.</summary>
    [Concat(nameof(Cell), nameof(Context))] public partial ConcatLayer Both { get; }

    /// <summary>Hides some of it.</summary>
    [Dropout(0.3f)] public partial DropoutLayer Doubt { get; }

    /// <summary>Scores of the next word.</summary>
    [Dense(Sizes.French)] public partial DenseLayer Head { get; }
}
