using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RnnCodegen;

/// <summary>
/// Writes progress to a file that a plot can be made from, a line a report: CSV with a line of names first, or JSON lines, an object each.
/// The fields are epoch, batch, update, loss, validation_loss, one for each metric under its name, gradient_norm, exploding,
/// learning_rate, samples_per_second and elapsed_seconds; validation loss and metrics are empty (null) but after a validation.
/// Each line is on its way to the file when the report returns. A training that goes on from a checkpoint may repeat updates: of lines with the same update
/// the last one counts.
/// </summary>
public sealed class TrainingLog : IProgress<TrainingProgress>, IDisposable
{
    private readonly FileStream _file;
    private readonly bool _json;
    private readonly int _every;
    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly StringBuilder _text = new();
    private bool _hasHeader;

    private TrainingLog(string path, bool json, bool append, int every)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(every);
        (_json, _every) = (json, every);
        RegularFile.Require(path);
        _file = new FileStream(path, append ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        _hasHeader = _file.Length > 0;
    }

    /// <summary>A log of comma-separated values.</summary>
    /// <param name="path">The file.</param>
    /// <param name="append">Whether to go on with an existing file, rather than to replace it.</param>
    /// <param name="every">Writes every so many updates, and each one with a validation.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static TrainingLog Csv(string path, bool append = false, int every = 1) => new(path, json: false, append, every);

    /// <summary>A log of JSON lines.</summary>
    /// <inheritdoc cref="Csv"/>
    public static TrainingLog JsonLines(string path, bool append = false, int every = 1) => new(path, json: true, append, every);

    /// <summary>Writes a line.</summary>
    /// <param name="value">The report.</param>
    public void Report(TrainingProgress value)
    {
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
        return
        [
            ("epoch", p.Epoch),
            ("batch", p.Batch),
            ("update", p.Update),
            ("loss", Single(p.Loss)),
            ("validation_loss", validated && p.ValidationLoss is { } loss ? Single(loss) : null),
            .. p.Metrics.Select(m => (m.Name, validated ? m.Value : (double?)null)),
            ("gradient_norm", Single(p.GradientNorm)),
            ("exploding", p.IsExploding ? 1 : 0),
            ("learning_rate", p.LearningRate),
            ("samples_per_second", Math.Round(p.SamplesPerSecond, 1)),
            ("elapsed_seconds", Math.Round(p.Elapsed.TotalSeconds, 3)),
        ];
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
        if (!_hasHeader)
        {
            _text.AppendJoin(',', fields.Select(f => f.Name)).Append('\n');
            _hasHeader = true;
        }

        _text.AppendJoin(',', fields.Select(f => f.Value?.ToString("R", CultureInfo.InvariantCulture))).Append('\n');
        _file.Write(Encoding.UTF8.GetBytes(_text.ToString()));
    }
}
