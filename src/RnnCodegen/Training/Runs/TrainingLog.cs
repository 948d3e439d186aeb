using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RnnCodegen;

/// <summary>
/// Writes progress to a file that a plot can be made from, a line a report: CSV with a line of names first, or JSON lines, an object each.
/// The fields are epoch, batch, update, loss, validation_loss, one for each metric under its name (with a number where another field has
/// that name), gradient_norm, exploding, learning_rate, samples_per_second and elapsed_seconds; validation loss and metrics are empty
/// (null) but after a validation. Each line is on its way to the file when the report returns. Where a training goes on from a checkpoint,
/// the lines of the updates that it repeats are cut off the end of a log that is appended to, so that each update has one line.
/// </summary>
public sealed class TrainingLog : IProgress<TrainingProgress>, IDisposable
{
    private static readonly string[] s_before = ["epoch", "batch", "update", "loss", "validation_loss"];
    private static readonly string[] s_after = ["gradient_norm", "exploding", "learning_rate", "samples_per_second", "elapsed_seconds"];
    private static readonly int s_updateColumn = Array.IndexOf(s_before, "update");

    private readonly FileStream _file;
    private readonly bool _json;
    private readonly int _every;
    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly StringBuilder _text = new();
    private bool _hasBegun;

    private TrainingLog(string path, bool json, bool append, int every)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(every);
        (_json, _every) = (json, every);
        RegularFile.Require(path);
#pragma warning disable RS0030 // Rows are added to it while it is read; a row that was left half is cut off.
        _file = new FileStream(path, append ? FileMode.OpenOrCreate : FileMode.Create, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
#pragma warning restore RS0030
    }

    /// <summary>A log of comma-separated values.</summary>
    /// <param name="path">The file.</param>
    /// <param name="append">
    /// Whether to go on with an existing file, rather than to replace it. Its columns must be the same, which the first report shows.
    /// </param>
    /// <param name="every">Updates from one written report to the next; those with a validation are all written.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static TrainingLog Csv(string path, bool append = false, int every = 1) => new(path, json: false, append, every);

    /// <summary>A log of JSON lines.</summary>
    /// <inheritdoc cref="Csv"/>
    public static TrainingLog JsonLines(string path, bool append = false, int every = 1) => new(path, json: true, append, every);

    /// <summary>Writes a line.</summary>
    /// <param name="value">The report.</param>
    /// <exception cref="InvalidDataException">The log that is to be appended to has other columns.</exception>
    public void Report(TrainingProgress value)
    {
        if (!_hasBegun)
        {
            Begin(value);
            _hasBegun = true;
        }

        if (value.Update % _every != 0 && !value.IsValidated)
        {
            return;
        }

        var fields = Fields(value);
        if (_json)
        {
            WriteJson(fields);
        }
        else
        {
            WriteCsv(fields);
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    /// <summary>The names and values of a line; a null is empty, and all numbers are doubles.</summary>
    private static (string Name, double? Value)[] Fields(in TrainingProgress p)
    {
        var validated = p.IsValidated;
        double?[] values =
        [
            p.Epoch,
            p.Batch,
            p.Update,
            Single(p.Loss),
            validated && p.ValidationLoss is { } loss ? Single(loss) : null,
            .. p.Metrics.Select(m => validated ? m.Value : (double?)null),
            Single(p.GradientNorm),
            p.IsExploding ? 1 : 0,
            p.LearningRate,
            Math.Round(p.SamplesPerSecond, 1),
            Math.Round(p.Elapsed.TotalSeconds, 3),
        ];
        return [.. Names(p).Zip(values)];
    }

    /// <summary>The columns: no two of one name.</summary>
    private static string[] Names(in TrainingProgress p) =>
        [.. s_before, .. UniqueNames.Of([.. p.Metrics.Select(m => m.Name)], [.. s_before, .. s_after]), .. s_after];

    private static string Header(in TrainingProgress p) => string.Join(',', Names(p).Select(Quote));

    /// <summary>A name as CSV has it.</summary>
    private static string Quote(string name) => name.AsSpan().ContainsAny(",\"\r\n")
        ? $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
        : name;

    /// <summary>Makes the end of the file ready for the first line: with a header, and without lines that are written again.</summary>
    private void Begin(in TrainingProgress first)
    {
        var header = _json ? "" : Header(first);
        if (_file.Length > 0 && !_json && LogTail.FirstLine(_file) is var found && found != header)
        {
            throw new InvalidDataException(
                $"'{_file.Name}' has other columns than this training reports. Write to another file. It has '{found}', not '{header}'.");
        }

        if (first.IsResumed)
        {
            // Updates of one training go up: where they do not, the lines before are of another.
            var (least, next) = (first.Update, long.MaxValue);
            _file.SetLength(LogTail.FindEnd(_file, line =>
            {
                if (UpdateOf(line) is not { } update || update < least || update >= next)
                {
                    return false;
                }

                next = update;
                return true;
            }));
        }

        _file.Seek(0, SeekOrigin.End);
        if (_file.Length == 0)
        {
            _file.Write(Encoding.UTF8.GetBytes(_json ? "" : header + "\n"));
        }
        else if (!LogTail.EndsLine(_file))
        {
            _file.Write("\n"u8);
        }
    }

    /// <summary>The update a line is of; null where it is none.</summary>
    private long? UpdateOf(string line)
    {
        if (!_json)
        {
            var fields = line.Split(',');
            return fields.Length > s_updateColumn
                && long.TryParse(fields[s_updateColumn], NumberStyles.None, CultureInfo.InvariantCulture, out var update)
                ? update
                : null;
        }

        try
        {
            using var document = JsonDocument.Parse(line);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty(s_before[s_updateColumn], out var value) && value.TryGetInt64(out var update)
                ? update
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The double that is written with as few digits as the float.</summary>
    private static double Single(float value) =>
        double.Parse(value.ToString("R", CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture);

    private void WriteJson((string Name, double? Value)[] fields)
    {
        _line.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(_line))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in fields)
            {
                // JSON has no number that is not one.
                if (value is { } number && double.IsFinite(number))
                {
                    writer.WriteNumber(name, number);
                }
                else
                {
                    writer.WriteNull(name);
                }
            }

            writer.WriteEndObject();
        }

        _line.Write("\n"u8);
        _file.Write(_line.WrittenSpan);
    }

    private void WriteCsv((string Name, double? Value)[] fields)
    {
        _text.Clear();
        _text.AppendJoin(',', fields.Select(f => f.Value?.ToString("R", CultureInfo.InvariantCulture))).Append('\n');
        _file.Write(Encoding.UTF8.GetBytes(_text.ToString()));
    }
}
