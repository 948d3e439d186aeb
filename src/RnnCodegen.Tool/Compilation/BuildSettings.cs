using System.Diagnostics.CodeAnalysis;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using RnnCodegen.Runtime;

namespace RnnCodegen.Tool.Compilation;

/// <summary>What the generator is told as by a project's properties: the bodies that are wanted.</summary>
internal sealed class BuildSettings(IReadOnlyCollection<SimdWidth> widths) : AnalyzerConfigOptionsProvider
{
    public override AnalyzerConfigOptions GlobalOptions { get; } = new Properties(string.Join(',', widths));

    public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => GlobalOptions;

    public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => GlobalOptions;

    private sealed class Properties(string targets) : AnalyzerConfigOptions
    {
        public override bool TryGetValue(string key, [NotNullWhen(true)] out string? value)
        {
            value = key == "build_property._RnnTargets" ? targets : null;
            return value is not null;
        }
    }
}
