using Microsoft.CodeAnalysis.Diagnostics;
using RnnCodegen.Generators.Diagnostics;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Parsing;

/// <summary>What a project says about Native AOT. The package's build files let the compiler see these properties.</summary>
internal sealed record AotSettings(bool IsPublished, string RuntimeIdentifier, string InstructionSet)
{
    // Names the AOT compiler knows whose machines have AVX2.
    private static readonly string[] s_withAvx2 = ["native", "avx2", "avx512", "avx10", "x86-64-v3", "x86-64-v4", "haswell", "skylake"];

    // What -x64 is of telephones and their like runs in emulators, for which the package sets nothing and nobody waits.
    private static readonly string[] s_emulators = ["android", "linux-bionic", "iossimulator", "tvossimulator"];

    public static AotSettings Read(AnalyzerConfigOptions options) => new(
        string.Equals(Property(options, "PublishAot"), "true", StringComparison.OrdinalIgnoreCase),
        Property(options, "RuntimeIdentifier"),
        Property(options, "IlcInstructionSet"));

    /// <summary>The finding that the program would run without AVX2; null where it would not.</summary>
    public DiagnosticInfo? Check() => IsPublished && LacksAvx2
        ? new DiagnosticInfo(ClassRules.AotWithoutAvx2, null, new[] { Chosen }.ToEquatableArray())
        : null;

    private string Chosen => InstructionSet.Length == 0 ? "(not set: x86-64-v2)" : InstructionSet;

    private bool LacksAvx2 => RuntimeIdentifier.Length == 0
        // The package sets an instruction set on x64 machines, so one that is not set tells of another architecture.
        ? InstructionSet.Length > 0 && InstructionSet.Contains("x86") && !HasAvx2
        : RuntimeIdentifier.EndsWith("-x64", StringComparison.OrdinalIgnoreCase) && !HasAvx2
            && !s_emulators.Any(e => RuntimeIdentifier.StartsWith(e, StringComparison.OrdinalIgnoreCase));

    private bool HasAvx2 => InstructionSet.Split(',', ';').Select(s => s.Trim())
        .Any(s => s_withAvx2.Any(k => s.StartsWith(k, StringComparison.OrdinalIgnoreCase)));

    private static string Property(AnalyzerConfigOptions options, string name) =>
        options.TryGetValue("build_property." + name, out var value) ? value.Trim() : "";
}
