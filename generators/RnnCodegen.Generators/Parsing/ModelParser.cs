using Microsoft.CodeAnalysis;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Parsing;

/// <summary>Symbols to specs.</summary>
internal static class ModelParser
{
    public static ModelSpec? Parse(INamedTypeSymbol type, AttributeData model)
    {
        var layers = new List<LayerSpec>();
        foreach (var property in type.GetMembers().OfType<IPropertySymbol>())
        {
            var attribute = property.GetAttributes().FirstOrDefault(a => a.AttributeClass?.ContainingNamespace.ToDisplayString() == "RnnCodegen");
            if (attribute is not null)
            {
                layers.Add(Layer(property, attribute, layers));
            }
        }

        if (layers.Count == 0)
        {
            return null;
        }

        var containing = new List<ContainingTypeSpec>();
        for (var t = type.ContainingType; t is not null; t = t.ContainingType)
        {
            containing.Insert(0, new ContainingTypeSpec((t.IsRecord ? "record " : "") + (t.TypeKind == TypeKind.Struct ? "struct" : t.IsRecord ? "" : "class"), t.Name));
        }

        var ns = type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString();
        return new ModelSpec(
            ns, containing.ToEquatableArray(), type.Name, Get(model, "InputSize", 0), (OutputTransformKind)Get(model, "Output", 0), layers.ToEquatableArray());
    }

    private static T Get<T>(AttributeData attribute, string name, T otherwise)
    {
        var named = attribute.NamedArguments.FirstOrDefault(a => a.Key == name);
        return named.Key is null || named.Value.Value is null ? otherwise : (T)named.Value.Value;
    }

    private static LayerSpec Layer(IPropertySymbol property, AttributeData a, List<LayerSpec> earlier)
    {
        var name = property.Name;
        var modifiers = property.DeclaredAccessibility == Accessibility.Public ? "public" : property.DeclaredAccessibility == Accessibility.Internal ? "internal" : "private";
        var from = Get<string?>(a, "From", null);
        var source = from is null ? earlier.Count - 1 : earlier.FindIndex(l => l.Name == from);
        EquatableArray<int> one = new[] { source }.ToEquatableArray();
        ActivationKind Act(string key, ActivationKind otherwise) => (ActivationKind)Get(a, key, (int)otherwise);
        var units = a.ConstructorArguments.Length > 0 && a.ConstructorArguments[0].Kind != TypedConstantKind.Array && a.ConstructorArguments[0].Value is int n ? n : 0;
        var many = a.ConstructorArguments.Length > 0 && a.ConstructorArguments[0].Kind == TypedConstantKind.Array
            ? a.ConstructorArguments[0].Values.Select(v => earlier.FindIndex(l => l.Name == (string?)v.Value)).ToEquatableArray()
            : one;
        return a.AttributeClass!.Name switch
        {
            "LstmAttribute" => new LstmSpec(
                name, modifiers, one, units, Get(a, "Layers", 1), Get(a, "Bidirectional", false), Get(a, "Dropout", 0f), Get(a, "ReturnSequences", true), Get(a, "Bias", true),
                Get(a, "Projection", 0), Get(a, "Peepholes", false), Get(a, "CoupledInputForget", false), Act("GateActivation", ActivationKind.Sigmoid), Act("Activation", ActivationKind.Tanh)),
            "GruAttribute" => new GruSpec(
                name, modifiers, one, units, Get(a, "Layers", 1), Get(a, "Bidirectional", false), Get(a, "Dropout", 0f), Get(a, "ReturnSequences", true), Get(a, "Bias", true),
                Get(a, "ResetAfter", true), Act("GateActivation", ActivationKind.Sigmoid), Act("Activation", ActivationKind.Tanh)),
            "ElmanAttribute" => new ElmanSpec(
                name, modifiers, one, units, Get(a, "Layers", 1), Get(a, "Bidirectional", false), Get(a, "Dropout", 0f), Get(a, "ReturnSequences", true), Get(a, "Bias", true),
                Act("Activation", ActivationKind.Tanh)),
            "EmbeddingAttribute" => new EmbeddingSpec(name, modifiers, one, units, (int)a.ConstructorArguments[1].Value!),
            "DenseAttribute" => new DenseSpec(name, modifiers, one, units, Act("Activation", ActivationKind.Linear), Get(a, "Bias", true)),
            "DropoutAttribute" => new DropoutSpec(name, modifiers, one, (float)a.ConstructorArguments[0].Value!),
            "LayerNormAttribute" => new LayerNormSpec(name, modifiers, one, Get(a, "Epsilon", 1e-5f)),
            "ConcatAttribute" => new ConcatSpec(name, modifiers, many),
            _ => new AddSpec(name, modifiers, many),
        };
    }
}
