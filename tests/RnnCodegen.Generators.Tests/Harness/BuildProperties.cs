using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace RnnCodegen.Generators.Tests;

/// <summary>MSBuild properties as the compiler shows them.</summary>
internal sealed class BuildProperties(params IEnumerable<(string Name, string Value)> properties) : AnalyzerConfigOptionsProvider
{
    public override AnalyzerConfigOptions GlobalOptions { get; } =
        new Values(properties.ToImmutableDictionary(p => "build_property." + p.Name, p => p.Value, AnalyzerConfigOptions.KeyComparer));

    /// <summary>Properties from "Name=value,Name=value".</summary>
    public static BuildProperties Parse(string properties) =>
        new(properties.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=')).Select(p => (p[0], p[1])));

    public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => GlobalOptions;

    public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => GlobalOptions;

    private sealed class Values(ImmutableDictionary<string, string> values) : AnalyzerConfigOptions
    {
        public override bool TryGetValue(string key, [NotNullWhen(true)] out string? value) => values.TryGetValue(key, out value);
    }
}
