namespace RnnCodegen.Interchange;

/// <summary>How the program in an imported file is called, for whoever runs it beside the model made of it.</summary>
public sealed class ModelSignature
{
    /// <summary>The name of its input of rows or token ids.</summary>
    public required string Input { get; init; }

    /// <summary>The axes of its input, the outermost first; axes of size 1 without a meaning are left out.</summary>
    public required IReadOnlyList<RowAxis> InputAxes { get; init; }

    /// <summary>The name of its output of rows.</summary>
    public required string Output { get; init; }

    /// <summary>
    /// What its output's axes are. <see cref="RowAxis.Direction"/> and <see cref="RowAxis.Feature"/> together are a model's features, the
    /// directions outside.
    /// </summary>
    public required IReadOnlyList<RowAxis> OutputAxes { get; init; }

    /// <summary>The name of its input of sequence lengths; null where it has none.</summary>
    public string? Lengths { get; init; }

    /// <summary>Its inputs that are initial states.</summary>
    public IReadOnlyList<StateInput> States { get; init; } = [];

    /// <summary>Whether the samples' axis of the input is outside the steps'.</summary>
    public bool IsBatchFirst
    {
        get
        {
            var axes = InputAxes.ToList();
            return axes.IndexOf(RowAxis.Batch) is >= 0 and var batch && batch < axes.IndexOf(RowAxis.Time);
        }
    }
}

/// <summary>The meaning of an axis of a file's input or output.</summary>
public enum RowAxis
{
    /// <summary>Steps of a sequence.</summary>
    Time,

    /// <summary>Samples of a batch.</summary>
    Batch,

    /// <summary>Features of a row.</summary>
    Feature,

    /// <summary>The two directions of a bidirectional layer.</summary>
    Direction,
}

/// <summary>An input of a file that is an initial state.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shape">Its sizes; 0 for one that may differ from call to call.</param>
/// <param name="Meaning">Which state it is, in words.</param>
public sealed record StateInput(string Name, IReadOnlyList<int> Shape, string Meaning);
