using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using RnnCodegen.Generators.Parsing;

namespace RnnCodegen.Generators.Tests.Parsing;

/// <summary>The table of names an author has to leave free is that of what is generated, no more and no less.</summary>
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
                [Pool1d(Pooling.Max, 2)] public partial Pool1dLayer Slow { get; }
                [Attention(Score = AttentionScore.Additive)] public partial AttentionLayer Context { get; }
                [GlobalPool(Pooling.Average)] public partial GlobalPoolLayer Mean { get; }
                [AttentionPool(From = nameof(Context))] public partial AttentionPoolLayer Attended { get; }
                [Add(nameof(Mean), nameof(Attended))] public partial AddLayer Both { get; }
            }
        }
        """;

    [Fact]
    public void EachGeneratedMemberIsReserved()
    {
        var compilation = Generation.Run(Models).Compilation;
        var types = new[] { "Forecasts.Words", "Forecasts.Rows", "Forecasts.Steps" }.Select(n => compilation.GetTypeByMetadataName(n)!).ToList();
        var members = types.SelectMany(t => t.GetMembers())
            .Where(m => !m.IsImplicitlyDeclared && m.CanBeReferencedByName && m is not IPropertySymbol { IsPartialDefinition: true }).ToList();

        Assert.True(members.Count > 30, $"Only {members.Count} members were generated.");
        Assert.All(members, m => Assert.True(GeneratedMembers.IsReserved(m.Name), $"'{m.Name}' is generated and not reserved."));
        Assert.All(members, m => Assert.True(GeneratedMembers.Clashes(m), $"'{m}' is generated, and the same in the author's part would not be reported."));
        Assert.All(types.SelectMany(t => t.InstanceConstructors), c => Assert.True(GeneratedMembers.ClashesAsConstructor(c), $"{c} is generated and not reserved."));
    }

    [Fact]
    public void TheTypesUsedAreThoseTheGeneratedCodeNames()
    {
        var compilation = Generation.Run(Models).Compilation;
        Assert.Empty(compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error));
        var used = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var tree in compilation.SyntaxTrees.Where(t => t.FilePath.EndsWith(".g.cs", StringComparison.Ordinal)))
        {
            var model = compilation.GetSemanticModel(tree);
            var names = tree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>()
                .Where(n => n.Identifier.ValueText != "nint" && n.Parent is not (QualifiedNameSyntax or AliasQualifiedNameSyntax) && !(n.Parent is MemberAccessExpressionSyntax access && access.Name == n));
            foreach (var name in names)
            {
                var symbol = model.GetSymbolInfo(name).Symbol;
                if ((symbol as INamedTypeSymbol ?? (name.Parent is AttributeSyntax ? symbol?.ContainingType : null)) is { ContainingAssembly.Name: not "Model" } type)
                {
                    used.Add(type.MetadataName);
                }
            }
        }

        Assert.Equal(string.Join(", ", used), string.Join(", ", GeneratedMembers.TypesUsed.Order(StringComparer.Ordinal)));
    }
}
