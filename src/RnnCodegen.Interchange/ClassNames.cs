namespace RnnCodegen.Interchange;

/// <summary>Which names a class file can use, and which of the runtime's names it has to say in full.</summary>
internal sealed class ClassNames
{
    private static readonly HashSet<string> s_keywords = new(
        ("abstract as base bool break byte case catch char checked class const continue decimal default delegate do double else enum event explicit " +
         "extern false finally fixed float for foreach goto if implicit in int interface internal is lock long namespace new null object operator " +
         "out override params private protected public readonly record ref required return sbyte scoped sealed short sizeof stackalloc static string " +
         "struct switch this throw true try typeof uint ulong unchecked unsafe ushort using virtual void volatile while").Split(' '),
        StringComparer.Ordinal);

    private readonly HashSet<string> _taken;

    private ClassNames(string? nameSpace, string name, HashSet<string> taken) => (Namespace, Name, _taken) = (nameSpace, name, taken);

    /// <summary>The namespace; null for the global one.</summary>
    public string? Namespace { get; }

    /// <summary>The class's own name.</summary>
    public string Name { get; }

    /// <summary>Checks a class's full name and its layers' names.</summary>
    /// <exception cref="ArgumentException">A name is not one that C# allows, or occurs twice; the message says which.</exception>
    public static ClassNames Check(string fullName, IEnumerable<string> layers)
    {
        ArgumentException.ThrowIfNullOrEmpty(fullName);
        var parts = fullName.Split('.');
        foreach (var part in parts)
        {
            if (!IsIdentifier(part))
            {
                throw new ArgumentException(
                    $"'{fullName}' is not a class name: '{part}' is not a C# identifier. Use a name like My.Models.Denoiser.", nameof(fullName));
            }
        }

        var name = parts[^1];
        var taken = new HashSet<string>(parts, StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var layer in layers)
        {
            if (!IsIdentifier(layer))
            {
                throw new ArgumentException($"Layer '{layer}' of {fullName}: its name is not a C# identifier, which a property's has to be.", nameof(layers));
            }

            if (layer == name)
            {
                throw new ArgumentException($"Layer '{layer}' has the name of its class, which C# forbids; choose another name for the class.", nameof(layers));
            }

            if (!seen.Add(layer))
            {
                throw new ArgumentException($"Two layers of {fullName} are named '{layer}'.", nameof(layers));
            }
        }

        taken.UnionWith(seen);
        return new ClassNames(parts.Length == 1 ? null : fullName[..^(name.Length + 1)], name, taken);
    }

    /// <summary>Whether C# takes the text as a class's name with its namespace.</summary>
    public static bool IsFullName(string text) => text.Split('.').All(IsIdentifier);

    /// <summary>Whether C# takes the text as a name as it is.</summary>
    public static bool IsIdentifier(string text) =>
        text.Length > 0 && (text[0] == '_' || char.IsLetter(text[0])) && text.All(c => c == '_' || char.IsLetterOrDigit(c)) && !s_keywords.Contains(text);

    /// <summary>A type of the runtime as an expression inside the class: in full where something of the class or its namespaces has the same name.</summary>
    public string Of(Type type) => _taken.Contains(type.Name) ? $"global::{type.FullName}" : type.Name;
}
