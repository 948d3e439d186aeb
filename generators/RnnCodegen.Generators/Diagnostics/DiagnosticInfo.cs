using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Diagnostics;

/// <summary>A finding as values: what crosses Roslyn's pipeline instead of a <see cref="Diagnostic"/>.</summary>
/// <param name="Rule">The rule broken.</param>
/// <param name="Location">The place at fault; null where the fault is in the project file.</param>
/// <param name="Arguments">What the rule's message names, already as text.</param>
/// <param name="Cure">What a code fix has to write; null where the rule alone says it.</param>
internal sealed record DiagnosticInfo(
    DiagnosticDescriptor Rule, LocationInfo? Location, EquatableArray<string> Arguments, string? Cure = null)
{
    /// <summary>Key of <see cref="Cure"/> among the diagnostic's properties.</summary>
    public const string CureKey = "Cure";

    public Diagnostic In(Compilation compilation) => At(Location?.In(compilation) ?? Microsoft.CodeAnalysis.Location.None);

    /// <summary>The finding at a place that is in none of a compilation's trees, or in one that is not at hand.</summary>
    public Diagnostic InOtherFile() => At(Location?.InOtherFile() ?? Microsoft.CodeAnalysis.Location.None);

    private Diagnostic At(Location place) => Diagnostic.Create(
        Rule,
        place,
        Cure is null ? null : ImmutableDictionary<string, string?>.Empty.Add(CureKey, Cure),
        [.. Arguments]);
}

/// <summary>Collects what is found in one model, so that all of its errors are reported at once.</summary>
internal sealed class DiagnosticBag
{
    private readonly List<DiagnosticInfo> _items = [];

    public int Errors => _items.Count(d => d.Rule.DefaultSeverity == DiagnosticSeverity.Error);

    public void Report(DiagnosticDescriptor rule, LocationInfo location, params string[] arguments) =>
        ReportWithCure(rule, location, null, arguments);

    public void ReportWithCure(DiagnosticDescriptor rule, LocationInfo location, string? cure, params string[] arguments) =>
        _items.Add(new DiagnosticInfo(rule, location, arguments.ToEquatableArray(), cure));

    public EquatableArray<DiagnosticInfo> ToEquatableArray() => _items.Distinct().ToEquatableArray();
}
