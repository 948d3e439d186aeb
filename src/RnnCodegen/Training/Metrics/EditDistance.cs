using System.Buffers;

namespace RnnCodegen;

/// <summary>
/// Levenshtein's distance: the least number of insertions, deletions and replacements of one item that turn one sequence into another.
/// </summary>
public static class EditDistance
{
    private const int StackLimit = 256;

    internal interface IPairs
    {
        /// <summary>Whether item i of the first sequence equals item j of the second.</summary>
        bool AreEqual(int i, int j);
    }

    /// <summary>The distance of two sequences of items.</summary>
    /// <param name="first">One sequence.</param>
    /// <param name="second">The other.</param>
    public static int Of<T>(ReadOnlySpan<T> first, ReadOnlySpan<T> second)
        where T : IEquatable<T> => Of(new Items<T>(first, second), first.Length, second.Length);

    internal static int Of<TPairs>(scoped in TPairs pairs, int firstLength, int secondLength)
        where TPairs : IPairs, allows ref struct
    {
        var rented = secondLength < StackLimit ? null : ArrayPool<int>.Shared.Rent(secondLength + 1);
        var row = rented is null ? stackalloc int[StackLimit] : rented;
        for (var j = 0; j <= secondLength; j++)
        {
            row[j] = j;
        }

        for (var i = 1; i <= firstLength; i++)
        {
            // The value left of and above the one in work; the row still holds those above.
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= secondLength; j++)
            {
                var replaced = diagonal + (pairs.AreEqual(i - 1, j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        var distance = row[secondLength];
        if (rented is not null)
        {
            ArrayPool<int>.Shared.Return(rented);
        }

        return distance;
    }

    private readonly ref struct Items<T>(ReadOnlySpan<T> first, ReadOnlySpan<T> second) : IPairs
        where T : IEquatable<T>
    {
        private readonly ReadOnlySpan<T> _first = first;
        private readonly ReadOnlySpan<T> _second = second;

        public bool AreEqual(int i, int j) => _first[i].Equals(_second[j]);
    }
}
