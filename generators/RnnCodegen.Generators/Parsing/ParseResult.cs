using RnnCodegen.Generators.Diagnostics;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Parsing;

/// <summary>What was understood of a class. The two leave Parsing apart, so that a finding that moved emits no code anew.</summary>
/// <param name="Name">Full name of the class, also where an error was found.</param>
/// <param name="Model">The spec; null where an error was found.</param>
/// <param name="Diagnostics">All that was found.</param>
internal sealed record ParseResult(string Name, ModelSpec? Model, EquatableArray<DiagnosticInfo> Diagnostics)
{
    /// <summary>Of a node that declares nothing new: the second of two parts with the attribute, which the compiler refuses.</summary>
    public static readonly ParseResult Nothing = new("", null, default);
}
