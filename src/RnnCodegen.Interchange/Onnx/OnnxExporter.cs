namespace RnnCodegen.Interchange.Onnx;

/// <summary>x</summary>
public static class OnnxExporter
{
    internal const string Producer = "RnnCodegen";
}
