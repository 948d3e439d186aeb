using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RnnCodegen.Tool.Commands;

/// <summary>What a command found, as lines for a person and as one JSON object for a program; one of the two is printed.</summary>
internal sealed class Report
{
    private static readonly JsonSerializerOptions s_writing = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<string> _lines = [];

    /// <summary>The object.</summary>
    public JsonObject Json { get; } = [];

    /// <summary>What the process returns.</summary>
    public ExitCode ExitCode { get; set; }

    /// <summary>Adds lines for a person.</summary>
    public void Add(params IEnumerable<string> lines) => _lines.AddRange(lines);

    /// <summary>Prints the lines or the object.</summary>
    public void Print(TextWriter output, bool asJson)
    {
        if (asJson)
        {
            output.WriteLine(Json.ToJsonString(s_writing));
        }
        else
        {
            _lines.ForEach(output.WriteLine);
        }
    }

    /// <summary>A number as JSON has it; null where JSON has none for it.</summary>
    public static JsonNode? Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;

    /// <summary>Texts or numbers as an array.</summary>
    public static JsonArray Array<T>(IEnumerable<T> values) => [.. values.Select(v => JsonValue.Create(v))];
}
