using RnnCodegen;

namespace Sentiment;

/// <summary>Reads a sentence in both directions, and says how probable it is that it praises.</summary>
[RnnModel(Output = OutputTransform.Sigmoid)]
public partial class GruReader
{
    /// <summary>A row for each word.</summary>
    [Embedding(WordList.Size, 32)] public partial EmbeddingLayer Words { get; }

    /// <summary>Hides half of what the rows say.</summary>
    [Dropout(0.5f)] public partial DropoutLayer Thinning { get; }

    /// <summary>What each word means beside the ones around it.</summary>
    [Gru(32, Bidirectional = true)] public partial GruLayer Context { get; }

    /// <summary>The strongest that any word says.</summary>
    [GlobalPool(Pooling.Max)] public partial GlobalPoolLayer Strongest { get; }

    /// <summary>Hides half of it.</summary>
    [Dropout(0.5f)] public partial DropoutLayer Doubt { get; }

    /// <summary>The verdict.</summary>
    [Dense(1)] public partial DenseLayer Verdict { get; }
}

/// <summary>Logistic regression: a weight for each word that occurs, whatever its place.</summary>
[RnnModel(InputSize = WordList.Size, Output = OutputTransform.Sigmoid)]
public partial class BagOfWords
{
    /// <summary>The weights.</summary>
    [Dense(1)] public partial DenseLayer Verdict { get; }
}
