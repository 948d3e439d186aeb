using RnnCodegen.Tests.Embedded;
using Xunit;

namespace RnnCodegen.Tests.Training;

public sealed class NormalizerTests
{
    [Theory]
    [InlineData(FeatureScaling.MeanAndDeviation)]
    [InlineData(FeatureScaling.MinAndMax)]
    public void Each_feature_of_the_samples_to_train_with_is_scaled_as_it_says(FeatureScaling scaling)
    {
        var random = new Random(1);
        var set = TrainingSet.OfRows(3);
        float[][] inputs = [.. Enumerable.Range(1, 9).Select(steps => Enumerable.Range(0, 3 * steps)
            .Select(i => i % 3 == 2 ? 5f : (float)((random.NextDouble() * 100 * (i % 3 + 1)) + 1000)).ToArray())];
        foreach (var rows in inputs)
        {
            set.Add(rows, rows.Where((_, i) => i % 3 == 0).Select(x => x * 2).ToArray());
        }

        // What does not count moves nothing.
        set.Add(new float[] { 1e6f, 1e6f, 1e6f }, new float[] { 1e6f }, weight: 0);
        var normalizer = Normalizer.Fit(set, scaling, scaling, targetSize: 1);
        Assert.Equal((scaling, scaling, 3, 1), (normalizer.Inputs, normalizer.Targets, normalizer.InputSize, normalizer.TargetSize));
        var scaled = normalizer.Apply(set);
        for (var k = 0; k < 3; k++)
        {
            double[] all = [.. Enumerable.Range(0, 9).SelectMany(i => inputs[i].Where((_, j) => j % 3 == k).Select(x => (double)x))];
            var (offset, divisor) = scaling == FeatureScaling.MinAndMax
                ? (all.Min(), all.Max() - all.Min())
                : (all.Average(), Math.Sqrt(all.Sum(x => (x - all.Average()) * (x - all.Average())) / all.Length));
            for (var i = 0; i < 9; i++)
            {
                for (var t = 0; t < i + 1; t++)
                {
                    Assert.Equal(
                        (inputs[i][(3 * t) + k] - offset) / (k == 2 ? 1 : divisor), scaled[i].Rows.Span[(3 * t) + k], 1e-5);
                }
            }
        }

        // Twice the first feature scales to the same, and back to what it was.
        var targets = scaled[8].Values.ToArray();
        Assert.Equal(scaled[8].Rows.Span[0], targets[0], 1e-5);
        normalizer.RestoreOutputs(targets, targets);
        Assert.Equal(set[8].Values.ToArray(), targets, (a, b) => Math.Abs(a - b) < 1e-3);
    }

    [Fact]
    public void It_is_saved_with_the_weights_and_found_again_to_the_bit()
    {
        using var folder = new TempFolder();
        var path = folder.File("a.safetensors");
        var (model, set) = (new LinearModel(), TrainingSet.OfRows(2));
        new[] { 2f, -1, 0.5f }.CopyTo(model.Core.Parameters.Edit());
        set.Add(new float[] { 1, 0.1f, 2, 0.3f, 3, 0.7f }, new float[] { 10, float.NaN, 30 });
        var normalizer = Normalizer.Fit(set, FeatureScaling.MeanAndDeviation, FeatureScaling.MinAndMax, targetSize: 1);
        model.Save(path, normalizer);

        // The weights are found by who knows nothing of normalisers.
        var parameters = new ParameterSet(LinearModel.Definition.Parameters);
        SafeTensors.Load(path, parameters);
        Assert.Equal(model.Core.Parameters.Values, parameters.Values);
        foreach (var found in new[] { Normalizer.Load(path), Embedded(path) })
        {
            float[] row = [1.7f, 0.33f];
            var (expected, actual) = (new float[2], new float[2]);
            normalizer.NormalizeInputs(row, expected);
            found.NormalizeInputs(row, actual);
            Assert.Equal(expected, actual);
            Assert.Equal((FeatureScaling.MeanAndDeviation, FeatureScaling.MinAndMax), (found.Inputs, found.Targets));
            found.RestoreOutputs([0.5f, 0.25f], actual);
            Assert.Equal([20, 15], actual);
            found.RestoreOutputs([0.5f, 0.25f], actual, outputsPerTarget: 2);
            Assert.Equal([20, 15], actual);
            found.NormalizeTargets([10, float.NaN], actual);
            Assert.Equal([0, float.NaN], actual);
        }

        static unsafe Normalizer Embedded(string path)
        {
            using var file = new ReadOnlyMemoryFile(File.ReadAllBytes(path), 0);
            var embedded = file.Open();
            return Normalizer.Of(embedded.Name, embedded.Tensors);
        }
    }

    [Fact]
    public void A_file_without_one_or_with_a_damaged_one_says_so()
    {
        using var folder = new TempFolder();
        var path = folder.File("a.safetensors");
        var model = new LinearModel();
        SafeTensors.Save(path, model.Core.Parameters);
        var error = Assert.Throws<InvalidDataException>(() => Normalizer.Load(path));
        Assert.Contains($"'{path}' has no normaliser", error.Message, StringComparison.Ordinal);
        Assert.Contains("model.Save(path, normalizer)", error.Message, StringComparison.Ordinal);
        foreach (var text in new[]
        {
            "", "MinAndMax", "MinAndMax 1 2", "MinAndMax 1 2 / 3", "MinAndMax 1 2 / 0 1", "Other 1 / 1", "MinAndMax 1 / x", "MinAndMax / ",
            "MinAndMax 1 / NaN", "None 1 / 1",
        })
        {
            SafeTensors.Save(path, model.Core.Parameters, new Dictionary<string, string> { ["rnncodegen.normalizer.inputs"] = text });
            Assert.Contains("damaged", Assert.Throws<InvalidDataException>(() => Normalizer.Load(path)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Windows_that_overlap_share_their_scaled_memory_and_others_do_not()
    {
        float[] series = [.. Enumerable.Range(0, 2 * 50).Select(i => (float)Math.Sin(i))];
        var windows = TrainingSet.OfRows(2);
        for (var first = 0; first + 10 <= 50; first++)
        {
            windows.Add(series.AsMemory(2 * first, 20), series.AsMemory(2 * first, 1));
        }

        // Features that begin at the odd places of the array are other features.
        windows.Add(series.AsMemory(1, 20), series.AsMemory(0, 1));
        var normalizer = Normalizer.Fit(windows);
        var scaled = normalizer.Apply(windows);
        for (var i = 0; i < windows.Count; i++)
        {
            var expected = new float[20];
            normalizer.NormalizeInputs(windows[i].Rows.Span, expected);
            Assert.Equal(expected, scaled[i].Rows.ToArray());
        }

        Assert.True(scaled[0].Rows.Span[2..].Overlaps(scaled[1].Rows.Span, out var offset) && offset == 0);
        Assert.False(scaled[0].Rows.Span.Overlaps(scaled[scaled.Count - 1].Rows.Span));

        // Two samples at the ends of an array are copied alone.
        var ends = TrainingSet.OfRows(2);
        ends.Add(series.AsMemory(0, 2), series.AsMemory(0, 1));
        ends.Add(series.AsMemory(98, 2), series.AsMemory(0, 1));
        Assert.True(System.Runtime.InteropServices.MemoryMarshal.TryGetArray(normalizer.Apply(ends)[1].Rows, out var alone));
        Assert.Equal(2, alone.Array!.Length);
    }

    [Fact]
    public void Scaling_allocates_nothing()
    {
        var set = TrainingSet.OfRows(2);
        set.Add(new float[] { 1, 2, 3, 4 }, new float[] { 10, 20 });
        var normalizer = Normalizer.Fit(set, targets: FeatureScaling.MinAndMax, targetSize: 1);
        float[] row = [1, 2];
        Allocation.AssertNone(() =>
        {
            normalizer.NormalizeInputs(row, row);
            normalizer.RestoreOutputs(row, row);
        });
    }

    [Fact]
    public void What_is_not_scaled_is_copied_and_ids_stay()
    {
        var set = TrainingSet.OfRows(1);
        set.Add(new float[] { 1, 3 }, 2, weight: 0.5f);
        var normalizer = Normalizer.Fit(set);
        var scaled = normalizer.Apply(set);
        Assert.Equal([-1f, 1], scaled[0].Rows.ToArray());
        Assert.Equal([2], scaled[0].Ids.ToArray());
        Assert.Equal(0.5f, scaled[0].Weight);
        var copy = new float[3];
        normalizer.RestoreOutputs([1, 2, 3], copy);
        Assert.Equal([1, 2, 3], copy);
    }

    [Fact]
    public void Sets_rows_and_models_that_do_not_fit_are_refused()
    {
        var set = TrainingSet.OfRows(2);
        Refuse("unknown in all samples", () => Normalizer.Fit(set));
        set.Add(new float[] { 1, 2, 3, 4 }, new float[] { 10, 20 });
        var normalizer = Normalizer.Fit(set, targets: FeatureScaling.MinAndMax, targetSize: 2);
        Refuse("Neither", () => Normalizer.Fit(set, FeatureScaling.None));
        Refuse("tokens", () => Normalizer.Fit(TrainingSet.OfTokens()));
        Refuse("targetSize", () => Normalizer.Fit(set, targets: FeatureScaling.MinAndMax));
        Refuse("whole number of rows of 3", () => Normalizer.Fit(set, targets: FeatureScaling.MinAndMax, targetSize: 3));
        Refuse("no values", () => Normalizer.Fit(TrainingSet.OfRows(2), targets: FeatureScaling.MinAndMax, targetSize: 1));
        Refuse("rows of 2 features, but the set has rows of 1", () => normalizer.Apply(TrainingSet.OfRows(1)));
        Refuse("the set has tokens", () => normalizer.Apply(TrainingSet.OfTokens()));
        Refuse("3 values are no whole number of rows of 2 features", () => normalizer.NormalizeInputs(new float[3], new float[3]));
        Refuse("room for 3", () => normalizer.NormalizeInputs(new float[2], new float[3]));
        Refuse("2 target values per row, but Linear has 1", () => new LinearModel().Save("unwritten", normalizer));
        Refuse("Bag takes tokens", () => new BagModel().Save("unwritten", normalizer));
        set.Add(new float[] { 1, float.NaN }, new float[] { 10 });
        Refuse("The input of sample 1 is NaN at 1", () => Normalizer.Fit(set));
        Assert.False(File.Exists("unwritten"));

        static void Refuse(string part, Action action) =>
            Assert.Contains(part, Assert.Throws<ArgumentException>(action).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Columns_that_are_named_stay_as_they_are()
    {
        var set = TrainingSet.OfRows(3);
        set.Add(new float[] { 3, 10, 0, 5, 20, 1 }, new float[] { 0, 0 });
        var normalizer = Normalizer.Fit(set, unscaled: [0, 2]);
        Assert.Equal([3, -1, 0, 5, 1, 1], normalizer.Apply(set)[0].Rows.ToArray());
        Assert.Throws<ArgumentOutOfRangeException>("unscaled", () => Normalizer.Fit(set, unscaled: [3]));
        Assert.Throws<ArgumentOutOfRangeException>("unscaled", () => Normalizer.Fit(set, unscaled: [-1]));
        Assert.Throws<ArgumentOutOfRangeException>(
            "unscaled",
            () => Normalizer.Fit(set, FeatureScaling.None, FeatureScaling.MinAndMax, targetSize: 1, unscaled: [0]));
    }

    [Fact]
    public void A_checkpoint_keeps_it_also_when_a_trainer_without_one_goes_on()
    {
        using var folder = new TempFolder();
        var path = folder.File("a.checkpoint");
        var set = TrainingSet.OfRows(2);
        set.Add(new float[] { 1, 0.1f, 2, 0.3f, 3, 0.7f }, new float[] { 10, 20, 30 });
        var normalizer = Normalizer.Fit(set);
        var scaled = normalizer.Apply(set);
        Trainer(new CheckpointOptions(path) { Normalizer = normalizer }).Fit(scaled, null, epochs: 1);
        Assert.Equal(normalizer.Metadata(), Normalizer.Load(path).Metadata());
        Trainer(new CheckpointOptions(path)).Resume(path, scaled, null, epochs: 2);
        Assert.Equal(2, TrainingCheckpoint.Read(path).Epoch);
        Assert.Equal(normalizer.Metadata(), Normalizer.Load(path).Metadata());

        static Trainer<LinearModel> Trainer(CheckpointOptions options) =>
            new(new LinearModel(), Loss.MeanSquaredError, new Sgd(0.01)) { Checkpoint = options };
    }
}
