namespace RnnCodegen.Interchange.TensorFlow.Lite;

/// <summary>Reads TensorFlow Lite files (<c>.tflite</c>): LSTM and RNN operators over sequences, and the layers around them.</summary>
public static class LiteImporter
{
    /// <summary>What the format is called.</summary>
    internal const string Format = "TensorFlow Lite";

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="output">The value to take as the model's output, by its name; the graph's own where null.</param>
    /// <exception cref="InvalidDataException">It is not such a file, is quantised, or has an operator that no layer does; the message names
    /// it and the cure.</exception>
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
        try
        {
            return new LiteTranslation(name, LiteModel.Read(bytes)).Run(output);
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            // Places in the file are looked up where they are needed.
            throw new InvalidDataException($"'{name}': the file is truncated or not a TensorFlow Lite model: {e.Message}", e);
        }
    }
}
