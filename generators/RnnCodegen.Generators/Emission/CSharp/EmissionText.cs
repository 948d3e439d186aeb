using Microsoft.CodeAnalysis.CSharp;
using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Planning;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>How specs are spelled in C# and in prose.</summary>
internal static class EmissionText
{
    /// <summary>
    /// A name as an identifier: what is a keyword, or one in some places, has an @ before it, with which it is the same name.
    /// </summary>
    public static string Identifier(string name) =>
        SyntaxFacts.GetKeywordKind(name) != SyntaxKind.None || SyntaxFacts.GetContextualKeywordKind(name) != SyntaxKind.None
            ? "@" + name
            : name;

    /// <summary>
    /// The name of a declared type, which has an @ wherever it is of small letters only: the compiler warns of those that may become
    /// keywords.
    /// </summary>
    public static string TypeIdentifier(string name) => name.All(c => c is >= 'a' and <= 'z') ? "@" + name : Identifier(name);

    /// <summary>A namespace as code.</summary>
    public static string Namespace(string name) => string.Join(".", name.Split('.').Select(part => Identifier(part.TrimStart('@'))));

    /// <summary>A model's class by its full name, which means the same wherever it stands.</summary>
    public static string SelfOf(ModelSpec model) => FullName(model.Namespace,
        model.ContainingTypes.Append(new ContainingTypeSpec("class", model.Name)));

    /// <summary>A type by its full name.</summary>
    public static string FullName(string space, IEnumerable<ContainingTypeSpec> types) => "global::" +
        string.Join(".", new[] { space }.Where(s => s.Length > 0).Select(Namespace)
            .Concat(
                types.Select(
                    t => TypeIdentifier(t.Name)
                        + t.TypeParameters.Replace("<in ", "<").Replace("<out ", "<").Replace(", in ", ", ").Replace(", out ", ", "))));

    /// <summary>The class that holds a model's code, by its full name.</summary>
    public static string CodeOf(ModelSpec model) => $"global::{CodeNamespace}.{ModelNames.CodeClass(model.HintName)}";

    /// <summary>The namespace of generated code. It holds nothing but the classes of models' code.</summary>
    public const string CodeNamespace = "RnnCodegen.Generated";

    /// <summary>The expression that creates a layer's view.</summary>
    public static string NewLayer(ModelSpec model, LayerSpec layer)
    {
        var sources = layer.Sources.Select(s => $"\"{(s == ModelSpec.Input ? ModelSpec.InputName : model.Layers[s].Name)}\"");
        var arguments = layer.View.Select(argument => argument switch
        {
            ViewArgument.Parameters => "core.Parameters",
            ViewArgument.Name => $"\"{layer.Name}\"",
            ViewArgument.Sources => string.Join(", ", sources),
            bool flag => flag ? "true" : "false",
            int number => $"{number}",
            float number => VectorText.Literal(number),
            Enum member => $"global::RnnCodegen.{member.GetType().Name}.{member}",
            WindowSpec w => $"new global::RnnCodegen.Runtime.TimeWindow({w.Size}, {w.Stride}, {w.Dilation}, {w.PadLeft}, {w.PadRight})",
            _ => throw new InvalidOperationException($"The argument {argument} of layer {layer.Name}'s view has no spelling."),
        });
        return $"new global::RnnCodegen.{layer.Kind.View}({string.Join(", ", arguments)})";
    }
}
