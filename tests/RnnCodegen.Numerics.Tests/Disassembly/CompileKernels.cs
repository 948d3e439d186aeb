using System.Reflection;
using System.Runtime.CompilerServices;

namespace RnnCodegen.Numerics.Tests.Disassembly;

/// <summary>
/// This assembly's entry point, for <see cref="KernelListing"/>: compiles generated code while the JIT writes its listing.
/// </summary>
internal static class CompileKernels
{
    private static int Main(string[] args)
    {
        if (args is not [var body])
        {
            Console.Error.WriteLine(
                "These are tests: run them with dotnet test. With the name of a body, e.g. Vector512Kernels, its methods are compiled.");
            return 2;
        }

        var bodies = typeof(CompileKernels).Assembly.GetTypes().Where(t => t.DeclaringType is not null && t.Name == body);
        const BindingFlags All = BindingFlags.DeclaredOnly | BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public
            | BindingFlags.NonPublic;
        foreach (var method in bodies.SelectMany(t => t.GetMethods(All)).DistinctBy(Il))
        {
            RuntimeHelpers.PrepareMethod(method.MethodHandle);
        }

        return 0;
    }

    /// <summary>Equal for methods that become equal machine code: models share the shapes of their kernels.</summary>
    private static string Il(MethodInfo method) => Convert.ToBase64String(method.GetMethodBody()?.GetILAsByteArray() ?? []);
}
