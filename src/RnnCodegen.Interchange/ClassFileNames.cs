using RnnCodegen.Generators.Parsing;

namespace RnnCodegen.Interchange;

/// <summary>Which names a class file can use, and which of the runtime's names it has to say in full.</summary>
internal sealed class ClassFileNames
{
    // Longer names are no help to a person, and .NET allows 1024 bytes, of which generated code needs some.
    private const int LongestMade = 100;

    // What a class of this name would hide from its own file, or from the file of whoever uses it.
    private static readonly HashSet<string> s_runtimeNames = new(
        typeof(RnnModelAttribute).Assembly.GetExportedTypes()
            .SelectMany(t => new[] { t.Name.Split('`')[0], WithoutEnding(t.Name) })
            .Concat([nameof(System), nameof(RnnCodegen), nameof(Attribute)]),
        StringComparer.Ordinal);

    private readonly HashSet<string> _types;
    private readonly HashSet<string> _taken;

    private ClassFileNames(string? nameSpace, string name, HashSet<string> types, HashSet<string> layers) =>
        (Namespace, Name, _types, _taken) = (nameSpace, name, types, [.. types, .. layers]);

    /// <summary>The namespace, as it is written; null for the global one.</summary>
    public string? Namespace { get; }

    /// <summary>The class's own name, as it is written.</summary>
    public string Name { get; }

    /// <summary>Checks a class's full name and its layers' names.</summary>
    /// <param name="fullName">The class's name with its namespace.</param>
    /// <param name="layers">The layers' names.</param>
    /// <param name="keywords">Whether keywords are names too: those of a class that exists, where they stand behind an @.</param>
    /// <exception cref="ArgumentException">A name is not one that C# allows, or occurs twice; the message says which.</exception>
    public static ClassFileNames Check(string fullName, IEnumerable<string> layers, bool keywords = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(fullName);
        Func<string, bool> isName = keywords ? CSharpText.IsName : IsIdentifier;
        var parts = fullName.Split('.');
        foreach (var part in parts)
        {
            if (!isName(part))
            {
                throw new ArgumentException(
                    $"'{fullName}' is not a class name: '{part}' is not a C# identifier. Use a name like My.Models.Denoiser.",
                    nameof(fullName));
            }
        }

        var name = parts[^1];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var layer in layers)
        {
            if (!isName(layer))
            {
                throw new ArgumentException(
                    $"Layer '{layer}' of {fullName}: its name is not a C# identifier, which a property's has to be.", nameof(layers));
            }

            if (layer == name)
            {
                throw new ArgumentException(
                    $"Layer '{layer}' has the name of its class, which C# forbids; choose another name for the class.", nameof(layers));
            }

            if (!seen.Add(layer))
            {
                throw new ArgumentException($"Two layers of {fullName} are named '{layer}'.", nameof(layers));
            }
        }

        var nameSpace = parts.Length == 1 ? null : string.Join('.', parts[..^1].Select(CSharpText.Identifier));
        return new ClassFileNames(nameSpace, CSharpText.Identifier(name), new HashSet<string>(parts, StringComparer.Ordinal), seen);
    }

    /// <summary>Whether C# takes the text as a class's name with its namespace.</summary>
    public static bool IsFullName(string text) => text.Split('.').All(IsIdentifier);

    /// <summary>Whether C# takes the text as a name as it is.</summary>
    public static bool IsIdentifier(string text) => CSharpText.IsName(text) && !CSharpText.IsKeyword(text);

    /// <summary>
    /// A class's name after a file: words with large first letters, e.g. Model1 for
    /// <c>model_1.onnx</c>. It is none that the class, its layers or their attributes need, so that
    /// <c>gru.onnx</c> with a layer Gru becomes GruModel; the same file gives the same name each time.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="layers">The layers' names.</param>
    public static string After(string file, IEnumerable<string> layers)
    {
        var words = new string([.. Path.GetFileNameWithoutExtension(file).Select(c => char.IsLetterOrDigit(c) ? c : ' ')])
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var name = string.Concat(words.Select(w => char.ToUpperInvariant(w[0]) + w[1..]));
        name = name[..Math.Min(name.Length, LongestMade)];
        name = name.Length > 0 && char.IsLetter(name[0]) ? name : "Model" + name;
        return Free(name, "Model", layers.ToHashSet(StringComparer.Ordinal).Contains);
    }

    /// <summary>
    /// A name like the given one that neither generated code, a class file
    /// nor the caller has a use for: with an ending, then also a number.
    /// </summary>
    public static string Free(string name, string ending, Func<string, bool> isTaken)
    {
        var candidate = name;
        for (var i = 1; !IsIdentifier(candidate) || IsReserved(candidate) || isTaken(candidate); i++)
        {
            candidate = name + ending + (i == 1 ? "" : i.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        return candidate;
    }

    /// <summary>Whether a class of this name would be in the way of generated code or of types that a class file names.</summary>
    public static bool IsReserved(string name) => ReservedNames.Contains(name) || s_runtimeNames.Contains(name);

    /// <summary>
    /// A type of the runtime as an expression inside the class: in full where something of the class or its namespaces has the same name.
    /// </summary>
    public string Of(Type type) => _taken.Contains(type.Name) ? InFull(type) : type.Name;

    /// <summary>A type of the runtime as a property's type: in full where the class or one of its namespaces has the same name.</summary>
    public string OfType(Type type) => _types.Contains(type.Name) ? InFull(type) : type.Name;

    /// <summary>
    /// An attribute of the runtime without its ending; in full where the class or one of its namespaces has the same name.
    /// </summary>
    public string OfAttribute(Type type)
    {
        var name = WithoutEnding(type.Name);
        return _types.Contains(name) || _types.Contains(type.Name) ? $"global::{type.Namespace}.{name}" : name;
    }

    /// <summary>The expression for a layer's name; a text where something called nameof hides the operator.</summary>
    public string NameOf(string layer) => _taken.Contains("nameof") ? $"\"{layer}\"" : $"nameof({CSharpText.Identifier(layer)})";

    /// <summary>An attribute's name as it stands in brackets.</summary>
    public static string WithoutEnding(string attribute) =>
        attribute.EndsWith(nameof(Attribute), StringComparison.Ordinal) ? attribute[..^nameof(Attribute).Length] : attribute;

    private static string InFull(Type type) => $"global::{type.FullName}";
}
