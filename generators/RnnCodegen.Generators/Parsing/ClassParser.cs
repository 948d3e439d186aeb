using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using RnnCodegen.Generators.Diagnostics;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Parsing;

/// <summary>Checks the annotated class, what is around it and its own members, but not its layers.</summary>
internal sealed class ClassParser(INamedTypeSymbol type, TypeDeclarationSyntax node, DiagnosticBag diagnostics)
{
    public void Check(Compilation compilation)
    {
        var options = (CSharpCompilationOptions)compilation.Options;
        var identifier = LocationInfo.Of(node.Identifier);
        var language = ((CSharpParseOptions)node.SyntaxTree.Options).LanguageVersion;
        if (language < LanguageVersion.CSharp13)
        {
            diagnostics.Report(ClassRules.LanguageVersion, identifier, type.Name, language.ToDisplayString());
        }

        if (!options.AllowUnsafe)
        {
            diagnostics.Report(ClassRules.UnsafeCode, identifier, type.Name);
        }

        if (!node.Modifiers.Any(SyntaxKind.PartialKeyword))
        {
            diagnostics.Report(ClassRules.ClassNotPartial, identifier, type.Name);
        }

        CheckKind();
        CheckContainers();
        CheckMembers(identifier);
        CheckConstructors();
        CheckNeighbours(identifier);
        CheckScope(compilation, identifier);
    }

    /// <summary>The types around the class, outermost first.</summary>
    public EquatableArray<ContainingTypeSpec> ContainingTypes() =>
        Containers().Reverse().Select(t => new ContainingTypeSpec(Keyword(t), t.Identifier.ValueText)).ToEquatableArray();

    private static string Keyword(TypeDeclarationSyntax type) =>
        type is RecordDeclarationSyntax { ClassOrStructKeyword: { RawKind: not 0 } kind }
            ? $"record {kind.ValueText}"
            : type.Keyword.ValueText;

    private IEnumerable<TypeDeclarationSyntax> Containers() => node.Ancestors().OfType<TypeDeclarationSyntax>();

    private void CheckKind()
    {
        if (node is RecordDeclarationSyntax)
        {
            ReportKind(node, node.Keyword, "a record");
        }

        var refused = node.Modifiers.Where(m => m.Kind() is SyntaxKind.StaticKeyword or SyntaxKind.AbstractKeyword or SyntaxKind.FileKeyword);
        foreach (var modifier in refused)
        {
            ReportKind(node, modifier, modifier.IsKind(SyntaxKind.FileKeyword) ? "local to a file" : modifier.ValueText);
        }

        foreach (var container in Containers())
        {
            foreach (var modifier in container.Modifiers.Where(m => m.IsKind(SyntaxKind.FileKeyword)))
            {
                ReportKind(container, modifier, "local to a file");
            }
        }

        void ReportKind(TypeDeclarationSyntax declaration, SyntaxToken token, string kind) =>
            diagnostics.Report(ClassRules.ClassKind, LocationInfo.Of(token), declaration.Identifier.ValueText, kind, token.ValueText);
    }

    private void CheckContainers()
    {
        foreach (var declaration in Containers().Prepend(node))
        {
            if (declaration.TypeParameterList is { } parameters)
            {
                diagnostics.Report(
                    ClassRules.Generic, LocationInfo.Of(parameters), parameters.ToString(), declaration.Identifier.ValueText);
            }

            if (declaration != node && !declaration.Modifiers.Any(SyntaxKind.PartialKeyword))
            {
                diagnostics.Report(
                    ClassRules.ContainingTypeNotPartial, LocationInfo.Of(declaration.Identifier), declaration.Identifier.ValueText, type.Name);
            }
        }
    }

    private void CheckMembers(LocationInfo identifier)
    {
        // A member cannot have the name of its class.
        if (GeneratedMembers.IsReserved(type.Name))
        {
            diagnostics.Report(ClassRules.MemberClash, identifier, type.Name, type.ContainingSymbol.Name);
        }

        var own = type.GetMembers().Where(m => !m.IsImplicitlyDeclared && !LayerParser.IsLayer(m) && GeneratedMembers.Clashes(m));
        foreach (var member in own)
        {
            diagnostics.Report(ClassRules.MemberClash, PlaceOf(member), member.Name, type.Name);
        }

        for (var ancestor = type.BaseType; ancestor is { SpecialType: not SpecialType.System_Object }; ancestor = ancestor.BaseType)
        {
            var visible = ancestor.GetMembers().Where(m => m.DeclaredAccessibility != Accessibility.Private && GeneratedMembers.Clashes(m));
            foreach (var member in visible)
            {
                diagnostics.Report(ClassRules.MemberClash, identifier, member.Name, $"{ancestor.Name}, the base of {type.Name}");
            }
        }
    }

    private void CheckConstructors()
    {
        if (node is ClassDeclarationSyntax { ParameterList: { } primary })
        {
            diagnostics.Report(ClassRules.Constructor, LocationInfo.Of(primary), "The primary constructor", type.Name);
        }

        foreach (var constructor in type.InstanceConstructors)
        {
            if (constructor.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax() is not ConstructorDeclarationSyntax declaration)
            {
                continue;
            }

            var place = LocationInfo.Of(declaration.Identifier);
            if (GeneratedMembers.ClashesAsConstructor(constructor))
            {
                diagnostics.Report(ClassRules.MemberClash, place, $"constructor{declaration.ParameterList}", type.Name);
            }
            else if (declaration.Initializer?.IsKind(SyntaxKind.ThisConstructorInitializer) != true)
            {
                diagnostics.Report(
                    ClassRules.Constructor, place, $"The constructor {declaration.Identifier.ValueText}{declaration.ParameterList}", type.Name);
            }
        }
    }

    private void CheckNeighbours(LocationInfo identifier)
    {
        // Of two such models one gives way, and the same one in each build.
        var neighbours = type.ContainingType?.GetTypeMembers() ?? type.ContainingNamespace.GetTypeMembers();
        foreach (var other in neighbours.Where(t => string.CompareOrdinal(t.Name, type.Name) < 0))
        {
            if (string.Equals(other.Name, type.Name, StringComparison.OrdinalIgnoreCase)
                && other.GetAttributes().Any(a => a.AttributeClass?.ToDisplayString() == ModelParser.AttributeName))
            {
                diagnostics.Report(ClassRules.ModelNamesDifferByCase, identifier, type.Name, other.Name);
            }
        }
    }

    private void CheckScope(Compilation compilation, LocationInfo identifier)
    {
        foreach (var name in GeneratedMembers.TypesUsed.Select(t => t.Split('`')[0]).Distinct())
        {
            var nearest = Scopes(compilation)
                .SelectMany(s => s.GetMembers(name).OfType<INamespaceOrTypeSymbol>())
                .FirstOrDefault(m => GeneratedMembers.Hides(m) && (m is INamespaceSymbol || compilation.IsSymbolAccessibleWithin(m, type)));
            if (nearest is not null && nearest.ContainingNamespace?.ToDisplayString() is not ("RnnCodegen" or "RnnCodegen.Kernels"))
            {
                diagnostics.Report(ClassRules.TypeHidden, identifier, nearest.ToDisplayString(), type.Name, name);
            }
        }
    }

    /// <summary>
    /// Where the compiler looks for a type before it looks at using directives, nearest first; the model's own members are checked as such.
    /// </summary>
    private IEnumerable<INamespaceOrTypeSymbol> Scopes(Compilation compilation)
    {
        for (var container = type.ContainingType; container is not null; container = container.ContainingType)
        {
            yield return container;
        }

        for (var space = type.ContainingNamespace; space is not null; space = space.ContainingNamespace)
        {
            yield return compilation.GetCompilationNamespace(space) ?? space;
        }
    }

    private static LocationInfo PlaceOf(ISymbol member)
    {
        var location = member.Locations[0];
        return LocationInfo.Of(location.SourceTree!.GetRoot().FindToken(location.SourceSpan.Start));
    }
}
