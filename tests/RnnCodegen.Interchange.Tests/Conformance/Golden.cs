using System.Runtime.InteropServices;
using System.Text.Json;
using RnnCodegen.Numerics.Tests.Conformance;

namespace RnnCodegen.Interchange.Tests.Conformance;

/// <summary>Published weights and expected values of a folder of the data.</summary>
internal sealed class Golden
{
    private readonly SafeTensorsFile _file;

    private Golden(SafeTensorsFile file) => _file = file;

    /// <summary>A safetensors file.</summary>
    public static Golden Open(string relativePath) => new(SafeTensorsFile.Read(Path(relativePath)));

    /// <summary>A JSON file.</summary>
    public static JsonElement Json(string relativePath)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path(relativePath)));
        return document.RootElement.Clone();
    }

    /// <summary>A file of raw little-endian floats.</summary>
    public static float[] Raw(string relativePath) => MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Path(relativePath))).ToArray();

    /// <summary>Where a file lies that the test needs.</summary>
    public static string Path(string relativePath) =>
        SharedData.Find(relativePath) ?? throw new FileNotFoundException($"The data file {relativePath} is absent.");

    public float[] this[string name] => _file[name].Floats.ToArray();

    public IReadOnlyList<int> Shape(string name) => _file[name].Shape;

    public int[] Ints(string name) => MemoryMarshal.Cast<byte, int>(_file[name].Bytes).ToArray();

    /// <summary>Signed bytes, each divided by a scale.</summary>
    public float[] Scaled(string name, float scale)
    {
        var bytes = MemoryMarshal.Cast<byte, sbyte>(_file[name].Bytes);
        var values = new float[bytes.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = bytes[i] / scale;
        }

        return values;
    }
}
