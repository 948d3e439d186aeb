namespace RnnCodegen.Generators.Tests.Planning;

/// <summary>A function that several walks along a row need is computed in the first of them and read back in the others.</summary>
public class HeldValueTests
{
    private const string Norm = "[LayerNorm] internal partial LayerNormLayer B { get; }";

    [Theory]
    [InlineData("ExpOfNegative", "Output = OutputTransform.Softmax", "[Dense(5)] internal partial DenseLayer A { get; }")]
    [InlineData(
        "Gelu", "",
        "[Dense(5, Activation = Activation.Gelu)] internal partial DenseLayer A { get; } " + Norm)]
    [InlineData(
        "Softplus", "",
        "[Activation(Activation.Softplus)] internal partial ActivationLayer A { get; } " + Norm)]
    public void It_is_called_once_a_method(string function, string output, string layers)
    {
        var arguments = output.Length > 0 ? $"InputSize = 5, {output}" : "InputSize = 5";
        var (files, _) = Generation.Run(
            $"[RnnModel({arguments})] internal partial class M {{ {layers} }}", new BuildProperties(("_RnnTargets", "Scalar")));

        var calls = files["RnnKernels.Scalar.g.cs"].Split("internal static").Select(m => m.Split($"VectorMath.{function}(").Length - 1);
        Assert.Equal(1, calls.Max());
    }
}
