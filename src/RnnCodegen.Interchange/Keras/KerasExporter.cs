namespace RnnCodegen.Interchange;

/// <summary>Writes models as Keras 3 reads them.</summary>
public static class KerasExporter
{
    /// <summary>The version of Keras whose format is written.</summary>
    public const string Version = "3.5.0";

    private const int Alignment = 64;

    /// <summary>
    /// Writes a <c>.keras</c> archive with a Functional model, whose <c>keras.saving.load_model</c> gives the same outputs, batch-major.
    /// The two biases of LSTM and Elman layers, and of GRUs that reset before the product, become their sum.
    /// </summary>
    /// <param name="path">The file; an existing one is replaced whole or not at all.</param>
    /// <param name="model">The model.</param>
    /// <exception cref="NotSupportedException">Keras cannot say a layer or an option; the message names it.</exception>
    /// <exception cref="ArgumentException">A parameter is missing or has another shape.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Export(string path, ModelDescription model)
    {
        var bytes = ToBytes(model);
        AtomicFile.Write(path, stream => stream.Write(bytes));
    }

    /// <summary>The archive in memory.</summary>
    /// <param name="model">The model.</param>
    /// <exception cref="NotSupportedException">As above.</exception>
    /// <exception cref="ArgumentException">As above.</exception>
    public static byte[] ToBytes(ModelDescription model)
    {
        var nodes = new KerasExport(model).Run();
        using var archive = new MemoryStream();
        var zip = new StoredZipWriter(archive, Alignment);
        zip.Add("metadata.json", KerasModelText.Metadata());
        zip.Add("config.json", KerasModelText.Config(nodes));
        zip.Add("model.weights.h5", KerasWeightWriter.Write(nodes));
        zip.Finish();
        return archive.ToArray();
    }
}
