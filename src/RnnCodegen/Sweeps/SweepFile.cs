using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RnnCodegen;

/// <summary>
/// Results as JSON lines. A line counts once its end is written, so a process that is killed at any moment leaves whole results.
/// </summary>
internal static class SweepFile
{
    /// <summary>The file of one of several workers beside the joined one: study.jsonl gives study.2-of-8.jsonl.</summary>
    public static string Of(string path, SweepWorker worker) =>
        worker.Count == 1 ? path : Path.ChangeExtension(path, $"{worker.Index}-of-{worker.Count}{Path.GetExtension(path)}");

    /// <summary>The joined file and those of all workers, of however many, that there are.</summary>
    public static string[] All(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(folder))
        {
            return [];
        }

        var (name, extension) = (Path.GetFileNameWithoutExtension(path), Path.GetExtension(path));
        return [.. Directory.GetFiles(folder, $"{name}*{extension}")
            .Where(file => IsPart(Path.GetFileNameWithoutExtension(file)[name.Length..])).Order(StringComparer.Ordinal)];

        static bool IsPart(string rest) => rest.Length == 0 || (rest[0] == '.'
            && rest[1..].Split("-of-") is [var index, var count] && IsNumber(index) && IsNumber(count));

        static bool IsNumber(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);
    }

    /// <summary>The whole lines of a file.</summary>
    /// <exception cref="InvalidDataException">A line is no result; the message names it.</exception>
    public static IEnumerable<SweepResult> Read(string path)
    {
        var text = ReadShared(path);
        var lines = text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < lines.Length; i++)
        {
            SweepResult result;
            try
            {
                using var line = JsonDocument.Parse(lines[i]);
                var root = line.RootElement;
                result = new SweepResult(
                    root.GetProperty("setting").GetString()!, root.GetProperty("seed").GetInt32(),
                    [.. root.GetProperty("values").EnumerateObject().Select(
                        v => new MetricValue(v.Name, v.Value.ValueKind == JsonValueKind.Null ? double.NaN : v.Value.GetDouble()))],
                    root.GetProperty("seconds").GetDouble(), root.TryGetProperty("error", out var error) ? error.GetString() : null);
            }
            catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                throw new InvalidDataException($"{path}, line {i + 1}: not a result of a sweep: {e.Message}", e);
            }

            yield return result;
        }
    }

    /// <summary>A file to add results to; a line that was not finished is cut off.</summary>
    public static FileStream Append(string path)
    {
#pragma warning disable RS0030 // Results are added to it; a line that a dead worker left half is cut off below.
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
#pragma warning restore RS0030
        var text = new byte[file.Length];
        file.ReadExactly(text);
        file.SetLength(text.AsSpan().LastIndexOf((byte)'\n') + 1);
        file.Seek(0, SeekOrigin.End);
        return file;
    }

    /// <summary>A result's line.</summary>
    public static ReadOnlyMemory<byte> Line(SweepResult result)
    {
        var line = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(line))
        {
            writer.WriteStartObject();
            writer.WriteString("setting", result.Setting);
            writer.WriteNumber("seed", result.Seed);
            writer.WriteStartObject("values");
            foreach (var (name, value) in result.Values)
            {
                // JSON has no number that is not one.
                if (double.IsFinite(value))
                {
                    writer.WriteNumber(name, value);
                }
                else
                {
                    writer.WriteNull(name);
                }
            }

            writer.WriteEndObject();
            writer.WriteNumber("seconds", Math.Round(result.Seconds, 3));
            if (result.Error is not null)
            {
                writer.WriteString("error", result.Error);
            }

            writer.WriteEndObject();
        }

        line.Write("\n"u8);
        return line.WrittenMemory;
    }

    /// <summary>Text that another worker may be adding to.</summary>
    private static string ReadShared(string path)
    {
#pragma warning disable RS0030 // RegularFile shares with readers only.
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
#pragma warning restore RS0030
        using var reader = new StreamReader(file, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
