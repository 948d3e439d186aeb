using System.Globalization;
using System.Reflection;

namespace RnnCodegen.Cuda;

/// <summary>What a build has made of a model's device code: resources of its assembly, named as <see cref="CudaTextHash"/> says.</summary>
internal static class EmbeddedImages
{
    /// <summary>Those that fit a device, the best first: machine code of the nearest architecture, then the newest PTX.</summary>
    /// <param name="assembly">The model's assembly.</param>
    /// <param name="text">The device code.</param>
    /// <param name="architecture">The device's, e.g. 90.</param>
    public static IEnumerable<CudaImage> Find(Assembly assembly, string text, int architecture)
    {
        var prefix = CudaTextHash.Prefix(text);
        var all = assembly.GetManifestResourceNames().Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).ToArray();
        var machine = Of(".cubin", "sm_").Where(found => found.Of / 10 == architecture / 10);
        return machine.Concat(Of(".ptx", "compute_"))
            .Select(found => new CudaImage(Read(assembly, found.Name), $"the resource {found.Name}"));

        // Machine code runs on later devices of its major version, PTX on all later ones.
        IEnumerable<(string Name, int Of)> Of(string end, string start) => all
            .Where(name => name.EndsWith(end, StringComparison.Ordinal))
            .Select(name => (Name: name, Of: Architecture(name[prefix.Length..^end.Length], start)))
            .Where(found => found.Of > 0 && found.Of <= architecture)
            .OrderByDescending(found => found.Of);
    }

    private static int Architecture(string text, string start) => text.StartsWith(start, StringComparison.Ordinal)
        && int.TryParse(text.AsSpan(start.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var architecture)
        ? architecture
        : 0;

    private static byte[] Read(Assembly assembly, string name)
    {
        using var stream = assembly.GetManifestResourceStream(name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
