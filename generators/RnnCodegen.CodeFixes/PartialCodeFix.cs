using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace RnnCodegen.CodeFixes;

/// <summary>Makes partial what the generator has to complete: a model class, a type around it, a layer property.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(PartialCodeFix)), Shared]
public sealed class PartialCodeFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds => ["RNN0001", "RNN0002", "RNN0101"];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        foreach (var diagnostic in context.Diagnostics)
        {
            var name = root?.FindToken(diagnostic.Location.SourceSpan.Start) ?? default;
            if (root is not null && name.Parent is MemberDeclarationSyntax member && !member.Modifiers.Any(SyntaxKind.PartialKeyword))
            {
                var title = $"Make '{name.ValueText}' partial";
                var changed = context.Document.WithSyntaxRoot(root.ReplaceNode(member, MakePartial(member)));
                context.RegisterCodeFix(CodeAction.Create(title, _ => Task.FromResult(changed), title), diagnostic);
            }
        }
    }

    // The compiler wants 'partial' last; whatever stood before the declaration's first token stays before the new first one.
    private static MemberDeclarationSyntax MakePartial(MemberDeclarationSyntax member)
    {
        var keyword = SyntaxFactory.Token(SyntaxKind.PartialKeyword).WithTrailingTrivia(SyntaxFactory.Space);
        if (member.Modifiers.Count > 0)
        {
            return member.WithModifiers(member.Modifiers.Add(keyword));
        }

        var next = member is TypeDeclarationSyntax type ? type.Keyword : ((BasePropertyDeclarationSyntax)member).Type.GetFirstToken();
        return member.ReplaceToken(next, next.WithLeadingTrivia())
            .WithModifiers([keyword.WithLeadingTrivia(next.LeadingTrivia)]);
    }
}
