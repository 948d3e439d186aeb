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

    public static string Write(ModelFile file)
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

    private static void Line(StringBuilder text, params string[] fields) => text.Append(string.Join("\t", fields.Select(Escape))).Append('\n');

    // Names come from files that anyone may have made.
    private static string Escape(string field) =>
        field.Replace("\\", "\\\\").Replace("\t", "\\t").Replace("\n", "\\n").Replace("\r", "\\r");

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
