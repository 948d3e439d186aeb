using RnnCodegen.Cuda;
using RnnCodegen.Cuda.Tests;
using Xunit;

namespace RnnCodegen.CudaTraining.Tests;

/// <summary>Models and sets with fixed values.</summary>
internal static class OnDevice
{
    /// <summary>A model on the CPU.</summary>
    public static TModel Model<TModel>()
        where TModel : class, IRnnModel<TModel>
    {
        object created = typeof(TModel) == typeof(Rows) ? new Rows()
            : typeof(TModel) == typeof(Words) ? new Words()
            : typeof(TModel) == typeof(Lookup) ? new Lookup()
            : typeof(TModel) == typeof(Reader) ? new Reader()
            : typeof(TModel) == typeof(Speaker) ? new Speaker()
            : typeof(TModel) == typeof(Looker) ? new Looker()
            : typeof(TModel) == typeof(RowReader) ? new RowReader()
            : typeof(TModel) == typeof(RowLooker) ? new RowLooker()
            : new Whole();
        var model = (TModel)created;
        var random = new Random(5);
        foreach (ref var value in model.Core.Parameters.Edit())
        {
            value = random.NextSingle() - 0.5f;
        }

        return model;
    }

    /// <summary>The same on a software device; both have the same parameters.</summary>
    public static TModel Place<TModel>(TModel model, SoftwareDriver driver)
        where TModel : class, IRnnModel<TModel>
    {
        CudaOptions options = new() { Driver = driver.Table, WantsPtx = true };
        var reason = "";
        var placed = model switch
        {
            Rows rows => (object?)rows.TryToCuda(out reason, options),
            Words words => words.TryToCuda(out reason, options),
            Whole whole => whole.TryToCuda(out reason, options),
            Lookup lookup => lookup.TryToCuda(out reason, options),
            Reader reader => reader.TryToCuda(out reason, options),
            Speaker speaker => speaker.TryToCuda(out reason, options),
            Looker looker => looker.TryToCuda(out reason, options),
            RowReader reader => reader.TryToCuda(out reason, options),
            RowLooker looker => looker.TryToCuda(out reason, options),
            _ => null,
        };
        Assert.True(placed is not null, reason);
        return (TModel)placed;
    }

    /// <summary>Ends a model.</summary>
    public static void End<TModel>(TModel model)
        where TModel : class, IRnnModel<TModel> => CudaModels.Dispose(model.Core);

    /// <summary>Sequences of unequal lengths for <see cref="Rows"/>, with values from 0 to 1 as targets.</summary>
    public static TrainingSet RowSet(int width = 4, bool isWeighted = false, int most = 4, int samples = 6)
    {
        var random = new Random(7);
        var set = TrainingSet.OfRows(2);
        for (var n = 0; n < samples; n++)
        {
            var steps = most - (n % 3);
            var weights = isWeighted && n % 2 == 0 ? Values(steps) : [];
            set.Add(Values(2 * steps), Values(width * steps), weights, isWeighted ? 0.5f + n : 1);
        }

        return set;

        float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle())];
    }

    /// <summary>Sequences of tokens for <see cref="Words"/>, with the classes of each step.</summary>
    public static TrainingSet WordSet()
    {
        var random = new Random(9);
        var set = TrainingSet.OfTokens();
        for (var n = 0; n < 5; n++)
        {
            var steps = 2 + (n % 2);
            set.Add(Ids(steps, 6), Ids(steps, 35), 1 + n);
        }

        return set;

        int[] Ids(int count, int of) => [.. Enumerable.Range(0, count).Select(_ => random.Next(of))];
    }

    /// <summary>Sequences of tokens for <see cref="Words"/>, with labels that fit into their steps.</summary>
    public static TrainingSet LabelSet()
    {
        var set = TrainingSet.OfTokens();
        set.AddLabels(new[] { 1, 2, 3, 4, 5 }, new[] { 7, 7, 30 }, 2);
        set.AddLabels(new[] { 0, 5, 2 }, new[] { 34 });
        set.AddLabels(new[] { 3, 1, 0, 2 }, new[] { 1, 2, 1, 2 });
        set.AddLabels(new[] { 2, 2 }, Array.Empty<int>());
        set.AddLabels(new[] { 4, 4, 1 }, new[] { 9, 8 });
        return set;
    }

    /// <summary>Values for <see cref="Whole"/>, a row a sequence.</summary>
    public static TrainingSet WholeSet()
    {
        var random = new Random(11);
        var set = TrainingSet.OfRows(2);
        for (var n = 0; n < 4; n++)
        {
            float[] rows = [.. Enumerable.Range(0, 2 * (2 + n)).Select(_ => random.NextSingle())];
            set.Add(rows, new[] { 0.1f, 0.4f, 0.9f, 0.2f * n });
        }

        return set;
    }

    /// <summary>Asserts that numbers are near each other, by the largest of them.</summary>
    public static void Near(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        var scale = 0.0;
        foreach (var value in expected)
        {
            scale = Math.Max(scale, Math.Abs(value));
        }

        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs((double)expected[i] - actual[i]) <= tolerance * scale, $"{i}: {expected[i]:R} is {actual[i]:R}");
        }
    }
}
