using System.Text;

namespace TextGeneration;

/// <summary>The characters that the model knows: a line's end, and the 95 that ASCII prints.</summary>
static class Alphabet
{
    /// <summary>Number of characters.</summary>
    public const int Size = 96;

    /// <summary>Ids of a text's characters; those that the alphabet lacks are left out.</summary>
    public static int[] Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return [.. text.Where(c => c is '\n' or (>= ' ' and <= '~')).Select(c => c == '\n' ? 0 : c - ' ' + 1)];
    }

    /// <summary>The character of an id.</summary>
    public static char Decode(int id) => id == 0 ? '\n' : (char)(' ' + id - 1);

    /// <summary>The text of ids.</summary>
    public static string Decode(ReadOnlySpan<int> ids)
    {
        var text = new StringBuilder(ids.Length);
        foreach (var id in ids)
        {
            text.Append(Decode(id));
        }

        return text.ToString();
    }
}
