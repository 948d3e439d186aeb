using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using RnnCodegen.Generators.Diagnostics;
using RnnCodegen.Generators.Planning;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Parsing;

/// <summary>Checks the annotated class, what is around it and its own members, but not its layers.</summary>
internal sealed class ClassParser(Compilation compilation, INamedTypeSymbol type, TypeDeclarationSyntax node, DiagnosticBag diagnostics)
{
    public void Check()
    {
        var options = (CSharpCompilationOptions)compilation.Options;
        var identifier = LocationInfo.Of(node.Identifier);
        var language = ((CSharpParseOptions)node.SyntaxTree.Options).LanguageVersion;
        if (language.MapSpecifiedToEffectiveVersion() < LanguageVersion.CSharp13)
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
        CheckConstructors();
        CheckCreation(identifier);
    }

    /// <summary>The types around the class, outermost first.</summary>
    public EquatableArray<ContainingTypeSpec> ContainingTypes() => SpecsOf(node).Take(Containers().Count()).ToEquatableArray();

    /// <summary>The types around a declaration, outermost first, and itself.</summary>
    public static IEnumerable<ContainingTypeSpec> SpecsOf(TypeDeclarationSyntax node) =>
        node.AncestorsAndSelf().OfType<TypeDeclarationSyntax>().Reverse().Select(SpecOf);

    /// <summary>Whether a generated constructor can stand beside its author's and call its base's.</summary>
    public bool CanHaveConstructor => HasBaseConstructor() && !Parts().Any(p => p.ParameterList is not null)
        && !type.InstanceConstructors.Any(GeneratedMembers.ClashesAsConstructor);

    private static ContainingTypeSpec SpecOf(TypeDeclarationSyntax type) =>
        new(Keyword(type), type.Identifier.ValueText) { TypeParameters = TypeParametersOf(type) };

    // Names only: a part may leave out attributes, variance and constraints, but not names.
    private static string TypeParametersOf(TypeDeclarationSyntax type) => type.TypeParameterList is { Parameters: var parameters }
        ? $"<{string.Join(", ", parameters.Select(p => $"{p.VarianceKeyword.ValueText} {p.Identifier.Text}".TrimStart()))}>"
        : "";

    private static string Keyword(TypeDeclarationSyntax type) =>
        type is RecordDeclarationSyntax { ClassOrStructKeyword: { RawKind: not 0 } kind }
            ? $"record {kind.ValueText}"
            : type.Keyword.ValueText;

    /// <summary>All parts of the class; a modifier or a primary constructor of one is one of all.</summary>
    private IEnumerable<TypeDeclarationSyntax> Parts() => type.DeclaringSyntaxReferences.Select(r => r.GetSyntax())
        .OfType<TypeDeclarationSyntax>();

    private IEnumerable<TypeDeclarationSyntax> Containers() => node.Ancestors().OfType<TypeDeclarationSyntax>();

    private void CheckKind()
    {
        if (node is RecordDeclarationSyntax)
        {
            ReportKind(node, node.Keyword, "a record");
        }

        foreach (var modifier in Parts().SelectMany(p => p.Modifiers)
            .Where(m => m.Kind() is SyntaxKind.StaticKeyword or SyntaxKind.AbstractKeyword or SyntaxKind.FileKeyword))
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
                    ClassRules.ContainingTypeNotPartial, LocationInfo.Of(declaration.Identifier), declaration.Identifier.ValueText,
                    type.Name);
            }
        }
    }

    /// <summary>Checks that no member is in the way of a generated one.</summary>
    /// <returns>What is in the way of a member that the model has only where the project embeds a file for it.</returns>
    public EquatableArray<FileClash> CheckMembers(GeneratedMembers generated, IReadOnlyList<LayerDraft> layers)
    {
        var ofFiles = new List<FileClash>();

        // A member cannot have the name of its class.
        if (generated.Has(type.Name))
        {
            Report(type.Name, ClassRules.MemberClash, LocationInfo.Of(node.Identifier), type.Name, type.ContainingSymbol.Name);
        }

        foreach (var layer in layers.Where(l => generated.Has(l.Name)))
        {
            Report(layer.Name, LayerRules.ReservedName, layer.Place, layer.Name);
        }

        // What is said of a layer is not said of its accessors again.
        foreach (var member in type.GetMembers().Where(m => !m.IsImplicitlyDeclared && !IsOfLayer(m) && generated.Clashes(m)))
        {
            Report(member.Name, ClassRules.MemberClash, PlaceOf(member), member.Name, type.Name);
        }

        // A class that is not abstract cannot hide what is, and how to implement it is its author's to say.
        foreach (var member in Inherited().Where(m => m is { IsAbstract: true } and not ITypeSymbol && generated.Clashes(m)))
        {
            Report(member.Name, ClassRules.MemberClash, LocationInfo.Of(node.Identifier), member.Name,
                $"{member.ContainingType.Name}, the base of {type.Name}");
        }

        return ofFiles.ToEquatableArray();

        static bool IsOfLayer(ISymbol member) =>
            LayerParser.IsLayer(member is IMethodSymbol { AssociatedSymbol: { } property } ? property : member);

        void Report(string member, DiagnosticDescriptor rule, LocationInfo place, params string[] arguments)
        {
            if (ReservedNames.IsOfFiles(member))
            {
                ofFiles.Add(new FileClash(member, new DiagnosticInfo(rule, place, arguments.ToEquatableArray())));
            }
            else
            {
                diagnostics.Report(rule, place, arguments);
            }
        }
    }

    /// <summary>The generated members that hide inherited ones, which C# asks to be said.</summary>
    public EquatableArray<string> Hiding(GeneratedMembers generated) =>
        Inherited().Where(generated.Clashes).Select(m => m.Name).Distinct().OrderBy(n => n, StringComparer.Ordinal).ToEquatableArray();

    /// <summary>Members, the author's or inherited, whose names start as those of generated fields do.</summary>
    public EquatableArray<string> OwnNames() => type.GetMembers().Concat(Inherited()).Select(m => m.Name)
        .Where(n => n.StartsWith(ClassNames.Prefix, StringComparison.Ordinal)).Distinct().OrderBy(n => n, StringComparer.Ordinal)
        .ToEquatableArray();

    private IEnumerable<ISymbol> Inherited() => Ancestors().SelectMany(a => a.GetMembers())
        .Where(m => compilation.IsSymbolAccessibleWithin(m, type));

    private IEnumerable<INamedTypeSymbol> Ancestors()
    {
        for (var ancestor = type.BaseType; ancestor is { SpecialType: not SpecialType.System_Object }; ancestor = ancestor.BaseType)
        {
            yield return ancestor;
        }
    }

    /// <summary>Whether a class is a model: of this project, where its attribute tells, or of another.</summary>
    private static bool IsModel(INamedTypeSymbol candidate) =>
        candidate.GetAttributes().Any(a => a.AttributeClass?.ToDisplayString() == ModelParser.AttributeName);

    private void CheckConstructors()
    {
        foreach (var primary in Parts().OfType<ClassDeclarationSyntax>().Select(p => p.ParameterList).OfType<ParameterListSyntax>())
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
                    ClassRules.Constructor, place, $"The constructor {declaration.Identifier.ValueText}{declaration.ParameterList}",
                    type.Name);
            }
        }
    }

    /// <summary>Checks that a model can be created from its parameters alone, as loading and training do.</summary>
    private void CheckCreation(LocationInfo identifier)
    {
        foreach (var member in type.GetMembers().Concat(Inherited())
            .Where(m => m is IPropertySymbol { IsRequired: true } or IFieldSymbol { IsRequired: true }))
        {
            var place = SymbolEqualityComparer.Default.Equals(member.ContainingType, type) ? PlaceOf(member) : identifier;
            diagnostics.Report(ClassRules.Creation, place, $"'{member.Name}' is required", type.Name, "give it a value of its own instead");
        }

        if (Ancestors().FirstOrDefault(IsModel) is { } model)
        {
            diagnostics.Report(
                ClassRules.Creation, identifier, $"'{model.Name}' is a model with parameters of its own", type.Name,
                $"derive '{type.Name}' from another class and give it all of its layers");
        }
        else if (!HasBaseConstructor())
        {
            diagnostics.Report(
                ClassRules.Creation, identifier,
                $"'{type.BaseType!.Name}' has no constructor without parameters that '{type.Name}' can call", type.Name, "add one");
        }
    }

    private bool HasBaseConstructor() => type.BaseType is not { TypeKind: TypeKind.Class } ancestor
        || ancestor.InstanceConstructors.Any(
            c => compilation.IsSymbolAccessibleWithin(c, type) && c.Parameters.All(p => p.IsOptional || p.IsParams));

    private static LocationInfo PlaceOf(ISymbol member)
    {
        var location = member.Locations[0];
        return LocationInfo.Of(location.SourceTree!.GetRoot().FindToken(location.SourceSpan.Start));
    }
}
