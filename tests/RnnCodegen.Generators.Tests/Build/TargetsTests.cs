using RnnCodegen.Generators.Planning;

namespace RnnCodegen.Generators.Tests.Build;

/// <summary>Which bodies are generated, by the project's RnnTargets.</summary>
public class TargetsTests
{
    private const string Source = "[RnnModel(InputSize = 3)] internal partial class M { [Gru(5)] internal partial GruLayer A { get; } }";

    [Theory]
    [InlineData("", "Vector512 Vector256 Vector128 Scalar")]
    [InlineData(",", "Vector512 Vector256 Vector128 Scalar")]
    [InlineData("scalar,VECTOR256", "Vector256 Scalar")]
    [InlineData(" Vector128 , Vector128 ", "Vector128")]
    [InlineData("Scalar", "Scalar")]
    [InlineData("Avx2", "Vector512 Vector256 Vector128 Scalar")]
    public void Only_the_bodies_that_are_wanted_are_written(string targets, string expected)
    {
        var (files, compilation) = Generation.Run(Source, new BuildProperties(("_RnnTargets", targets)));

        Assert.Equal(
            expected.Split(' ').SelectMany(name => new[] { $"M.Backward.{name}", $"M.Forward.{name}", $"RnnKernels.{name}" })
                .Select(name => $"{name}.g.cs").Order(),
            files.Keys.Except(["M.Card.g.cs", "M.Definition.g.cs"]).Order());
        var bits = 32 * Machine.All.First(t => expected.StartsWith(t.Name, StringComparison.Ordinal)).Lanes;
        Assert.Contains($" {bits} bits: ", files["M.Card.g.cs"], StringComparison.Ordinal);
        Assert.Empty(compilation.GetDiagnostics().Where(d => d.Severity != Microsoft.CodeAnalysis.DiagnosticSeverity.Hidden));
    }

    [Theory]
    [InlineData("Vector256,Scalar", false, "The build has bodies for Vector256, Scalar only: add others to RnnTargets.")]
    [InlineData("Vector256", true, "The build has bodies for Vector256 only: add others to RnnTargets.")]
    public void A_machine_without_any_of_them_is_told_what_to_add(string targets, bool throws, string others)
    {
        var (files, _) = Generation.Run(Source, new BuildProperties(("_RnnTargets", targets)));

        var definition = files["M.Definition.g.cs"];
        Assert.Contains(others, definition, StringComparison.Ordinal);
        Assert.Equal(throws, definition.Contains(
            "Vector256.IsHardwareAccelerated ? new Vector256Kernels() :\n        throw new " +
            "global::System.PlatformNotSupportedException(\"The build has bodies for Vector256 only, and this machine has no such " +
            "vectors: add Scalar to RnnTargets.\");", StringComparison.Ordinal));
    }
}
