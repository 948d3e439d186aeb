using System.Text.RegularExpressions;

namespace RnnCodegen.Interchange;

/// <summary>What the names of modules say: their words, and the numbers that count them.</summary>
internal static partial class ModuleName
{
    /// <summary>The last part of a path: <c>fc</c> of <c>decoder.fc</c>.</summary>
    public static string Last(string path) => path[(path.LastIndexOf('.') + 1)..];

    /// <summary>All before the last dot of a path; empty where there is none.</summary>
    public static string Parent(string path) => path.LastIndexOf('.') is >= 0 and var dot ? path[..dot] : "";

    /// <summary>
    /// The words of a name in small letters without the numbers behind them, each between underscores: <c>_group_norm_</c> for
    /// <c>GroupNorm2</c> and <c>group_norm.2</c>, <c>_x2h_</c> for <c>x2h</c>.
    /// </summary>
    public static string Words(string name)
    {
        var words = string.Join('_',
            Word().Matches(name).Select(w => w.Value.ToLowerInvariant().TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9'))
                .Where(w => w.Length > 0));
        return $"_{words}_";
    }

    /// <summary>
    /// What numbers say of the order of two modules: negative where the first comes first, as <c>net.2</c> before <c>net.10.fc</c> and
    /// <c>fc2</c> before <c>fc10</c>; 0 where they say nothing, because the names differ in more than a number.
    /// </summary>
    public static int CompareNumbers(string first, string second)
    {
        foreach (var (a, b) in first.Split('.').Zip(second.Split('.')))
        {
            if (a != b)
            {
                return CompareParts(a, b);
            }
        }

        return 0;
    }

    /// <summary>A name as it sorts where numbers count as numbers.</summary>
    public static string SortKey(string name) => Number().Replace(name, match => match.Value.TrimStart('0').PadLeft(20, '0'));

    /// <summary>Whether a part of a path is a number, as the modules in a Sequential or a ModuleList are called.</summary>
    public static bool IsNumber(string part) => part.Length > 0 && part.All(char.IsAsciiDigit);

    private static int CompareParts(string a, string b)
    {
        var (x, y) = (Number().Split(a), Number().Split(b));
        var (p, q) = (Number().Matches(a), Number().Matches(b));
        for (var k = 0; k < Math.Min(p.Count, q.Count) && x[k] == y[k]; k++)
        {
            if (string.CompareOrdinal(SortKey(p[k].Value), SortKey(q[k].Value)) is not 0 and var order)
            {
                return order;
            }
        }

        return 0;
    }

    // Capitals that end a run, as in RMSNorm, belong to the next word.
    [GeneratedRegex("[A-Z]+(?![a-z])[a-z0-9]*|[A-Z]?[a-z0-9]+|[A-Z]")]
    private static partial Regex Word();

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Number();
}
