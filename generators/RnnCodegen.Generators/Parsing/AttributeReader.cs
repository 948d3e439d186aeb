using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using RnnCodegen.Generators.Diagnostics;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Parsing;

/// <summary>
/// Reads one attribute's arguments, checks each, and knows where it stands. An argument the compiler itself refuses
/// makes the attribute malformed; the compiler has reported it then, and nothing more is said.
/// </summary>
internal sealed class AttributeReader
{
    private readonly AttributeData _data;
    private readonly AttributeSyntax _syntax;
    private readonly DiagnosticBag _diagnostics;

    /// <param name="data">The attribute as the compiler evaluated it.</param>
    /// <param name="syntax">The attribute as written.</param>
    /// <param name="owner">The layer or model it is on, for messages.</param>
    /// <param name="diagnostics">Receives what is wrong.</param>
    public AttributeReader(AttributeData data, AttributeSyntax syntax, string owner, DiagnosticBag diagnostics)
    {
        _data = data;
        _syntax = syntax;
        _diagnostics = diagnostics;
        Owner = owner;
        IsMalformed = data.AttributeConstructor is null || data.ConstructorArguments.Any(IsError)
            || data.NamedArguments.Any(a => IsError(a.Value));
    }

    public string Owner { get; }

    /// <summary>Whether the compiler refuses the attribute, so that what was read is not what its author meant.</summary>
    public bool IsMalformed { get; }

    /// <summary>The attribute's name as written.</summary>
    public LocationInfo Name => LocationInfo.Of(_syntax.Name);

    public bool Has(string argument) => Find(argument) is not null;

    /// <summary>An integer within bounds, or a report and the nearest bound.</summary>
    public int Size(string argument, int otherwise, int min, int max)
    {
        var value = Value(argument, otherwise);
        if (value >= min && value <= max)
        {
            return value;
        }

        if (!IsMalformed)
        {
            _diagnostics.Report(LayerRules.Size, At(argument), argument, Owner, Text(value), Text(min), Text(max));
        }

        return value < min ? min : max;
    }

    /// <summary>A number in [0, 1), or a report and 0.</summary>
    public float Probability(string argument)
    {
        var value = Value(argument, 0f);
        if (value is >= 0 and < 1)
        {
            return value;
        }

        _diagnostics.Report(LayerRules.Probability, At(argument), Owner, Text(value));
        return 0;
    }

    /// <summary>A positive finite number, or a report and the default.</summary>
    public float Epsilon(string argument, float otherwise)
    {
        var value = Value(argument, otherwise);
        if (value > 0 && !float.IsInfinity(value))
        {
            return value;
        }

        _diagnostics.Report(LayerRules.Epsilon, At(argument), argument, Owner, Text(value));
        return otherwise;
    }

    /// <summary>A bound, 0 for none, or a report and 0.</summary>
    public float Bound(string argument)
    {
        var value = Value(argument, 0f);
        if (value >= 0 && !float.IsInfinity(value))
        {
            return value;
        }

        _diagnostics.Report(LayerRules.Bound, At(argument), argument, Owner, Text(value));
        return 0;
    }

    /// <summary>The alpha of activations: a positive finite number, NaN where it is not given, or a report and NaN.</summary>
    /// <param name="argument">The argument.</param>
    /// <param name="kinds">The activations it is for.</param>
    public float Alpha(string argument, params ActivationKind[] kinds)
    {
        var value = Value(argument, float.NaN);
        if (float.IsNaN(value))
        {
            return value;
        }

        var isUsed = kinds.Any(k => ((ActivationSpec)k).HasAlpha);
        if (isUsed && value > 0 && !float.IsInfinity(value))
        {
            return value;
        }

        _diagnostics.Report(
            LayerRules.Alpha, At(argument), argument, Owner, Text(value),
            isUsed ? "give a positive number, or none for the activation's own"
                : $"remove it, as it is of {nameof(ActivationKind.LeakyRelu)} and {nameof(ActivationKind.Elu)}, not " +
                    $"of {string.Join(" or ", kinds.Distinct())}");
        return float.NaN;
    }

    /// <summary>A defined member of one of the runtime's enums, or a report and the default.</summary>
    public T Member<T>(string argument, T otherwise)
        where T : struct, Enum
    {
        var value = (T)Enum.ToObject(typeof(T), Value(argument, Convert.ToInt32(otherwise, CultureInfo.InvariantCulture)));
        if (Enum.IsDefined(typeof(T), value))
        {
            return value;
        }

        var names = string.Join(", ", Enum.GetNames(typeof(T)));
        _diagnostics.Report(LayerRules.UndefinedEnumValue, At(argument), argument, Owner, value.ToString(), typeof(T).Name, names);
        return otherwise;
    }

    /// <summary>A weight format; the model's where the layer does not give one.</summary>
    public WeightFormatKind WeightFormat(WeightFormatKind otherwise) => Member("WeightFormat", otherwise);

    public bool Flag(string argument, bool otherwise) => Value(argument, otherwise);

    /// <summary>A text; null where it is not given.</summary>
    public string? NameOf(string argument) => Value<string?>(argument, null);

    /// <summary>The texts of a <c>params</c> argument, which is the attribute's only one, with the place of each.</summary>
    public IReadOnlyList<(string? Text, LocationInfo Location)> Names()
    {
        var argument = _data.ConstructorArguments.FirstOrDefault();
        if (argument.Kind != TypedConstantKind.Array || argument.IsNull)
        {
            return [];
        }

        var places = ElementPlaces();
        return [.. argument.Values.Select((v, i) => (v.Value as string, i < places.Count ? places[i] : Name))];
    }

    /// <summary>The argument as written; the attribute's name where it is not given.</summary>
    public LocationInfo At(string argument)
    {
        var arguments = _syntax.ArgumentList?.Arguments ?? default;
        var written = arguments.FirstOrDefault(a => a.NameEquals?.Name.Identifier.ValueText == argument)
            ?? arguments.FirstOrDefault(a => IsSame(a.NameColon?.Name.Identifier.ValueText, argument));
        var position = ParameterIndex(argument);
        if (written is null && position >= 0 && position < arguments.Count
            && arguments[position] is { NameColon: null, NameEquals: null } positional)
        {
            written = positional;
        }

        return written is null ? Name : LocationInfo.Of(written);
    }

    public static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    public static string Text(float value) => value.ToString(CultureInfo.InvariantCulture);

    private static bool IsError(TypedConstant constant) => constant.Kind == TypedConstantKind.Error;

    private static bool IsSame(string? parameter, string argument) =>
        string.Equals(parameter, argument, StringComparison.OrdinalIgnoreCase);

    private T Value<T>(string argument, T otherwise) =>
        Find(argument) is { } found && found.Kind != TypedConstantKind.Array && found.Value is T value ? value : otherwise;

    private TypedConstant? Find(string argument)
    {
        foreach (var named in _data.NamedArguments)
        {
            if (named.Key == argument)
            {
                return named.Value;
            }
        }

        var position = ParameterIndex(argument);
        return position >= 0 && position < _data.ConstructorArguments.Length ? _data.ConstructorArguments[position] : null;
    }

    private int ParameterIndex(string argument) =>
        _data.AttributeConstructor?.Parameters.Select(p => p.Name).ToList().FindIndex(p => IsSame(p, argument)) ?? -1;

    private IReadOnlyList<LocationInfo> ElementPlaces()
    {
        var arguments = _syntax.ArgumentList?.Arguments ?? default;
        if (arguments.Count != 1)
        {
            return [.. arguments.Select(LocationInfo.Of)];
        }

        return arguments[0].Expression switch
        {
            ArrayCreationExpressionSyntax { Initializer: { } list } => [.. list.Expressions.Select(LocationInfo.Of)],
            ImplicitArrayCreationExpressionSyntax array => [.. array.Initializer.Expressions.Select(LocationInfo.Of)],
            CollectionExpressionSyntax list => [.. list.Elements.Select(LocationInfo.Of)],
            _ => [LocationInfo.Of(arguments[0])],
        };
    }
}
