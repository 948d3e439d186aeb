using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace RnnCodegen.Benchmarks;

/// <summary>A model's IL.</summary>
/// <param name="Name">The class.</param>
/// <param name="Total">Bytes of all its methods.</param>
/// <param name="Bodies">Bytes of the body for each width: 512, 256 and 128 bits, and scalar.</param>
/// <param name="Largest">Bytes of the largest method.</param>
/// <param name="LargestName">That method.</param>
internal sealed record IlSize(string Name, int Total, IReadOnlyList<int> Bodies, int Largest, string LargestName);

/// <summary>Reads the size of generated code from a built assembly.</summary>
internal static class IlSizes
{
    private static readonly string[] Bodies = ["Vector512Kernels", "Vector256Kernels", "Vector128Kernels", "ScalarKernels"];

    /// <summary>The models of an assembly: the classes that hold a body for each width.</summary>
    public static IReadOnlyList<IlSize> Measure(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var metadata = file.GetMetadataReader();
        var sizes = new List<IlSize>();
        foreach (var type in metadata.TypeDefinitions.Select(metadata.GetTypeDefinition))
        {
            var nested = type.GetNestedTypes().Select(metadata.GetTypeDefinition).ToList();
            if (!nested.Any(n => Bodies.Contains(metadata.GetString(n.Name))))
            {
                continue;
            }

            var methods = nested.Append(type).SelectMany(Methods).ToList();
            var largest = methods.MaxBy(m => m.Bytes);
            sizes.Add(new IlSize(
                metadata.GetString(type.Name),
                methods.Sum(m => m.Bytes),
                [.. Bodies.Select(body => methods.Where(m => m.Type == body).Sum(m => m.Bytes))],
                largest.Bytes,
                $"{largest.Type}.{largest.Name}"));
        }

        return sizes;

        IEnumerable<(string Type, string Name, int Bytes)> Methods(TypeDefinition type) =>
            from method in type.GetMethods().Select(metadata.GetMethodDefinition)
            let address = method.RelativeVirtualAddress
            where address != 0
            select (metadata.GetString(type.Name), metadata.GetString(method.Name), file.GetMethodBody(address).GetILReader().Length);
    }
}
