using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace RnnCodegen.Benchmarks;

/// <summary>Bytes of the methods of a class.</summary>
/// <param name="Total">All of them.</param>
/// <param name="Largest">The largest.</param>
/// <param name="LargestName">That method.</param>
internal sealed record MethodSizes(int Total, int Largest, string LargestName)
{
    /// <summary>The sizes of some methods.</summary>
    public static MethodSizes Of(IReadOnlyCollection<(string Name, int Bytes)> methods)
    {
        var (name, bytes) = methods.MaxBy(m => m.Bytes);
        return new MethodSizes(methods.Sum(m => m.Bytes), bytes, name);
    }
}

/// <summary>A model's code, or that which models share.</summary>
/// <param name="Name">The class.</param>
/// <param name="Il">The IL of all its methods.</param>
/// <param name="Bodies">Bytes of IL of the body for each width: 512, 256 and 128 bits, and scalar.</param>
/// <param name="Native">The machine code of the body for the width in use.</param>
internal sealed record CodeSize(string Name, MethodSizes Il, IReadOnlyList<int> Bodies, MethodSizes Native);

/// <summary>Reads the size of generated code: IL from the built assembly, machine code from the JIT.</summary>
internal static class CodeSizes
{
    private static readonly string[] Bodies = ["Vector512Kernels", "Vector256Kernels", "Vector128Kernels", "ScalarKernels"];

    /// <summary>
    /// The models of an assembly: of each, the class of its code, which holds a body for each width; then the methods that they share. Call
    /// it before any model has run: the JIT tells of a method once.
    /// </summary>
    public static IReadOnlyList<CodeSize> Measure(Assembly assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly.Location));
        using var jit = new JitListener();
        var metadata = file.GetMetadataReader();
        var sizes = new List<CodeSize>();
        foreach (var type in metadata.TypeDefinitions.Select(metadata.GetTypeDefinition))
        {
            var nested = type.GetNestedTypes().Select(metadata.GetTypeDefinition).ToList();
            if (!nested.Any(n => Bodies.Contains(metadata.GetString(n.Name))))
            {
                continue;
            }

            var methods = nested.Append(type).SelectMany(Methods).ToList();
            var code = metadata.GetString(type.Name);

            // The class of the code of Ns.Model is Ns_ModelCode.
            var name = code[(code.LastIndexOf('_') + 1)..^"Code".Length];
            var body = assembly.GetType($"{metadata.GetString(type.Namespace)}.{code}+Vector{Roofline.VectorBits}Kernels",
                throwOnError: true)!;
            sizes.Add(new CodeSize(
                name,
                MethodSizes.Of([.. methods.Select(m => ($"{m.Type}.{m.Name}", m.Bytes))]),
                [.. Bodies.Select(b => methods.Where(m => m.Type == b).Sum(m => m.Bytes))],
                jit.Measure(body)));
        }

        var shared = metadata.TypeDefinitions.Select(metadata.GetTypeDefinition)
            .Where(t => Bodies.Any(b => metadata.GetString(t.Name).StartsWith($"{b}_", StringComparison.Ordinal)))
            .SelectMany(Methods).ToList();
        var kernels = assembly.GetTypes().Single(t => t.Name.StartsWith($"Vector{Roofline.VectorBits}Kernels_", StringComparison.Ordinal));
        sizes.Add(new CodeSize(
            "shared by all",
            MethodSizes.Of([.. shared.Select(m => ($"{m.Type}.{m.Name}", m.Bytes))]),
            [.. Bodies.Select(b => shared.Where(m => m.Type.StartsWith($"{b}_", StringComparison.Ordinal)).Sum(m => m.Bytes))],
            jit.Measure(kernels)));
        return sizes;

        IEnumerable<(string Type, string Name, int Bytes)> Methods(TypeDefinition type) =>
            from method in type.GetMethods().Select(metadata.GetMethodDefinition)
            let address = method.RelativeVirtualAddress
            where address != 0
            select (metadata.GetString(type.Name), metadata.GetString(method.Name), file.GetMethodBody(address).GetILReader().Length);
    }
}
