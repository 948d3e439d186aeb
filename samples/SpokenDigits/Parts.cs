namespace SpokenDigits;

/// <summary>Takes to learn from, to choose the epoch by, and to test with.</summary>
sealed record Parts(IReadOnlyList<Take> Training, IReadOnlyList<Take> Validation, IReadOnlyList<Take> Test)
{
    /// <summary>Folds of speakers.</summary>
    public const int Folds = 4;

    // The Free Spoken Digit Dataset's own test takes are the first five.
    private const int TestTakes = 5, ValidationTakes = 3;

    /// <summary>Other takes of the same speakers are tested.</summary>
    public static Parts ByTake(IReadOnlyList<Take> takes) => new(
        [.. takes.Where(take => take.Number >= TestTakes + ValidationTakes)],
        [.. takes.Where(take => take.Number is >= TestTakes and < TestTakes + ValidationTakes)],
        [.. takes.Where(take => take.Number < TestTakes)]);

    /// <summary>All takes of some speakers are tested, and none of these is learned or chosen by.</summary>
    public static Parts BySpeaker(IReadOnlyList<Take> takes, int fold)
    {
        string[] all = [.. takes.Select(take => take.Speaker).Distinct().Order(StringComparer.Ordinal)];
        var tested = all.Where((_, index) => index % Folds == fold).ToHashSet();
        var others = takes.Where(take => !tested.Contains(take.Speaker)).ToArray();
        return new(
            [.. others.Where(take => take.Number >= ValidationTakes)], [.. others.Where(take => take.Number < ValidationTakes)],
            [.. takes.Where(take => tested.Contains(take.Speaker))]);
    }
}
