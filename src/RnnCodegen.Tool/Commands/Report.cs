using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RnnCodegen.Tool.Commands;

/// <summary>What a command found, as lines for a person and as one JSON object for a program; one of the two is printed.</summary>
internal sealed class Report
{
    private static readonly JsonSerializerOptions s_writing = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping
    };

    private readonly List<string> _lines = [];

    /// <summary>The object.</summary>
    public JsonObject Json { get; } = [];

    /// <summary>The exit code of the process.</summary>
    public ExitCode ExitCode { get; set; }

    /// <summary>Adds lines for a person.</summary>
    public void Add(params IEnumerable<string> lines) => _lines.AddRange(lines);

    /// <summary>Prints the lines or the object.</summary>
    public void Print(TextWriter output, bool asJson)
    {
        if (asJson)
        {
            output.WriteLine(Escaped(Json.ToJsonString(s_writing)));
        }
        else
        {
            _lines.ForEach(line => output.WriteLine(VisibleText.Of(line)));
        }
    }

    /// <summary>
    /// JSON in which what is not to be seen is escaped, for terminals. It means the same: such characters stand in strings only.
    /// </summary>
    private static string Escaped(string json)
    {
        var text = new StringBuilder(json.Length);
        for (var i = 0; i < json.Length;)
        {
            var length = VisibleText.LengthAt(json, i);
            if (json[i] is '\r' or '\n' || VisibleText.IsVisible(json, i))
            {
                text.Append(json, i, length);
            }
            else
            {
                foreach (var unit in json.AsSpan(i, length))
                {
                    text.Append("\\u").Append(((int)unit).ToString("X4", CultureInfo.InvariantCulture));
                }
            }

            i += length;
        }

        return text.ToString();
    }

    /// <summary>A number as JSON has it; null where JSON has none for it.</summary>
    public static JsonNode? Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;

    /// <summary>Texts or numbers as an array.</summary>
    public static JsonArray Array<T>(IEnumerable<T> values) => [.. values.Select(v => JsonValue.Create(v))];
}
