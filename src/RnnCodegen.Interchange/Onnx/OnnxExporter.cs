using RnnCodegen.Interchange.Onnx.Format;

namespace RnnCodegen.Interchange.Onnx;

/// <summary>
/// Writes models as ONNX files for inference. Steps and samples are as many as a call gives; weights are float32. Reading such a file back
/// gives the same layers and weights, but for dropout, which is left out, and projections, which ONNX spells as two layers.
/// </summary>
public static class OnnxExporter
{
    /// <summary>The operator set that is written: the first with LayerNormalization, which every runtime of recent years knows.</summary>
    public const int Opset = 17;

    internal const string Producer = "RnnCodegen";

    // The file format's version that goes with the operator set.
    private const int IrVersion = 8;

    /// <summary>Writes a file; an existing one is replaced whole or not at all.</summary>
    /// <param name="model">The model, with all its weights.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">Choices that the model leaves open.</param>
    /// <returns>What the file does not say as the model does, a sentence each.</returns>
    /// <exception cref="NotSupportedException">ONNX has no counterpart for an option of a layer, or states are asked for that a layer
    /// cannot take; the message names both.</exception>
    /// <exception cref="ArgumentException">A weight is missing or of another shape, or a layer reads one that is not before it.</exception>
    /// <exception cref="IOException">It cannot be written; an existing file is as it was.</exception>
    public static IReadOnlyList<string> Write(ModelDescription model, string path, OnnxExportOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var bytes = ToBytes(model, out var notes, options);
        AtomicFile.Write(path, stream => stream.Write(bytes));
        return notes;
    }

    /// <summary>The bytes of such a file.</summary>
    /// <inheritdoc cref="Write"/>
    public static byte[] ToBytes(ModelDescription model, out IReadOnlyList<string> notes, OnnxExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        var export = new ModelExport(model, options ?? new OnnxExportOptions());
        var graph = export.Run();
        notes = export.Notes;
        return new ModelProto { IrVersion = IrVersion, Producer = Producer, Opsets = { [""] = Opset } }.Write(graph);
    }
}

/// <summary>How an ONNX file is to be.</summary>
public sealed class OnnxExportOptions
{
    /// <summary>Whether the input and output are [samples, steps, features]; [steps, samples, features] where false.</summary>
    public bool IsBatchFirst { get; init; }

    /// <summary>
    /// Whether each state is an input and an output, so that a sequence can be given step by step: <c>LAYER.h_l0</c> [1, B, H] and
    /// <c>LAYER.h_l0.next</c>, and <c>c</c> for an LSTM's cell. Where null, it is so for models that stream: whose layers look at no later
    /// step, have no rows to remember but states, and do not learn the first.
    /// </summary>
    public bool? States { get; init; }

    /// <summary>The input's name.</summary>
    public string Input { get; init; } = "input";

    /// <summary>The output's name.</summary>
    public string Output { get; init; } = "output";
}
