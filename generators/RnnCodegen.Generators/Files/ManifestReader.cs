using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis.Text;
using RnnCodegen.Generators.Diagnostics;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Files;

/// <summary>Reads what the build's task writes of a file: lines of fields between tabs. RnnCodegen.Build's Manifest says which.</summary>
internal static class ManifestReader
{
    /// <summary>By its extension a manifest is known among a project's additional files.</summary>
    public const string Extension = ".rnnmanifest";

    /// <summary>The file; null where the text is not one that the task wrote whole.</summary>
    public static FileManifest? Read(SourceText? text)
    {
        FileManifest? file = null;
        var tensors = new List<ManifestTensor>();

        // Not the compiler's lines, which end at more characters than the one that ends a manifest's.
        foreach (var line in (text?.ToString() ?? "").Split('\n'))
        {
            var fields = line.Split('\t').Select(Plain).ToArray();
            switch (fields[0])
            {
                case "file" when fields.Length == 4 && Enum.TryParse<ModelFileKind>(fields[1], out var kind):
                    file = new FileManifest(kind, fields[2], fields[3], new LocationInfo("", default, default), default);
                    break;
                case "place" when fields.Length == 4 && file is not null && Number(fields[2]) is { } row && Number(fields[3]) is { } column:
                    var position = new LinePosition(Math.Max(0, (int)row - 1), Math.Max(0, (int)column - 1));
                    file = file with { Place = new LocationInfo(fields[1], default, new LinePositionSpan(position, position)) };
                    break;
                case "tensor" when fields.Length == 4 && Shape(fields[3]) is { } shape:
                    tensors.Add(new ManifestTensor(fields[1], fields[2], shape));
                    break;
                case "" when fields.Length == 1:
                    break;
                default:
                    return null;
            }
        }

        var isDistinct = tensors.Select(t => t.Name).Distinct(StringComparer.Ordinal).Count() == tensors.Count;
        return file is null || !isDistinct ? null : file with { Tensors = tensors.ToEquatableArray() };
    }

    private static EquatableArray<long>? Shape(string text)
    {
        var sizes = text.Length == 0 ? [] : text.Split(',').Select(Number).ToArray();
        return sizes.Any(s => s is null) ? null : sizes.Select(s => s!.Value).ToEquatableArray();
    }

    private static long? Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Plain(string field)
    {
        if (field.IndexOf('\\') < 0)
        {
            return field;
        }

        var plain = new StringBuilder();
        for (var i = 0; i < field.Length; i++)
        {
            if (field[i] != '\\' || i + 1 == field.Length)
            {
                plain.Append(field[i]);
            }
            else if (field[++i] == 'u' && i + 4 < field.Length
                && ushort.TryParse(field.Substring(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit))
            {
                plain.Append((char)unit);
                i += 4;
            }
            else
            {
                plain.Append(field[i]);
            }
        }

        return plain.ToString();
    }
}
