using System.Globalization;
using RnnCodegen.Generators.Emission;

namespace System.Runtime.CompilerServices;

/// <summary>Lets netstandard2.0 compile <c>init</c> accessors and records.</summary>
internal static class IsExternalInit;

/// <summary>Options that newer frameworks have.</summary>
internal static class MethodOptions
{
    /// <summary>
    /// Compiles a loop over characters with optimization at once: a build runs it over all text, and is over before it would be compiled
    /// again.
    /// </summary>
    public const MethodImplOptions AggressiveOptimization = (MethodImplOptions)512;
}

/// <summary>Marks a type that interpolated strings are built with.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
internal sealed class InterpolatedStringHandlerAttribute : Attribute;

/// <summary>
/// Builds interpolated strings as newer frameworks do: without a format to parse, a boxed number or a culture.
/// </summary>
[InterpolatedStringHandler]
internal readonly ref struct DefaultInterpolatedStringHandler
{
    /// <param name="literals">Characters outside of holes.</param>
    /// <param name="holes">Number of holes.</param>
    public DefaultInterpolatedStringHandler(int literals, int holes) => Text = TextBuffer.Rent();

    /// <summary>The text so far.</summary>
    public TextBuffer Text { get; }

    [MethodImpl(MethodOptions.AggressiveOptimization)]
    public void AppendLiteral(string text) => Text.Append(text);

    [MethodImpl(MethodOptions.AggressiveOptimization)]
    public void AppendFormatted(string? text) => Text.Append(text ?? "");

    [MethodImpl(MethodOptions.AggressiveOptimization)]
    public void AppendFormatted(int number) => Text.Append(number);

    public void AppendFormatted<T>(T value) =>
        Text.Append((value is IFormattable f ? f.ToString(null, CultureInfo.InvariantCulture) : value?.ToString()) ?? "");

    public string ToStringAndClear()
    {
        var text = Text.ToString();
        Text.Return();
        return text;
    }
}
