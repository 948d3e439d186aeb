using System.Text;

namespace RnnCodegen.Tests.Weights;

/// <summary>Writes safetensors files byte by byte, right or wrong.</summary>
internal static class Files
{
    public static void Write(string path, string header, ReadOnlySpan<byte> data, ulong? headerLength = null) =>
        Write(path, Encoding.UTF8.GetBytes(header), data, headerLength);

    public static void Write(string path, byte[] header, ReadOnlySpan<byte> data, ulong? headerLength = null) =>
        File.WriteAllBytes(path, [.. BitConverter.GetBytes(headerLength ?? (ulong)header.Length), .. header, .. data]);
}
