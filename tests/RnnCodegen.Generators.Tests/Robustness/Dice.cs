namespace RnnCodegen.Generators.Tests.Robustness;

/// <summary>Choices by a seed.</summary>
internal sealed class Dice(int seed)
{
    private readonly Random _random = new(seed);

    public bool OneIn(int n) => _random.Next(n) == 0;

    /// <summary>A number of a range, both ends included.</summary>
    public int From(int least, int most) => _random.Next(least, most + 1);

    public T Pick<T>(params IReadOnlyList<T> items) => items[_random.Next(items.Count)];

    /// <summary>A text in one of so many cases, else nothing.</summary>
    public string Rarely(int oneIn, string text) => OneIn(oneIn) ? text : "";

    /// <summary>Some items, in any order.</summary>
    public IReadOnlyList<T> Some<T>(int most, IEnumerable<T> items) => [.. items.OrderBy(_ => _random.Next()).Take(_random.Next(most + 1))];
}
