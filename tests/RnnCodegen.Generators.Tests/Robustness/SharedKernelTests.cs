using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using RnnCodegen.Generators.Emission;
using RnnCodegen.Generators.Planning;

namespace RnnCodegen.Generators.Tests.Robustness;

/// <summary>Methods that models share: written once for a project, under names that depend on no other model.</summary>
public class SharedKernelTests
{
    private const string First = """
        [RnnModel(InputSize = 28)] public partial class First {
            [Gru(24)] public partial GruLayer A { get; } [Dense(5)] public partial DenseLayer B { get; } }

        """;

    private const string Second = """
        [RnnModel(InputSize = 28)] public partial class Second {
            [Gru(24, Layers = 2)] public partial GruLayer Other { get; } [Dense(5)] public partial DenseLayer Head { get; } }

        """;

    private const string Clipped = """
        [RnnModel(InputSize = 28)] public partial class Clipped { [Gru(24, Clip = 3)] public partial GruLayer A { get; } }

        """;

    [Fact]
    public void Models_of_equal_shapes_share_all_kernels()
    {
        var alone = Kernels(First);
        var renamed = First.Replace("First", "Twin", StringComparison.Ordinal).Replace(" A ", " Encoder ", StringComparison.Ordinal);

        Assert.Equal(alone, Kernels(First + renamed));
    }

    [Fact]
    public void What_a_model_has_alone_it_has_under_the_same_names_beside_others()
    {
        var (together, _) = Generation.Run(Clipped + First + Second);

        foreach (var source in new[] { First, Second, Clipped })
        {
            var (alone, _) = Generation.Run(source);
            foreach (var (name, text) in alone.Where(f => !IsShared(f.Key)))
            {
                Assert.Equal(text, together[name]);
            }

            foreach (var (name, text) in alone.Where(f => IsShared(f.Key)))
            {
                Assert.Subset(Methods(together[name]), Methods(text));
            }
        }
    }

    [Fact]
    public void The_order_of_models_does_not_matter_to_what_they_share() =>
        Assert.Equal(Kernels(First + Second + Clipped), Kernels(Clipped + Second + First));

    /// <summary>The second model takes from the first what that wrote, and then stands alone.</summary>
    [Fact]
    public void What_one_model_took_from_another_stays_when_the_other_goes()
    {
        var both = Generation.Compilation(First + Second);
        var driver = CSharpGeneratorDriver.Create([new RnnModelGenerator().AsSourceGenerator()],
            parseOptions: (CSharpParseOptions)both.SyntaxTrees[0].Options).RunGenerators(both);

        var files = driver.RunGenerators(Generation.Compilation(Second)).GetRunResult().Results.Single().GeneratedSources
            .ToDictionary(f => f.HintName, f => f.SourceText.ToString());

        Assert.Equal(Generation.Run(Second).Files.OrderBy(f => f.Key), files.OrderBy(f => f.Key));
    }

    [Fact]
    public void Cells_of_equal_sizes_and_other_equations_have_names_of_their_own()
    {
        var names = Regex.Matches(Kernels(First + Clipped)["RnnKernels.Scalar.g.cs"], @"static void (Gru24Cell_[0-9a-f]{8})\(")
            .Select(m => m.Groups[1].Value).ToList();

        Assert.Equal(2, names.Distinct().Count());
    }

    [Fact]
    public void Products_of_equal_sizes_and_other_panels_have_names_of_their_own()
    {
        var methods = Methods(Kernels("""
            [RnnModel(InputSize = 32)] public partial class Both {
                [Gru(64)] public partial GruLayer A { get; } [Dense(32)] public partial DenseLayer B { get; }
                [Dense(192)] public partial DenseLayer C { get; } }
            """)["RnnKernels.Vector512.g.cs"]);

        Assert.Single(methods, m => m.Contains(" Multiply32x192(", StringComparison.Ordinal));
        Assert.Single(methods, m => m.Contains(" Multiply32x192By48(", StringComparison.Ordinal));
    }

    /// <summary>A test project sees the internals of what it tests, and has models too.</summary>
    [Fact]
    public void Assemblies_that_see_each_others_internals_have_kernels_of_their_own()
    {
        var library = Project.Build(
            "[assembly: System.Runtime.CompilerServices.InternalsVisibleTo(\"My.App-Tests\")]\n" + First,
            c => Project.Harden(c).WithAssemblyName("My.App"));
        Assert.Empty(library.Compiled);
        using var image = new MemoryStream();
        Assert.True(library.Output.Emit(image).Success);
        var reference = MetadataReference.CreateFromImage(image.ToArray());

        var tests = Project.Build(First.Replace("First", "OfTests", StringComparison.Ordinal),
            c => Project.Harden(c).WithAssemblyName("My.App-Tests").AddReferences(reference));

        Assert.Empty(tests.Compiled);
    }

    [Theory]
    [InlineData("My.App", "My_App")]
    [InlineData("My_App", "My.App")]
    [InlineData("My-App", "My App")]
    [InlineData("", "_")]
    public void Assemblies_of_other_names_have_classes_of_other_names(string one, string other)
    {
        var classes = new[] { one, other }.Select(name => ModelNames.KernelClass(name, Machine.Vector512)).ToList();

        Assert.NotEqual(classes[0], classes[1]);
        Assert.All(classes, name => Assert.True(SyntaxFacts.IsValidIdentifier(name), name));
    }

    [Fact]
    public void Two_methods_of_one_name_are_a_defect()
    {
        KernelMethod[] methods = [new("C", "Scalar", KernelKind.Tile, "Rows2", "a"), new("C", "Scalar", KernelKind.Tile, "Rows2", "b")];

        Assert.Throws<InvalidOperationException>(() => ModelEmitter.EmitKernels(methods).ToList());
    }

    private static bool IsShared(string file) => file.StartsWith("RnnKernels.", StringComparison.Ordinal);

    private static Dictionary<string, string> Kernels(string source)
    {
        var kernels = Generation.Run(source).Files.Where(f => IsShared(f.Key)).ToDictionary();
        Assert.Equal(Machine.All.Count, kernels.Count);
        return kernels;
    }

    private static HashSet<string> Methods(string text) => [.. text.Split("\n\n    ").Skip(1).Select(m => m.TrimEnd('}', '\n', ' '))];
}
