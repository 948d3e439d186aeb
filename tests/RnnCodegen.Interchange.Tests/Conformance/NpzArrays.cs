using System.IO.Compression;
using System.Runtime.InteropServices;
namespace RnnCodegen.Interchange.Tests.Conformance;
internal static class NpzArrays
{
    public static Dictionary<string, float[]> Read(string path)
    {
        using var zip = ZipFile.OpenRead(path);
        return zip.Entries.ToDictionary(e => e.Name[..^4], e =>
        {
            using var s = e.Open();
            using var m = new MemoryStream();
            s.CopyTo(m);
            var bytes = m.ToArray();
            var header = BitConverter.ToUInt16(bytes, 8);
            return MemoryMarshal.Cast<byte, float>(bytes.AsSpan(10 + header)).ToArray();
        });
    }
}
