using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using RnnCodegen.Generators.Parsing;
using RnnCodegen.Generators.Planning;

namespace RnnCodegen.Generators.Tests.Parsing;

/// <summary>The names an author has to leave free are those of what is generated, no more and no less.</summary>
public class GeneratedMembersTests
{
    private const string Models = """
        namespace Forecasts
        {
            [RnnModel(Output = OutputTransform.Softmax)]
            public partial class Words
            {
                [Embedding(9, 4)] public partial EmbeddingLayer Table { get; }
                [Lstm(5, Layers = 2, Dropout = 0.1f, Projection = 3, Peepholes = true)] public partial LstmLayer Encoder { get; }
                [LayerNorm] public partial LayerNormLayer Norm { get; }
                [ReverseTime] public partial ReverseTimeLayer Mirrored { get; }
                [Elman(3, Bidirectional = true, ReturnSequences = false)] public partial ElmanLayer Last { get; }
                [Dense(7, Activation = Activation.Relu)] public partial DenseLayer Head { get; }
            }

            [RnnModel(InputSize = 4)]
            public partial class Rows
            {
                [Gru(5, GateActivation = Activation.HardSigmoid)] public partial GruLayer Encoder { get; }
                [Gru(5, ResetAfter = false, WeightFormat = WeightFormat.BFloat16)] public partial GruLayer Before { get; }
                [Add(nameof(Encoder), nameof(Before))] public partial AddLayer Sum { get; }
                [Concat(nameof(Encoder), nameof(Sum))] public partial ConcatLayer Both { get; }
                [Affine] public partial AffineLayer Scaled { get; }
                [PRelu] public partial PReluLayer Bent { get; }
                [Activation(Activation.Elu)] public partial ActivationLayer Shaped { get; }
                [Multiply(nameof(Shaped), nameof(Bent))] public partial MultiplyLayer Product { get; }
                [Dropout(0.5f)] public partial DropoutLayer Noise { get; }
                [Dense(2, Activation = Activation.Sigmoid, WeightFormat = WeightFormat.Int8)] public partial DenseLayer Head { get; }
            }

            [RnnModel(InputSize = 4, MemorySize = 6)]
            public partial class Steps
            {
                [Conv1d(5, 3, Stride = 2)] public partial Conv1dLayer Front { get; }
                [RowConv1d(6, 2)] public partial RowConv1dLayer Inside { get; }
                [Pool1d(Pooling.Max, 2)] public partial Pool1dLayer Slow { get; }
                [Attention(Score = AttentionScore.Additive)] public partial AttentionLayer Context { get; }
                [GlobalPool(Pooling.Average)] public partial GlobalPoolLayer Mean { get; }
                [AttentionPool(From = nameof(Context))] public partial AttentionPoolLayer Attended { get; }
                [Add(nameof(Mean), nameof(Attended))] public partial AddLayer Both { get; }
            }
        }
        """;

    [Fact]
    public void Each_generated_member_is_reserved()
    {
        var compilation = Generation.Run(Models).Compilation;
        var count = 0;
        foreach (var (name, isReserved) in new[] { ("Words", (true, false)), ("Rows", (false, true)), ("Steps", (false, true)) }.Select(
            t => (t.Item1, Of(t.Item2))))
        {
            var type = compilation.GetTypeByMetadataName($"Forecasts.{name}")!;
            var members = type.GetMembers()
                .Where(m => !m.IsImplicitlyDeclared && m.CanBeReferencedByName && m is not IPropertySymbol { IsPartialDefinition: true })
                .ToList();
            var (open, hidden) = (members.Where(m => m.DeclaredAccessibility == Accessibility.Public).ToList(),
                members.Where(m => m.DeclaredAccessibility != Accessibility.Public));
            Assert.All(open, m => Assert.True(isReserved.Has(m.Name), $"'{m.Name}' is generated and not reserved."));
            Assert.All(open,
                m => Assert.True(isReserved.Clashes(m), $"'{m}' is generated, and the same in the author's part would not be reported."));
            Assert.All(hidden, m => Assert.StartsWith(ClassNames.Prefix, m.Name, StringComparison.Ordinal));
            Assert.All(type.InstanceConstructors,
                c => Assert.True(GeneratedMembers.ClashesAsConstructor(c), $"{c} is generated and not reserved."));
            count += members.Count;
        }

        Assert.True(count > 30, $"Only {count} members were generated.");

        static GeneratedMembers Of((bool TakesTokens, bool CanStream) model) => new(model.TakesTokens, false, () => model.CanStream);
    }

    [Fact]
    public void Names_of_members_that_a_model_has_not_are_free()
    {
        var (words, rows) = (new GeneratedMembers(true, false, () => false), new GeneratedMembers(false, true, () => true));

        Assert.Equal((true, false), (words.Has("Vocabulary"), words.Has("InputSize")));
        Assert.Equal((false, true), (rows.Has("Vocabulary"), rows.Has("InputSize")));
        Assert.Equal((false, false), (words.Has("Step"), words.Has("CreateStream")));
        Assert.Equal((true, true), (rows.Has("Step"), rows.Has("CreateStream")));
        Assert.Equal((false, true), (words.Has("TryCreateCuda"), rows.Has("TryCreateCuda")));
        Assert.Equal((false, true), (words.Has("CreateStreams"), rows.Has("CreateStreams")));
    }

    [Fact]
    public void Members_of_models_with_code_for_GPUs_are_reserved_and_stand_in_broken_ones_too()
    {
        const string Stub = "namespace RnnCodegen.Cuda { public class CudaProgram; public class CudaOptions; public class CudaStreams : " +
            "System.IDisposable { public void Dispose() { } } }";
        const string Use = "class User { void Use(M m) { using var g = m.TryToCuda(out var why) ?? M.TryCreateCuda(out why); " +
            "using var s = m.CreateStreams(3); string text = m.IsCuda ? m.Device : why; } }";
        string Source(string size) => $"[RnnModel(InputSize = {size}, Cuda = true)] public partial class M " +
            $"{{ [Gru(3)] public partial GruLayer A {{ get; }} }} {Use} ";
        var names = new GeneratedMembers(false, true, () => true);
        var (files, compilation) = Generation.Run(Source("2") + Stub);
        Assert.Contains("// M: its members and its size.", files["M.Card.g.cs"], StringComparison.Ordinal);
        Assert.Contains("IDisposable", compilation.GetTypeByMetadataName("M")!.Interfaces.Select(i => i.Name));
        foreach (var member in compilation.GetTypeByMetadataName("M")!.GetMembers()
            .Where(m => m.DeclaredAccessibility == Accessibility.Public && m.CanBeReferencedByName && m.Name != "A"))
        {
            Assert.True(names.Clashes(member), $"'{member}' is generated and not reserved.");
        }

        foreach (var broken in new[] { Source("-1") + Stub, Source("2") })
        {
            Assert.Empty(Generation.Run(broken).Compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error));
        }
    }

    /// <summary>What code calls by simple names is what its files declare, so that nothing else can be meant.</summary>
    [Fact]
    public void Each_name_in_generated_code_is_written_in_full_or_declared_in_its_file()
    {
        var compilation = Generation.Run(Models).Compilation;
        Assert.Empty(compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error));
        var used = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var tree in compilation.SyntaxTrees.Where(t => t.FilePath.EndsWith(".g.cs", StringComparison.Ordinal)))
        {
            var model = compilation.GetSemanticModel(tree);
            var isCode = !tree.FilePath.EndsWith(".Card.g.cs", StringComparison.Ordinal);
            var names = tree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>().Where(n => n.Identifier.ValueText != "nint" &&
                n.Parent is not (QualifiedNameSyntax or AliasQualifiedNameSyntax or NameEqualsSyntax)
                && !(n.Parent is MemberAccessExpressionSyntax access && access.Name == n));
            foreach (var name in names)
            {
                var symbol = model.GetSymbolInfo(name).Symbol;
                if ((symbol as INamedTypeSymbol ?? (name.Parent is AttributeSyntax ? symbol?.ContainingType : null))
                    is not { ContainingAssembly.Name: not "Model" } type)
                {
                    continue;
                }

                Assert.True(isCode, $"{tree.FilePath} calls {type} by a simple name.");
                if (type.ContainingNamespace.ToDisplayString() != RuntimeTypes.Vectors)
                {
                    Assert.Contains((name.Identifier.ValueText, type.ToDisplayString()), RuntimeTypes.Aliases);
                    used.Add(name.Identifier.ValueText);
                }
            }
        }

        Assert.Equal(string.Join(", ", RuntimeTypes.Aliases.Select(a => a.Name).Where(n => n != "nint").Order(StringComparer.Ordinal)),
            string.Join(", ", used));
    }
}
