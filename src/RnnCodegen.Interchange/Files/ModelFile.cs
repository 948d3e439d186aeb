using RnnCodegen.Interchange.Onnx;

namespace RnnCodegen.Interchange;

/// <summary>A model or weight file that another program wrote, of whatever format.</summary>
public sealed class ModelFile
{
    internal ModelFile(string path, string format) => (Path, Format) = (path, format);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The file's format, e.g. ONNX.</summary>
    public string Format { get; }

    /// <summary>The file's metadata, e.g. the program that wrote it.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; internal init; } = new Dictionary<string, string>();

    /// <summary>The model; null where the file holds weights of which no model can be told, or a graph that is refused.</summary>
    public ModelDescription? Model { get; internal init; }

    /// <summary>Why there is no model, with the cure; null where there is one.</summary>
    public string? Reason { get; internal init; }

    /// <summary>Whether the file is a program, which would be a model if nothing in it were refused.</summary>
    internal bool IsRefused { get; init; }

    /// <summary>The tensors that a model was made of; null where <see cref="Tensors"/> has all, or the format tells them.</summary>
    internal Func<IReadOnlyList<FileTensor>>? AllTensors { get; init; }

    /// <summary>The tensors as the file has them, where it is a file of weights, or a graph that is refused.</summary>
    public IReadOnlyList<FileTensor> Tensors { get; internal init; } = [];

    /// <summary>The names of the formats that can be opened.</summary>
    public static IReadOnlyList<string> Formats { get; } = [.. FileFormat.All.Where(f => f.Open is not null).Select(f => f.Name)];

    /// <summary>The name of a file's format: its content says it, and its name only where the content does not.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">It is of no known format.</exception>
    /// <exception cref="NotSupportedException">It is of a format that is not read; the message says the cure.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static string FormatOf(string path) => Find(path).Name;

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="part">
    /// What of the file to make a model of: the name of an output of a graph, or the prefix of a state dict's names; where null, the only
    /// output, or all.
    /// </param>
    /// <param name="order">The modules of a state dict in the order of
    /// computation, where the file does not tell it; null where it does.</param>
    /// <param name="graph">What is chosen of a graph: sizes, values of inputs, a stretch of it; null where nothing is.</param>
    /// <param name="architecture">The file of a Keras model's JSON (<c>to_json</c>), for a file of its weights alone; else null.</param>
    /// <exception cref="InvalidDataException">
    /// The file is of no known format, is damaged, or says something that no annotated class can; the message names the file, the place in
    /// it and the cause.
    /// </exception>
    /// <exception cref="NotSupportedException">It is of a format that is not read; the message says the cure.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static ModelFile Open(
        string path, string? part = null, IReadOnlyList<string>? order = null, OnnxImportOptions? graph = null, string? architecture = null)
    {
        var format = Find(path);
        if (graph is not null && format.Name != "ONNX")
        {
            throw new InvalidDataException(
                $"'{path}': sizes, values of inputs and stretches are said of ONNX graphs; this is a file of the format {format.Name}.");
        }

        return architecture is null || format.Name.StartsWith("Keras", StringComparison.Ordinal)
            ? format.Open!(path, format.Name, new FilePart(part, order, graph, architecture))
            : throw new InvalidDataException($"'{path}': a file of the format {format.Name} says its layers itself; an architecture goes " +
                "with Keras' weights.");
    }

    private static FileFormat Find(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var head = FileHead.Read(path);
        if (FileFormat.All.FirstOrDefault(f => f.Matches(head)) is not { } format)
        {
            throw new InvalidDataException($"'{path}': this is no format that can be read; known are {string.Join(", ", Formats)}.");
        }

        return format.Open is null ? throw new NotSupportedException($"'{path}': {format.Name} is not read. {format.Cure}") : format;
    }
}
