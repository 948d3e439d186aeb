using System.Globalization;
using System.Text;

namespace RnnCodegen;

/// <summary>
/// The one border that text from outside crosses on its way to a person or into a written file: names of files, layers and tensors, and
/// what files say of themselves. Letters, marks, digits, punctuation, symbols and the space pass; whatever else there is, which ends lines,
/// steers terminals, turns the order of writing or is not seen at all, is shown as the escape that C# has for it. Also compiled into the
/// generator and the build's task.
/// </summary>
internal static class VisibleText
{
    /// <summary>The text with all else escaped: <c>\n</c>, <c>\u001B</c>, <c>\U000E0001</c>.</summary>
    public static string Of(string text)
    {
        StringBuilder? result = null;
        for (var i = 0; i < text.Length;)
        {
            var length = LengthAt(text, i);
            if (!IsVisible(text, i))
            {
                result ??= new StringBuilder(text, 0, i, text.Length + 16);
                result.Append(Escape(text, i, length));
            }
            else
            {
                result?.Append(text, i, length);
            }

            i += length;
        }

        return result?.ToString() ?? text;
    }

    /// <summary>Whether the character that starts at an index is one that passes.</summary>
    public static bool IsVisible(string text, int index)
    {
        if (text[index] is >= ' ' and <= '~')
        {
            return true;
        }

        var code = LengthAt(text, index) == 2 ? char.ConvertToUtf32(text, index) : text[index];
        return !IsBlank(code) && CharUnicodeInfo.GetUnicodeCategory(text, index) switch
        {
            UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => false,
            UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate => false,
            UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned => false,
            _ => true,
        };
    }

    /// <summary>The number of UTF-16 units of the character that starts at an index: 2 for a whole surrogate pair.</summary>
    public static int LengthAt(string text, int index) => char.IsSurrogatePair(text, index) ? 2 : 1;

    // Letters, marks and symbols that Unicode gives no width or no ink.
    private static bool IsBlank(int code) =>
        code is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or (>= 0x180B and <= 0x180F) or 0x2800 or 0x3164
            or (>= 0xFE00 and <= 0xFE0F) or 0xFFA0 or (>= 0xE0100 and <= 0xE01EF);

    private static string Escape(string text, int index, int length) => text[index] switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        _ when length == 2 => "\\U" + char.ConvertToUtf32(text, index).ToString("X8", CultureInfo.InvariantCulture),
        var unit => "\\u" + ((int)unit).ToString("X4", CultureInfo.InvariantCulture),
    };
}
