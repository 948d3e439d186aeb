using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using RnnCodegen.Generators.Planning;

namespace RnnCodegen.Generators.Tests.Robustness;

/// <summary>
/// Writes a project of models that are right, under random names, in random surroundings and under random options; where it has a fault,
/// that is one of one model. Equal seeds write equal projects.
/// </summary>
internal sealed class RandomProject
{
    private static readonly string[] s_usings =
    [
        "System.Reflection", "System.Numerics", "System.Runtime.Intrinsics", "System.IO", "System.Linq", "System.Runtime.CompilerServices",
        "RnnCodegen", "RnnCodegen.Runtime", "static System.Math", "static System.Runtime.Intrinsics.Vector512",
        "static RnnCodegen.Runtime.RowOps", "static RnnCodegen.Runtime.VectorMath", "Vector512 = System.String", "RowOps = System.Int32",
        "Tape = System.Object", "Math = System.Int32", "ModelState = System.Char", "Generated = RnnCodegen.Tape",
        "Pair = (int, string)", "unsafe Pointer = int*", "Numbers = int[]", "Core = System.Runtime.Intrinsics", "GruLayer = System.Int64",
    ];

    private static readonly string[] s_types =
        [.. RuntimeTypes.Names.Where(n => n != "nint"), "Kernels", "Generated", "Runtime", "Span", "ReadOnlySpan", "Activation", "Tape",
            "ModelState", "ModelCore", "ParameterSet", "IRnnModel", "GruLayer", "Memory", "Definition", "IntPtr", "System", "RnnCodegen"];

    private readonly Dice _dice;
    private readonly RandomFault? _fault;

    public RandomProject(int seed)
    {
        _dice = new Dice(seed);
        var runtime = _dice.OneIn(4) ? "OfRnn::" : "global::RnnCodegen.";
        Models = [.. Enumerable.Range(0, _dice.Pick(1, 1, 1, 2, 3)).Select(k => new RandomClass(_dice, runtime, k))];
        if (_dice.OneIn(3))
        {
            do
            {
                _fault = _dice.Pick(RandomFault.All);
            }
            while (!_fault.Make(Models[0], _dice));
        }

        Others = Surroundings();
        var bodies = _dice.Pick("", "Vector512", "Vector256", "Vector128;Scalar", "Scalar");
        Properties = bodies.Length > 0 ? new BuildProperties(("_RnnTargets", bodies)) : new BuildProperties();
    }

    public IReadOnlyList<RandomClass> Models { get; }

    /// <summary>What is wrong with the first model; null where all is right.</summary>
    public RandomFault? Fault => _fault;

    /// <summary>The bodies that it asks for.</summary>
    public BuildProperties Properties { get; }

    /// <summary>What else the project has.</summary>
    private string Others { get; }

    public IEnumerable<(string Name, string Text)> Files => Models.SelectMany(m => m.Files()).Append(("Others.cs", Others));

    /// <summary>The project as the compiler gets it.</summary>
    public CSharpCompilation Compilation()
    {
        var parse = new CSharpParseOptions(
            _dice.Pick(LanguageVersion.CSharp13, LanguageVersion.Latest, LanguageVersion.LatestMajor, LanguageVersion.Preview,
                LanguageVersion.Default),
            _dice.Pick(DocumentationMode.Diagnose, DocumentationMode.Parse, DocumentationMode.None));
        parse = _dice.OneIn(2) ? parse.WithFeatures([KeyValuePair.Create("strict", "true")]) : parse;
        var options = new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, checkOverflow: _dice.OneIn(2),
            optimizationLevel: _dice.Pick(OptimizationLevel.Debug, OptimizationLevel.Release),
            nullableContextOptions: _dice.Pick(NullableContextOptions.Disable, NullableContextOptions.Enable,
                NullableContextOptions.Warnings, NullableContextOptions.Annotations),
            platform: _dice.Pick(Platform.AnyCpu, Platform.X64),
            generalDiagnosticOption: _dice.Pick(ReportDiagnostic.Default, ReportDiagnostic.Error), warningLevel: 9999);
        return CSharpCompilation.Create("Random",
            Files.Where(f => f.Text.Length > 0).Select(f => CSharpSyntaxTree.ParseText(f.Text, parse, f.Name)), Generation.References,
            options);
    }

    private string Surroundings()
    {
        var usings = string.Concat(_dice.Some(3, s_usings).Select(u => $"global using {u};\n")) +
            "global using OfRnn = global::RnnCodegen;\n";
        var assembly = _dice.Rarely(6, "[assembly: global::System.Runtime.CompilerServices.DisableRuntimeMarshalling]\n");
        var spaces = Models.Where(m => m.Space.Length > 0 && _dice.OneIn(2))
            .Select(m => Types(m.Space, [.. m.Around.Select(a => a.Name).Append(m.Name)]));
        return usings + assembly + string.Concat(spaces)
            + (_dice.OneIn(4) ? Types("", [.. Models.Select(m => m.Space.Split('.')[0]), "System", "RnnCodegen"]) : "");
    }

    /// <summary>Types under names that generated code has, in a namespace that has others.</summary>
    private string Types(string space, IReadOnlyCollection<string> taken)
    {
        var free = s_types.Concat(taken.Contains("A") ? [] : ["A"]).Except(taken.Select(RandomNames.Plain));
        var types = string.Concat(
            _dice.Some(6, free).Select(
                n => _dice.Pick($"internal sealed class {n} {{ }}\n", $"internal struct {n} {{ }}\n",
                    $"internal static class {n} {{ internal static int Sigmoid(int x) => x; }}\n", $"internal enum {n} {{ A }}\n")));
        return space.Length == 0 ? types : $"namespace {space}\n{{\n{types}}}\n";
    }
}
