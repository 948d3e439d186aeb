namespace RnnCodegen.Tool.Quantization;

/// <summary>Random numbers that depend on the seed only: .NET keeps the sequence of a seeded <see cref="Random"/>.</summary>
internal sealed class SeededNumbers(int seed)
{
    private readonly Random _random = new(seed);

    /// <summary>Normal numbers of mean 0 and variance 1, by Box and Muller.</summary>
    public float[] Normal(int count)
    {
        var numbers = new float[count];
        foreach (ref var number in numbers.AsSpan())
        {
            number = (float)(Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble()));
        }

        return numbers;
    }

    /// <summary>Whole numbers from 0 to one below the limit.</summary>
    public int[] Below(int limit, int count)
    {
        var numbers = new int[count];
        foreach (ref var number in numbers.AsSpan())
        {
            number = _random.Next(limit);
        }

        return numbers;
    }
}
