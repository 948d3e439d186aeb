using System.Text.Json;
using RnnCodegen.Numerics.Tests.Conformance;
using Xunit;

namespace RnnCodegen.Interchange.Tests.Keras;

/// <summary>The layers of Keras' own tests can be said here, but for those of two outputs.</summary>
public class KerasCaseTests
{
    private const string Cases = "keras-rnn-cases/keras_cases.json";

    [DataTheory(Cases)]
    [InlineData(62, 2)]
    public void All_cases_but_those_of_two_outputs_are_models(int expected, int refused)
    {
        using var cases = JsonDocument.Parse(File.ReadAllBytes(SharedData.Find(Cases)!));
        Assert.Equal(expected, cases.RootElement.GetArrayLength());
        foreach (var item in cases.RootElement.EnumerateArray())
        {
            var layer = item.GetProperty("layer");
            var inputs = item.GetProperty("calls")[0].GetProperty("inputs")[0].GetProperty("shape")[2].GetInt32();
            if (layer.TryGetProperty("merge_mode", out var mode) && mode.ValueKind == JsonValueKind.Null)
            {
                refused--;
                Assert.Contains("merge_mode None", Assert.Throws<InvalidDataException>(() => KerasCase.Build(layer, inputs)).Message);
                continue;
            }

            var model = KerasCase.Build(layer, inputs);
            Assert.Equal(inputs, model.Model.InputSize);
            Assert.Contains(model.Layers, l => l.Options is RecurrentAttribute);
            Assert.Equal(layer.TryGetProperty("go_backwards", out var back) && back.GetBoolean(),
                model.Layers[0].Options is RecurrentAttribute { Reverse: true });
        }

        Assert.Equal(0, refused);
    }
}
