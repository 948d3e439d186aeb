using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace RnnCodegen.Generators.Diagnostics;

/// <summary>A place in source as values, because a Roslyn location keeps a whole compilation alive and never equals the next one.</summary>
internal sealed record LocationInfo(string Path, TextSpan Span, LinePositionSpan Lines)
{
    public static LocationInfo Of(SyntaxNode node) => Of(node.SyntaxTree, node.Span);

    public static LocationInfo Of(SyntaxToken token) => Of(token.SyntaxTree!, token.Span);

    /// <summary>The place in a compilation's own tree, so that <c>#pragma warning disable</c> and .editorconfig reach it.</summary>
    public Location In(Compilation compilation)
    {
        var tree = compilation.SyntaxTrees
            .FirstOrDefault(t => t.FilePath == Path && t.Length >= Span.End && t.GetLineSpan(Span).Span == Lines);
        return tree is null ? InOtherFile() : Location.Create(tree, Span);
    }

    /// <summary>The place in a file that is none of a compilation's trees.</summary>
    public Location InOtherFile() => Location.Create(Path, Span, Lines);

    private static LocationInfo Of(SyntaxTree tree, TextSpan span) => new(tree.FilePath, span, tree.GetLineSpan(span).Span);
}
