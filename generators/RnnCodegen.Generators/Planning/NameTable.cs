using System.Globalization;
using System.Runtime.CompilerServices;

namespace RnnCodegen.Generators.Planning;

/// <summary>
/// Hands out the identifiers of one scope of generated code. A thing is a part of an owner, and
/// has one name however often it is asked for: the one it wishes, or, where that is taken, one
/// with a number after it. So no two things have the same, whatever their wishes are made of.
/// </summary>
/// <param name="taken">Names that are none of the table's to give.</param>
internal sealed class NameTable(IEnumerable<string> taken)
{
    /// <summary>The longest name; metadata holds at most 1,023 bytes of a name, and a character may take three.</summary>
    public const int MaxLength = 200;

    private readonly HashSet<string> _taken = new(taken, StringComparer.Ordinal);
    private readonly Dictionary<(object Owner, string Part), string> _names = new(new ByOwner());

    /// <summary>The name of a part of an owner.</summary>
    /// <param name="owner">What it belongs to; owners are told apart by identity.</param>
    /// <param name="part">Which of the owner's things it is.</param>
    /// <param name="wish">The name it has where that is free.</param>
    public string Of(object owner, string part, string wish)
    {
        if (!_names.TryGetValue((owner, part), out var name))
        {
            _names.Add((owner, part), name = Free(wish));
        }

        return name;
    }

    private string Free(string wish)
    {
        var stem = wish.Length <= MaxLength ? wish : wish.Substring(0, MaxLength);
        var name = stem;
        for (var number = 2; !_taken.Add(name); number++)
        {
            name = $"{stem}_{number.ToString(CultureInfo.InvariantCulture)}";
        }

        return name;
    }

    private sealed class ByOwner : IEqualityComparer<(object Owner, string Part)>
    {
        public bool Equals((object Owner, string Part) x, (object Owner, string Part) y) => ReferenceEquals(x.Owner, y.Owner)
            && x.Part == y.Part;

        public int GetHashCode((object Owner, string Part) key) =>
            unchecked((RuntimeHelpers.GetHashCode(key.Owner) * 31) + StringComparer.Ordinal.GetHashCode(key.Part));
    }
}
