using System.Buffers.Binary;

namespace RnnCodegen.Signal.Tests;

/// <summary>Reads WAV files of one channel of 16 bits.</summary>
internal static class Wav
{
    public static float[] Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        for (var at = 12; ;)
        {
            var name = System.Text.Encoding.ASCII.GetString(bytes, at, 4);
            var length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at + 4));
            at += 8;
            if (name == "data")
            {
                return [.. Enumerable.Range(0, Math.Min(length, bytes.Length - at) / 2)
                    .Select(i => BinaryPrimitives.ReadInt16LittleEndian(bytes.AsSpan(at + (2 * i))) / 32768f)];
            }

            at += length + (length % 2);
        }
    }
}
