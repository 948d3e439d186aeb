using System.Globalization;
using System.Text;

namespace RnnCodegen.Build;

/// <summary>
/// The text by which the build tells the source generator of a file, because a generator may not read files itself: lines of fields between
/// tabs. The generator's ManifestReader reads it.
/// </summary>
internal static class Manifest
{
    /// <summary>By its extension the generator knows a manifest among a project's additional files.</summary>
    public const string Extension = ".rnnmanifest";

    public static string Write(FileItem file)
    {
        var text = new StringBuilder();
        Line(text, "file", file.Kind, file.Model, file.File);
        Line(text, "place", file.Place.Project, Text(file.Place.Line), Text(file.Place.Column));
        foreach (var tensor in file.Tensors)
        {
            Line(text, "tensor", tensor.Name, tensor.DataType, string.Join(",", tensor.Shape.Select(n => Text(n))));
        }

        return text.ToString();
    }

    private static void Line(StringBuilder text, params string[] fields) => text.Append(string.Join("\t", fields.Select(Escape)))
        .Append('\n');

    // Names come from files that anyone may have made: no character of theirs ends a line or a field, and halves of pairs, which UTF-8
    // lacks, stay apart.
    private static string Escape(string field)
    {
        var text = new StringBuilder();
        for (var i = 0; i < field.Length; i++)
        {
            if (field[i] == '\\')
            {
                text.Append(@"\\");
            }
            else if (field[i] is >= ' ' and <= '~' || (VisibleText.IsVisible(field, i) && VisibleText.LengthAt(field, i) == 1))
            {
                text.Append(field[i]);
            }
            else
            {
                text.Append(@"\u").Append(((int)field[i]).ToString("X4", CultureInfo.InvariantCulture));
            }
        }

        return text.ToString();
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
