using RnnCodegen.Interchange.Onnx.Format;

namespace RnnCodegen.Interchange.Onnx;

/// <summary>
/// Reads ONNX files as models: LSTM, GRU and RNN nodes with all their attributes, and the layers around them. What exporters leave beside
/// the layers (the making of zero states, the moving of axes) dissolves; what has no counterpart is refused, with the node and the reason.
/// </summary>
public static class OnnxImporter
{
    /// <summary>Reads a file. Weights that it keeps in other files have to lie in its own folder.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Choices that the graph leaves open.</param>
    /// <returns>The model, with a <see cref="ModelDescription.Signature"/> that says how the file itself is called.</returns>
    /// <exception cref="InvalidDataException">
    /// It is not a valid ONNX file, or has something that no layer does; the message names the file, the node, the attribute and the cause.
    /// </exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static ModelDescription Read(string path, OnnxImportOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Read(path, FileReader.ReadAll(path), Path.GetDirectoryName(Path.GetFullPath(path)), options);
    }

    /// <summary>Reads a file's bytes. Its weights have to be in them.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="name">Name of the file in messages.</param>
    /// <param name="options">Choices that the graph leaves open.</param>
    /// <returns>The model, with a <see cref="ModelDescription.Signature"/> that says how the file itself is called.</returns>
    /// <exception cref="InvalidDataException">As for a file.</exception>
    public static ModelDescription Read(byte[] bytes, string name, OnnxImportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return Read(name, bytes, folder: null, options);
    }

    /// <summary>Reads a file that holds one tensor, such as ONNX's own tests give for <see cref="OnnxImportOptions.Constants"/>.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">It is not a valid file of a tensor that weights come in.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static NamedTensor ReadTensor(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var proto = TensorProto.Read(path, FileReader.ReadAll(path));
        var tensor = new TensorReader(path, folder: null).Read(proto);
        return new NamedTensor(proto.Name, tensor.Shape, tensor.ToReals());
    }

    private static ModelDescription Read(string file, byte[] bytes, string? folder, OnnxImportOptions? options)
    {
        options ??= new OnnxImportOptions();
        var model = ModelProto.Read(file, bytes);
        if (options.From is not null || options.To is not null)
        {
            // Another copy of the graph is followed to learn what the value is that the stretch begins with.
            GraphCut.Apply(file, model.Graph!, options, name => new GraphImport(file, folder, ModelProto.Read(file, bytes), options)
                .ShapeOf(name));
        }

        if (!StepGraph.MayBe(model.Graph!, options))
        {
            return Built(new GraphImport(file, folder, model, options), g => g.Run());
        }

        // A graph without a layer of its own and with states may be one step of cells that are spelled out.
        try
        {
            return Built(new GraphImport(file, folder, model, options), g => g.RunStep());
        }
        catch (InvalidDataException)
        {
            try
            {
                return Built(new GraphImport(file, folder, model, options), g => g.Run());
            }
            catch (InvalidDataException)
            {
                // Why it is no step says more.
            }

            throw;
        }

        ModelDescription Built(GraphImport graph, Action<GraphImport> run)
        {
            run(graph);
            return new DescriptionBuilder(graph, options).Build().RequireFinite(file);
        }
    }
}
