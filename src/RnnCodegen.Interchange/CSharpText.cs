using System.Globalization;
using System.Security;

namespace RnnCodegen.Interchange;

/// <summary>How text from outside stands in written C#: as a comment or as a name, and in no other way.</summary>
internal static class CSharpText
{
    private static readonly HashSet<string> s_keywords = new(
        ("abstract as base bool break byte case catch char checked class const continue decimal default delegate do double else enum " +
         "event explicit extension extern false file finally fixed float for foreach goto if implicit in int interface internal is lock " +
         "long nameof namespace new null object operator out override params private protected public readonly record ref required " +
         "return sbyte scoped sealed short sizeof stackalloc static string struct switch this throw true try typeof uint ulong unchecked " +
         "unsafe ushort using virtual void volatile while __arglist __makeref __reftype __refvalue").Split(' '),
        StringComparer.Ordinal);

    /// <summary>The text as a sentence of an XML documentation comment: of one line, and no markup.</summary>
    public static string Comment(string text) => SecurityElement.Escape(VisibleText.Of(text));

    /// <summary>A name as C# spells it: a keyword is a name behind an @.</summary>
    public static string Identifier(string name) => IsKeyword(name) ? "@" + name : name;

    /// <summary>Whether C# takes the text for something else than a name where it stands without an @.</summary>
    public static bool IsKeyword(string text) => s_keywords.Contains(text);

    /// <summary>Whether C# takes the text as a name, with an @ where it is a keyword.</summary>
    public static bool IsName(string text) => text.Length > 0 && IsStart(text[0]) && text.All(IsPart);

    private static bool IsStart(char c) => c == '_' || char.IsLetter(c) || char.GetUnicodeCategory(c) == UnicodeCategory.LetterNumber;

    // Not the format characters, which C# passes over in names: nobody sees them.
    private static bool IsPart(char c) => IsStart(c) || char.GetUnicodeCategory(c) is
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.ConnectorPunctuation or
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
