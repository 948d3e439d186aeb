using System.Globalization;
using System.Reflection;

namespace RnnCodegen.Interchange;

/// <summary>How C# spells an attribute that has the properties of a given one.</summary>
internal static class AttributeText
{
    /// <summary>The attribute's name in brackets, without its ending: Lstm, RnnModel.</summary>
    public static string Name(Attribute attribute) => ClassFileNames.WithoutEnding(attribute.GetType().Name);

    /// <summary>The attribute as it stands in brackets, with the options that are not what they are anyway.</summary>
    public static string Of(Attribute attribute, ClassFileNames names)
    {
        var arguments = ConstructorValues(attribute).SelectMany(v => Spell(v, names)).ToList();
        arguments.AddRange(Options(attribute).Select(o => $"{o.Property.Name} = {Spell(o.Value, names).Single()}"));
        var name = names.OfAttribute(attribute.GetType());
        return arguments.Count == 0 ? name : $"{name}({string.Join(", ", arguments)})";
    }

    /// <summary>The attribute as it stands in brackets in a class whose names hide nothing.</summary>
    public static string Plain(Attribute attribute) => Of(attribute, ClassFileNames.Check("C", []));

    /// <summary>The attribute's name and sizes, for a person: <c>Lstm 64</c>.</summary>
    public static string Short(Attribute attribute) => string.Join(" ", ConstructorValues(attribute)
        .Where(v => v is not IEnumerable<string>)
        .Select(v => Convert.ToString(v, CultureInfo.InvariantCulture))
        .Prepend(Name(attribute)));

    /// <summary>The names of the layers that a layer says it reads.</summary>
    public static IEnumerable<string> Sources(LayerAttribute attribute) => attribute is ChainedLayerAttribute chained
        ? chained.From is null ? [] : [chained.From]
        : ConstructorValues(attribute).OfType<IEnumerable<string>>().SelectMany(names => names);

    /// <summary>The options that differ from a new attribute's, in order, those of base classes first.</summary>
    public static IEnumerable<(PropertyInfo Property, object Value)> Options(Attribute attribute)
    {
        // Options are set one by one on the other attribute too: the default of one may be the value of one before it.
        var other = Create(attribute);
        foreach (var property in Properties(attribute.GetType()).Where(p => p.SetMethod is { IsPublic: true }))
        {
            var value = property.GetValue(attribute);
            if (value is not null && !value.Equals(property.GetValue(other)))
            {
                property.SetValue(other, value);
                yield return (property, value);
            }
        }
    }

    /// <summary>An attribute with the same options but one, which gets another value where the attribute has it.</summary>
    public static T With<T>(T attribute, string option, object value)
        where T : Attribute
    {
        var copy = Create(attribute);
        foreach (var (property, old) in Options(attribute))
        {
            property.SetValue(copy, old);
        }

        copy.GetType().GetProperty(option)?.SetValue(copy, value);
        return (T)copy;
    }

    /// <summary>An attribute with the same options that reads layers of other names.</summary>
    public static LayerAttribute WithSources(LayerAttribute attribute, Func<string, string> rename)
    {
        var arguments = ConstructorValues(attribute).Select(v => v is IEnumerable<string> list ? list.Select(rename).ToArray() : v);
        var copy = (LayerAttribute)Constructor(attribute).Invoke([.. arguments]);
        foreach (var (property, value) in Options(attribute))
        {
            property.SetValue(copy, value is string source ? rename(source) : value);
        }

        return copy;
    }

    private static IEnumerable<PropertyInfo> Properties(Type type)
    {
        const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly;
        var inherited = type.BaseType is { } parent && parent != typeof(Attribute) ? Properties(parent) : [];
        return inherited.Concat(type.GetProperties(Declared).OrderBy(p => p.MetadataToken));
    }

    private static Attribute Create(Attribute attribute) =>
        (Attribute)Constructor(attribute).Invoke(
            [.. ConstructorValues(attribute).Select(v => v is IEnumerable<string> list ? list.ToArray() : v)]);

    private static ConstructorInfo Constructor(Attribute attribute) => attribute.GetType().GetConstructors().Single();

    private static IEnumerable<object> ConstructorValues(Attribute attribute)
    {
        foreach (var parameter in Constructor(attribute).GetParameters())
        {
            var property = Properties(attribute.GetType()).FirstOrDefault(
                p => string.Equals(p.Name, parameter.Name, StringComparison.OrdinalIgnoreCase));
            if (property?.GetValue(attribute) is not { } value)
            {
                throw new ArgumentException(
                    $"{attribute.GetType().Name} has no property that tells its constructor's '{parameter.Name}'.", nameof(attribute));
            }

            yield return value;
        }
    }

    /// <summary>A value as C# spells it; several, one an argument, for a list of names.</summary>
    private static IEnumerable<string> Spell(object value, ClassFileNames names) => value switch
    {
        IEnumerable<string> list when value is not string => list.Select(n => SpellName(n, names)),
        string name => [SpellName(name, names)],
        bool flag => [flag ? "true" : "false"],
        int number => [number.ToString(CultureInfo.InvariantCulture)],
        float number => [SpellFloat(number)],
        Enum member when Enum.IsDefined(member.GetType(), member) => [$"{names.Of(member.GetType())}.{member}"],
        _ => throw new ArgumentException($"A class file cannot say the value {value} of type {value.GetType().Name}.", nameof(value)),
    };

    private static string SpellName(string layer, ClassFileNames names) =>
        layer == RnnModelAttribute.Input ? $"{names.Of(typeof(RnnModelAttribute))}.{nameof(RnnModelAttribute.Input)}" : names.NameOf(layer);

    private static string SpellFloat(float number) =>
        float.IsNaN(number) ? "float.NaN"
        : float.IsInfinity(number) ? number > 0 ? "float.PositiveInfinity" : "float.NegativeInfinity"
        : number.ToString("R", CultureInfo.InvariantCulture) + "f";
}
