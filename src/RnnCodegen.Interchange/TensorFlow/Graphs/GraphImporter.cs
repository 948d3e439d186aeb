namespace RnnCodegen.Interchange.TensorFlow.Graphs;

/// <summary>
/// Reads frozen TensorFlow graphs (<c>.pb</c>): LSTM, GRU and simple layers that are spelled out in a while loop, and the layers around
/// them.
/// </summary>
public static class GraphImporter
{
    /// <summary>What the format is called.</summary>
    internal const string Format = "TensorFlow graph";

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="output">The node whose value is the model's output; the one that no other reads where null.</param>
    /// <exception cref="InvalidDataException">It is not such a file, or has an operator or a loop that no layer does; the message names it
    /// and the cure.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static ModelDescription Import(string path, string? output = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Import(path, FileReader.ReadAll(path), output);
    }

    /// <summary>Reads a file in memory.</summary>
    /// <param name="name">Its name in messages.</param>
    /// <param name="bytes">The file.</param>
    /// <param name="output">As above.</param>
    /// <exception cref="InvalidDataException">As above.</exception>
    public static ModelDescription Import(string name, byte[] bytes, string? output = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(bytes);
        return new GraphTranslation(name, GraphNode.ReadAll(name, bytes)).Run(output);
    }
}
