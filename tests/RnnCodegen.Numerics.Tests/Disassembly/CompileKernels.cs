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

        var kernels = typeof(CompileKernels).Assembly.GetTypes().Single(t => t.Name.StartsWith($"{body}_", StringComparison.Ordinal));
        const BindingFlags All = BindingFlags.DeclaredOnly | BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public
            | BindingFlags.NonPublic;
        foreach (var method in kernels.GetMethods(All))
        {
            RuntimeHelpers.PrepareMethod(method.MethodHandle);
        }

        return 0;
    }
}
