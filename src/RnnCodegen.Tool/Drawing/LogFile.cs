using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RnnCodegen.Tool.Drawing;

/// <summary>A log that a <see cref="TrainingLog"/> wrote, as columns of numbers; a place without a value is NaN.</summary>
internal sealed class LogFile
{
    public const string Update = "update";
    public const string Loss = "loss";
    public const string ValidationLoss = "validation_loss";
    public const string GradientNorm = "gradient_norm";
    public const string LearningRate = "learning_rate";

    private readonly List<double[]> _rows = [];

    private LogFile(string path, string[] names)
    {
        Names = names;
        if (!names.Contains(Update) || !names.Contains(Loss))
        {
            throw new InvalidDataException(
                $"'{path}' is no log of a training: it has no columns '{Update}' and '{Loss}', as a TrainingLog writes them.");
        }
    }

    /// <summary>The columns, in the order of the file.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The columns of the trainer's metrics.</summary>
    public IEnumerable<string> Metrics => Names
        .SkipWhile(n => n != ValidationLoss).Skip(1).TakeWhile(n => n != GradientNorm);

    /// <summary>A column's numbers; none where there is no such column.</summary>
    public double[] this[string name] => Names.ToList().IndexOf(name) is >= 0 and var column ? [.. _rows.Select(r => r[column])] : [];

    /// <summary>Reads a log of comma-separated values or of JSON lines; a last line that is still being written is passed over.</summary>
    /// <exception cref="InvalidDataException">It is no such log, or a line is damaged; the message says which.</exception>
    public static LogFile Read(string path)
    {
        using var reader = new StreamReader(RegularFile.OpenRead(path), Encoding.UTF8);
        var lines = reader.ReadToEnd().Split('\n')[..^1];
        var isJson = lines.Length > 0 && lines[0].StartsWith('{');
        LogFile? log = null;
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].TrimEnd('\r');
            try
            {
                if (isJson)
                {
                    using var json = JsonDocument.Parse(line);
                    log ??= new LogFile(path, [.. json.RootElement.EnumerateObject().Select(p => p.Name)]);
                    log._rows.Add([.. log.Names.Select(name => Number(json.RootElement.GetProperty(name)))]);
                }
                else if (log is null)
                {
                    log = new LogFile(path, [.. Cells(line)]);
                }
                else
                {
                    double[] row = [.. line.Split(',').Select(Number)];
                    log._rows.Add(row.Length == log.Names.Count ? row : throw new FormatException());
                }
            }
            catch (Exception e) when (e is JsonException or FormatException or KeyNotFoundException or InvalidOperationException)
            {
                throw new InvalidDataException($"'{path}': line {i + 1} is not one of numbers under the names of the log's first line.");
            }
        }

        return log is { _rows.Count: > 0 }
            ? log
            : throw new InvalidDataException($"'{path}' has no complete line of numbers; a TrainingLog writes one for each update.");
    }

    private static double Number(JsonElement value) => value.ValueKind == JsonValueKind.Null ? double.NaN : value.GetDouble();

    private static double Number(string word) =>
        word.Length == 0 ? double.NaN : double.Parse(word, NumberStyles.Float, CultureInfo.InvariantCulture);

    /// <summary>The names of a line of CSV, of which some may be in quotes.</summary>
    private static List<string> Cells(string line)
    {
        var (cells, cell, isQuoted) = (new List<string>(), new StringBuilder(), false);
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '"' && isQuoted && i + 1 < line.Length && line[i + 1] == '"')
            {
                cell.Append(line[i++]);
            }
            else if (line[i] == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (line[i] == ',' && !isQuoted)
            {
                cells.Add(cell.ToString());
                cell.Clear();
            }
            else
            {
                cell.Append(line[i]);
            }
        }

        cells.Add(cell.ToString());
        return cells;
    }
}
