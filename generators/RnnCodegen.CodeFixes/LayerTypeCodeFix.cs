using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Simplification;

namespace RnnCodegen.CodeFixes;

/// <summary>Gives a layer property the type of its layer.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(LayerTypeCodeFix)), Shared]
public sealed class LayerTypeCodeFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds => ["RNN0103"];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        foreach (var diagnostic in context.Diagnostics)
        {
            // The generator says under this key what to write.
            if (diagnostic.Properties.TryGetValue("Cure", out var name) && name is not null &&
                root?.FindNode(diagnostic.Location.SourceSpan)
                    .FirstAncestorOrSelf<TypeSyntax>(t => t.Span == diagnostic.Location.SourceSpan) is { } written)
            {
                var title = $"Change the type to '{name}'";
                var changed = context.Document.WithSyntaxRoot(root.ReplaceNode(written, TypeOf(name, written)));
                context.RegisterCodeFix(CodeAction.Create(title, _ => Task.FromResult(changed), title), diagnostic);
            }
        }
    }

    // Written in full and then simplified, so that it is right with and without a using directive.
    private static TypeSyntax TypeOf(string name, TypeSyntax written) =>
        SyntaxFactory.ParseTypeName($"global::RnnCodegen.{name}").WithTriviaFrom(written)
            .WithAdditionalAnnotations(Simplifier.Annotation);
}
