using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using RnnCodegen.Generators.Emission;
using RnnCodegen.Generators.Parsing;

namespace RnnCodegen.Generators;

/// <summary>The generator: a table of contents of what happens to an annotated class.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class RnnModelGenerator : IIncrementalGenerator
{
    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var models = context.SyntaxProvider
            .ForAttributeWithMetadataName(
                "RnnCodegen.RnnModelAttribute",
                static (node, _) => node is ClassDeclarationSyntax,
                static (c, _) => ModelParser.Parse((INamedTypeSymbol)c.TargetSymbol, c.Attributes[0]))
            .Where(static m => m is not null);
        context.RegisterSourceOutput(models, static (c, model) =>
        {
            foreach (var (name, text) in ModelEmitter.Emit(model!))
            {
                c.AddSource(name, SourceText.From(text, Encoding.UTF8));
            }
        });
    }
}
