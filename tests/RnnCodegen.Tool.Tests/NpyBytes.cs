using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace RnnCodegen.Tool.Tests;

/// <summary>Writes arrays as NumPy does.</summary>
internal static class NpyBytes
{
    /// <summary>Writes an archive of arrays, as <c>numpy.savez</c> does, and returns its path.</summary>
    public static string WriteNpz(string path, params (string Name, string Type, int[] Shape, byte[] Values)[] arrays)
    {
        using var stream = File.Create(path);
        using var zip = new ZipArchive(stream, ZipArchiveMode.Create);
        foreach (var array in arrays)
        {
            using var entry = zip.CreateEntry(array.Name + ".npy", CompressionLevel.NoCompression).Open();
            entry.Write(Of(array.Type, array.Shape, array.Values));
        }

        return path;
    }

    private static byte[] Of(string type, int[] shape, byte[] values)
    {
        var header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({string.Join(", ", shape)},), }}\n";
        var bytes = new byte[10 + header.Length + values.Length];
        bytes[0] = 0x93;
        Encoding.ASCII.GetBytes("NUMPY").CopyTo(bytes, 1);
        (bytes[6], bytes[7]) = (1, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), (ushort)header.Length);
        Encoding.ASCII.GetBytes(header).CopyTo(bytes, 10);
        values.CopyTo(bytes, 10 + header.Length);
        return bytes;
    }
}
