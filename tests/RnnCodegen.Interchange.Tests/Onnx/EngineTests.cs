using RnnCodegen.Interchange.Onnx;
using RnnCodegen.Runtime;
using RnnCodegen.Tool.Compilation;
using Xunit;

namespace RnnCodegen.Interchange.Tests.Onnx;

/// <summary>
/// Exported models run beside what the generator makes of them: the same numbers from ONNX Runtime and from each width of ours.
/// </summary>
public sealed class EngineTests(EngineTests.Compiled compiled) : IClassFixture<EngineTests.Compiled>
{
    /// <summary>Absolute; the values are within [-10, 10], and both sides compute in float.</summary>
    private const double Tolerance = 1e-5;

    public static TheoryData<string> Names() => [.. ExampleModels.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_width_computes_what_Onnx_runtime_does(string name)
    {
        var (description, model) = compiled.Models[name];
        var file = OnnxExporter.ToBytes(description, out _);
        var signature = OnnxImporter.Read(file, "copy.onnx").Signature!;
        var isTokens = description.Model.InputSize == 0;
        foreach (var (steps, batch) in new[] { (12, 1), (11, 3) })
        {
            var input = OnnxRuntimeModel.Input(description, steps, batch);
            var expected = OnnxRuntimeModel.Run(file, signature, input);
            foreach (var width in Enum.GetValues<SimdWidth>())
            {
                var y = new float[expected.Values.Length];
                var core = model.Create(width, description.Weights);
                if (isTokens)
                {
                    core.Run(Array.ConvertAll(input.Values, v => (int)v), y, steps, batch);
                }
                else
                {
                    core.Run(Array.ConvertAll(input.Values, v => (float)v), y, steps, batch);
                }

                Assert.InRange(OnnxRuntimeModel.Difference(expected, expected with { Values = Array.ConvertAll(y, v => (double)v) }), 0,
                    Tolerance);
            }
        }
    }

    /// <summary>All models, from one compilation.</summary>
    public sealed class Compiled
    {
        public Compiled()
        {
            var models = ExampleModels.Names.Select(ExampleModels.Create).ToList();
            var built = ModelCompiler.Compile([.. models.Select((m, k) => (m, $"OnnxExamples.Model{k}"))]);
            Models = ExampleModels.Names.Zip(models.Zip(built)).ToDictionary(p => p.First, p => p.Second);
        }

        public IReadOnlyDictionary<string, (ModelDescription Description, CompiledModel Model)> Models { get; }
    }
}
