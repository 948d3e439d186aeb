namespace Translation;

/// <summary>Pairs to learn from, to choose by and to test with; no English sentence is in two of them, whatever its translations.</summary>
sealed record Division(Pair[] Training, Pair[] Validation, Pair[] Test)
{
    /// <summary>Test and validation get a tenth of the English sentences each.</summary>
    public static Division Of(Pair[] pairs, int seed)
    {
        var sources = pairs.Select(pair => pair.Source).Distinct().ToArray();
        new Random(seed).Shuffle(sources);
        var tenth = sources.Length / 10;
        var (test, validation) = (sources[..tenth].ToHashSet(), sources[tenth..(2 * tenth)].ToHashSet());
        return new(
            [.. pairs.Where(pair => !test.Contains(pair.Source) && !validation.Contains(pair.Source))],
            [.. pairs.Where(pair => validation.Contains(pair.Source))],
            [.. pairs.Where(pair => test.Contains(pair.Source))]);
    }
}
