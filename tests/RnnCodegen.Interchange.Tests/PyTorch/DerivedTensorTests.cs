using Xunit;
using static RnnCodegen.Interchange.Tests.PyTorch.PyTorchImporterTests;

namespace RnnCodegen.Interchange.Tests.PyTorch;

/// <summary>
/// Tensors that PyTorch computes from others: computed here, or refused with the cure, whatever part of a file is imported.
/// </summary>
public class DerivedTensorTests
{
    private const string New0 = "parametrizations.{0}.original0", New1 = "parametrizations.{0}.original1";

    [Theory]
    [InlineData("fc", "weight", "{0}_g", "{0}_v", new[] { 3, 4 }, 0)]
    [InlineData("fc", "weight", New0, New1, new[] { 3, 4 }, 0)]
    [InlineData("fc", "weight", New0, New1, new[] { 3, 4 }, 1)]
    [InlineData("fc", "weight", "{0}_g", "{0}_v", new[] { 3, 4 }, -1)]
    [InlineData("fc", "weight", "{0}_g", "{0}_v", new[] { 1, 4 }, 0)]
    [InlineData("conv", "weight", "{0}_g", "{0}_v", new[] { 3, 4, 5 }, 0)]
    [InlineData("conv", "weight", New0, New1, new[] { 3, 4, 5 }, 2)]
    [InlineData("lstm", "weight_hh_l0", "{0}_g", "{0}_v", new[] { 12, 3 }, 0)]
    [InlineData("lstm", "weight_ih_l0", New0, New1, new[] { 12, 7 }, 0)]
    public void Weight_normalisation_is_computed(string module, string name, string scaleName, string directionName, int[] shape, int dim)
    {
        var random = new Random(7);
        var v = Enumerable.Range(0, shape.Aggregate((a, b) => a * b)).Select(_ => (float)((random.NextDouble() * 2) - 1)).ToArray();
        int[] scaleShape = dim < 0 ? [] : [.. shape.Select((size, axis) => axis == dim ? size : 1)];
        var g = Enumerable.Range(0, dim < 0 ? 1 : shape[dim]).Select(k => 1.5f - k).ToArray();
        SafeTensor[] others = module switch
        {
            "lstm" => [.. Recurrent("lstm", 4, 7, 3, 1, 1).Where(t => t.Name != $"lstm.{name}")],
            _ => Tensors(($"{module}.bias", [shape[0]])),
        };
        var model = PyTorchImporter.Import(
            "test", [.. others, new($"{module}.{string.Format(null, scaleName, name)}", scaleShape, g),
                new($"{module}.{string.Format(null, directionName, name)}", shape, v)]);
        var layer = Assert.Single(model.Layers);
        var actual = model.Weights[$"{layer.Name}.{name}"];
        Assert.Equal(shape, actual.Shape);

        // g v / |v|, by the definition: the norm over all axes but one.
        int Index(int place) => dim < 0 ? 0 : place / shape[(dim + 1)..].Aggregate(1, (a, b) => a * b) % shape[dim];
        for (var k = 0; k < v.Length; k++)
        {
            var norm = Math.Sqrt(Enumerable.Range(0, v.Length).Where(j => Index(j) == Index(k)).Sum(j => (double)v[j] * v[j]));
            Assert.Equal(g[Index(k)] * v[k] / norm, actual.Values[k], 1e-7 * Math.Abs(g[Index(k)]));
        }

        Assert.Contains(model.Notes,
            n => n.StartsWith($"'{module}.{name}' is computed by its weight normalisation", StringComparison.Ordinal));
    }

    [Fact]
    public void A_stale_copy_beside_a_weight_normalisation_is_not_read()
    {
        var model = PyTorchImporter.Import("test", [
            new("fc.weight", [1, 2], new float[] { 9, 9 }), new("fc.bias", [1], new float[1]),
            new("fc.weight_g", [1, 1], new float[] { 10 }), new("fc.weight_v", [1, 2], new float[] { 3, 4 })]);
        Assert.Equal([6f, 8], model.Weights["Fc.weight"].Values);
    }

    [Theory]
    [InlineData("enc.lstm.module")]
    [InlineData("enc.lstm")]
    [InlineData("")]
    public void A_weight_drop_is_undone_whatever_the_part(string part)
    {
        var inside = Recurrent("enc.lstm.module", 4, 3, 4, 1, 1);
        var raw = new SafeTensor("enc.lstm.weight_hh_l0_raw", [16, 4], Enumerable.Range(0, 64).Select(k => k / 64f).ToArray());
        var model = PyTorchImporter.Import("test", [raw, .. inside], part);
        Assert.Equal(raw.ToFloats(),
            Assert.Single(model.Weights, w => w.Key.EndsWith("weight_hh_l0", StringComparison.Ordinal)).Value.Values);
        Assert.Contains(model.Notes,
            n => n.Contains("'enc.lstm.module.weight_hh_l0' is 'enc.lstm.weight_hh_l0_raw'", StringComparison.Ordinal));

        // Without the stale copy, and in the module itself.
        SafeTensor[] alone = [.. inside.Where(t => !t.Name.EndsWith("weight_hh_l0", StringComparison.Ordinal)),
            new("enc.lstm.module.weight_hh_l0_raw", [16, 4], raw.ToFloats())];
        Assert.Contains(PyTorchImporter.Import("test", alone, part).Weights, w => w.Value.Values.SequenceEqual(raw.ToFloats()));
    }

    [Theory]
    [InlineData("is pruned: it is computed from 'fc.weight_orig' and 'fc.weight_mask'",
        "torch.nn.utils.prune.remove(module, 'weight'), and save again", "weight_orig", "weight_mask")]
    [InlineData("has a spectral norm", "torch.nn.utils.remove_spectral_norm(module, 'weight'), and save again", "weight_orig", "weight_u",
        "weight_v")]
    [InlineData("has a spectral norm", "remove_spectral_norm", "weight", "weight_orig", "weight_u")]
    [InlineData("is computed by a hook from 'fc.weight_orig'", "Remove the hook", "weight_orig")]
    [InlineData("has a spectral norm", "parametrize.remove_parametrizations(module, 'weight'), and save again",
        "parametrizations.weight.original", "parametrizations.weight.0._u", "parametrizations.weight.0._v")]
    [InlineData("has a parametrization that the file does not name", "remove_parametrizations(module, 'weight')",
        "parametrizations.weight.original", "parametrizations.weight.0.base")]
    [InlineData("has a parametrization that the file does not name", "remove_parametrizations(module, 'weight')",
        "parametrizations.weight.original0", "parametrizations.weight.original1", "parametrizations.weight.0.x")]
    public void Others_are_refused_with_their_cure(string what, string cure, params string[] names)
    {
        SafeTensor[] tensors = [.. Tensors(("fc.bias", [4])),
            .. names.SelectMany(n => Tensors(($"fc.{n}", n.EndsWith("_u", StringComparison.Ordinal) ? [4] : [4, 4])))];
        foreach (var part in new[] { "", "fc" })
        {
            var message = Assert.Throws<InvalidDataException>(() => PyTorchImporter.Import("test", tensors, part)).Message;
            Assert.StartsWith($"'test': the tensor 'fc.weight' {what}", message, StringComparison.Ordinal);
            Assert.Contains(cure, message, StringComparison.Ordinal);
        }

        // A part without it is not refused.
        Assert.Single(PyTorchImporter.Import("test", [.. tensors, .. Tensors(("out.weight", [2, 4]), ("out.bias", [2]))], "out").Layers);
    }

    [Fact]
    public void A_weight_normalisation_that_cannot_be_is_refused()
    {
        string Refusal(SafeTensor g,
            SafeTensor v) => Assert.Throws<InvalidDataException>(() => PyTorchImporter.Import("test", [g, v])).Message;
        Assert.Contains("does not fit 'fc.weight_v' F32 [3, 4]",
            Refusal(new("fc.weight_g", [2, 1], new float[2]), Tensors(("fc.weight_v", [3, 4]))[0]), StringComparison.Ordinal);
        Assert.Contains("does not fit", Refusal(new("fc.weight_g", [1, 1], new float[1]), Tensors(("fc.weight_v", [3, 4]))[0]),
            StringComparison.Ordinal);
        Assert.Contains("row 1 of 'fc.weight_v' has no direction",
            Refusal(new("fc.weight_g", [2, 1], new float[2]), new("fc.weight_v", [2, 2], new float[] { 1, 1, 0, 0 })),
            StringComparison.Ordinal);
        Assert.Contains("tensor 'fc.weight_g' [3, 1] is not understood",
            Refusal(Tensors(("fc.weight_g", [3, 1]))[0], Tensors(("fc.bias", [3]))[0]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "ema.", "--part ema reads the average")]
    [InlineData("model.", "model_ema.module.", "--part model_ema reads the average")]
    [InlineData("state_dict.", "ema_state_dict.", "--part ema_state_dict reads the average")]
    [InlineData("state_dict.", "state_dict.ema_model.", "--part state_dict.ema_model reads the average")]
    public void Of_weights_and_their_average_the_weights_are_read_and_it_is_said(string own, string copy, string note)
    {
        SafeTensor[] tensors = [.. Recurrent($"{own}lstm", 4, 3, 4, 1, 1),
            .. Recurrent($"{copy}lstm", 4, 3, 4, 1, 1).Select(t => new SafeTensor(t.Name, t.Shape, new float[t.Count]))];
        var model = PyTorchImporter.Import("test", tensors);
        Assert.All(model.Weights.Values, w => Assert.NotEqual(0, w.Values[0]));
        Assert.Single(model.Layers);
        Assert.Contains(model.Notes, n => n.Contains(note, StringComparison.Ordinal));

        var folder = note.Split(' ')[1];
        var average = PyTorchImporter.Import("test", tensors, folder);
        Assert.All(average.Weights.Values, w => Assert.Equal(0, w.Values[0]));
        Assert.Contains(average.Notes, n => n.Contains($"'{folder}' are an averaged copy", StringComparison.Ordinal));
    }

    [Fact]
    public void Copies_without_dots_and_averages_alone_are_known()
    {
        SafeTensor[] copy = [
            .. Recurrent("lstm", 4, 3, 4, 1,
                1).Select(t => new SafeTensor("model_ema." + t.Name.Replace(".", "", StringComparison.Ordinal), t.Shape, t.ToFloats())),
            new("model_ema.decay", [], new[] { 0.99f })
        ];
        Assert.Single(PyTorchImporter.Import("test", [.. Recurrent("lstm", 4, 3, 4, 1, 1), .. copy]).Layers);

        var average = PyTorchImporter.Import("test",
            [SafeTensor.Of<long>("n_averaged", [], new[] { 5L }), .. Recurrent("module.lstm", 4, 3, 4, 1, 1)]);
        Assert.Equal("Lstm", Assert.Single(average.Layers).Name);
        Assert.Contains(average.Notes,
            n => n.Contains("The weights are the mean of several models: 'n_averaged' counts them", StringComparison.Ordinal));

        var twice = Assert.Throws<InvalidDataException>(
            () => PyTorchImporter.Import("test",
                [.. Recurrent("lstm", 4, 4, 4, 1, 1), .. Recurrent("module.lstm", 4, 4, 4, 1, 1)])).Message;
        Assert.Contains("the file has the weights of 'lstm' twice, also under 'module.lstm'", twice, StringComparison.Ordinal);
    }
}
