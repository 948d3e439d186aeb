namespace RnnCodegen.Reference;

/// <summary>Repeatable test values, each exactly a float, so that float and double engines start from the same numbers.</summary>
public sealed class Samples(int seed)
{
    private ulong _state = (ulong)seed;

    /// <summary>Uniform in [-limit, limit], plus a center.</summary>
    public double[] Uniform(int count, double limit = 1, double center = 0)
    {
        var values = new double[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = (float)(center + (limit * ((2 * NextDouble()) - 1)));
        }

        return values;
    }

    /// <summary>Uniform in [0, limit).</summary>
    public int[] Integers(int count, int limit)
    {
        var values = new int[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = (int)(NextDouble() * limit);
        }

        return values;
    }

    /// <summary>Rows of a model's input, with ids in the columns that are read as such; null where it takes tokens.</summary>
    public double[]? Input(ReferenceModel model, int rows)
    {
        if (model.Layers[0].Options is EmbeddingAttribute { Column: < 0 })
        {
            return null;
        }

        var x = Uniform(rows * model.InputSize, 1.5);
        foreach (var embedding in model.Layers.Select(l => l.Options).OfType<EmbeddingAttribute>())
        {
            var ids = Integers(rows, embedding.Vocabulary);
            for (var row = 0; row < rows; row++)
            {
                x[(row * model.InputSize) + embedding.Column] = ids[row];
            }
        }

        return x;
    }

    /// <summary>Tokens of a model; null where it takes rows.</summary>
    public int[]? Tokens(ReferenceModel model, int count) =>
        model.Layers[0].Options is EmbeddingAttribute { Column: < 0 } embedding ? Integers(count, embedding.Vocabulary) : null;

    /// <summary>Parameters of the size trained ones have: within 1 / sqrt(inputs), norms' scales around 1.</summary>
    public Dictionary<string, double[]> Parameters(ReferenceModel model)
    {
        var norms = model.Layers.Where(l => l.Options is LayerNormAttribute).Select(l => $"{l.Name}.weight").ToHashSet();
        return model.Parameters.ToDictionary(
            p => p.Name,
            p => norms.Contains(p.Name)
                ? Uniform(p.Length, 0.5, 1)
                : Uniform(p.Length, Math.Min(0.7, 1 / Math.Sqrt(Math.Max(1, p.Columns)))));
    }

    public Dictionary<string, double[]> State(ReferenceModel model, int batch) =>
        model.State.ToDictionary(s => s.Name, s => Uniform(batch * s.Rows, 0.8));

    private double NextDouble()
    {
        _state += 0x9E3779B97F4A7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
    }
}
