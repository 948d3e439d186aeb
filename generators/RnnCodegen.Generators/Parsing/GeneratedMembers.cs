using Microsoft.CodeAnalysis;

namespace RnnCodegen.Generators.Parsing;

/// <summary>The names the generator writes into a model class, which its author has to leave free.</summary>
internal static class GeneratedMembers
{
    private const string Sequence = "int, int, ReadOnlySpan<int>, ModelState, ModelState";
    private const string ToTape = "Tape, ReadOnlySpan<int>, ModelState, ModelState";
    private const string FromTape = "Tape, ParameterSet, bool, ModelState, ModelState";

    // Methods stand with their parameter types: overloads of the author's own are welcome.
    private static readonly Dictionary<string, string[]> s_members = new(StringComparer.Ordinal)
    {
        ["InputSize"] = [],
        ["Vocabulary"] = [],
        ["OutputSize"] = [],
        ["ParameterCount"] = [],
        ["FlopsPerStep"] = [],
        ["Parameters"] = [],
        ["CreateState"] = ["int"],
        ["CreateStream"] = [""],
        ["CreateTape"] = ["int, int"],
        ["CreateGradients"] = [""],
        ["TapeBytes"] = ["int, int"],
        ["Step"] = ["ReadOnlySpan<float>, Span<float>, ModelState", "int, Span<float>, ModelState"],
        ["Run"] = [$"ReadOnlySpan<float>, Span<float>, {Sequence}", $"ReadOnlySpan<int>, Span<float>, {Sequence}"],
        ["Forward"] = [$"ReadOnlySpan<float>, Span<float>, {ToTape}", $"ReadOnlySpan<int>, Span<float>, {ToTape}"],
        ["Backward"] = [$"ReadOnlySpan<float>, Span<float>, {FromTape}", $"ReadOnlySpan<float>, {FromTape}"],
        ["Load"] = ["string"],
        ["Save"] = ["string"],
        ["CreateRnnKernels"] = [],
        ["Vector512Kernels"] = [],
        ["Vector256Kernels"] = [],
        ["Vector128Kernels"] = [],
        ["ScalarKernels"] = [],
    };

    public static bool IsReserved(string name) => s_members.ContainsKey(name) || IsPrivate(name);

    /// <summary>Whether a member, declared or inherited, is in the way of a generated one.</summary>
    public static bool Clashes(ISymbol member) =>
        IsPrivate(member.Name) ||
        (s_members.TryGetValue(member.Name, out var signatures) &&
            (member is not IMethodSymbol method || signatures.Length == 0 || signatures.Contains(Signature(method))));

    /// <summary>Whether a constructor has the parameters of a generated one.</summary>
    public static bool ClashesAsConstructor(IMethodSymbol constructor) => Signature(constructor) is "int, Initialization" or "ModelCore";

    // Fields of the generated part carry this prefix, with a layer's name after it.
    private static bool IsPrivate(string name) =>
        name.StartsWith("_rnn", StringComparison.Ordinal) || name.StartsWith("s_rnn", StringComparison.Ordinal);

    private static string Signature(IMethodSymbol method) =>
        string.Join(", ", method.Parameters.Select(p => p.Type.ToDisplayString(s_typeFormat)));

    private static readonly SymbolDisplayFormat s_typeFormat = new(
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.UseSpecialTypes);
}
