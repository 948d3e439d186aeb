using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace RnnCodegen.Generators.Tests.Robustness;

/// <summary>A model builds under whatever options a project has.</summary>
public class OptionTests
{
    private const string Model = "namespace N; /// <summary>A.</summary>\n[RnnModel(InputSize = 4)] public partial class M { /// " +
        "<summary>A.</summary>\n[Lstm(5)] public partial LstmLayer A { get; } /// <summary>B.</summary>\n[Dense(3)] public partial " +
        "DenseLayer B { get; } }";

    [Theory]
    [InlineData(NullableContextOptions.Disable)]
    [InlineData(NullableContextOptions.Enable)]
    [InlineData(NullableContextOptions.Warnings)]
    public void Any_nullable_context(NullableContextOptions nullable) =>
        Project.RequireClean(Model, c => Project.Harden(c.WithOptions(c.Options.WithNullableContextOptions(nullable))));

    [Fact]
    public void An_obsolete_model() => Project.RequireClean(
        Model.Replace("[RnnModel", "[Obsolete(\"Use N.\", true)] [RnnModel", StringComparison.Ordinal), Project.Harden);

    [Fact]
    public void Strict_features() => Project.RequireClean(Model, c => Project.Harden(c.ReplaceSyntaxTree(
        c.SyntaxTrees[0], c.SyntaxTrees[0].WithRootAndOptions(c.SyntaxTrees[0].GetRoot(),
            ((CSharpParseOptions)c.SyntaxTrees[0].Options).WithFeatures([KeyValuePair.Create("strict", "true")])))));

    /// <summary>A model's members have types that are not for every language, so in a library for them its author says so.</summary>
    [Fact]
    public void A_library_for_other_languages() => Project.RequireClean(Model.Replace("[RnnModel", "[CLSCompliant(false)] [RnnModel",
        StringComparison.Ordinal), Project.Harden, "[assembly: System.CLSCompliant(true)]");

    /// <summary>What an .editorconfig can do: every finding of the compiler's that is hidden or off by default is an error.</summary>
    [Theory]
    [InlineData("CS8019")]
    [InlineData("CS8020")]
    [InlineData("CS8933")]
    [InlineData("CS1591")]
    [InlineData("CS1573")]
    [InlineData("CS0649")]
    [InlineData("CS8321")]
    [InlineData("CS8618")]
    public void Any_severity(string id)
    {
        var result = Project.Build(Model,
            c => c.WithOptions(
                c.Options.WithSpecificDiagnosticOptions(new Dictionary<string, ReportDiagnostic> { [id] = ReportDiagnostic.Error })));
        Assert.Empty(result.Findings);
        Assert.DoesNotContain(result.Compiled, d => d.Location.SourceTree!.FilePath.EndsWith(".g.cs", StringComparison.Ordinal));
    }

    /// <summary>Arithmetic on pointers that checks for overflow takes training 1.6 times as long.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Kernels_never_check_for_overflow(bool isChecked)
    {
        var result = Project.RequireClean(Model, c => c.WithOptions(c.Options.WithOverflowChecks(isChecked)));
        using var assembly = new MemoryStream();
        Assert.True(result.Output.Emit(assembly).Success);
        assembly.Position = 0;
        using var file = new PEReader(assembly);
        var metadata = file.GetMetadataReader();
        var methods = metadata.MethodDefinitions.Select(metadata.GetMethodDefinition).Where(m => m.RelativeVirtualAddress != 0).ToList();
        Assert.True(methods.Count > 100);

        Assert.Equal(0, methods.Sum(m => Overflows(file.GetMethodBody(m.RelativeVirtualAddress).GetILBytes()!)));
    }

    private static int Overflows(byte[] code)
    {
        var count = 0;
        for (var at = 0; at < code.Length;)
        {
            var value = code[at] == 0xFE ? unchecked((short)(0xFE00 | code[at + 1])) : code[at];
            var op = s_ops[value];
            count += op.Name!.Contains(".ovf", StringComparison.Ordinal) ? 1 : 0;
            at += op.Size + (op.OperandType switch
            {
                System.Reflection.Emit.OperandType.InlineNone => 0,
                System.Reflection.Emit.OperandType.ShortInlineBrTarget or System.Reflection.Emit.OperandType.ShortInlineI
                    or System.Reflection.Emit.OperandType.ShortInlineVar => 1,
                System.Reflection.Emit.OperandType.InlineVar => 2,
                System.Reflection.Emit.OperandType.InlineI8 or System.Reflection.Emit.OperandType.InlineR => 8,
                System.Reflection.Emit.OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at + 1)),
                _ => 4,
            });
        }

        return count;
    }

    private static readonly Dictionary<short, System.Reflection.Emit.OpCode> s_ops = typeof(System.Reflection.Emit.OpCodes).GetFields()
        .Select(f => (System.Reflection.Emit.OpCode)f.GetValue(null)!).ToDictionary(o => o.Value);
}
