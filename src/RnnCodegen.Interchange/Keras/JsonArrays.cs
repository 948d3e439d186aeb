using System.Text.Json;

namespace RnnCodegen.Interchange;

/// <summary>Reads numbers out of JSON.</summary>
internal static class JsonArrays
{
    private const int RankLimit = 4;

    /// <summary>Reads nested lists of numbers as one array.</summary>
    /// <exception cref="InvalidDataException">The lists are of different
    /// lengths, nested too deeply, or have something else in them.</exception>
    public static KerasArray Read(string file, string name, JsonElement value)
    {
        var shape = new List<int>();
        for (var level = value; level.ValueKind == JsonValueKind.Array; level = level[0])
        {
            shape.Add(level.GetArrayLength());
            if (shape[^1] == 0)
            {
                break;
            }
        }

        var count = shape.Aggregate(1L, (product, size) => Math.Min(product * size, int.MaxValue));
        if (shape.Count is 0 or > RankLimit || count >= value.GetRawText().Length)
        {
            throw new InvalidDataException($"'{file}': {name} is not an array of numbers with 1 to {RankLimit} axes.");
        }

        var values = new float[count];
        var next = 0;
        Fill(value, 0);
        return new KerasArray(name, [.. shape], values);

        void Fill(JsonElement level, int axis)
        {
            if (axis == shape.Count)
            {
                values[next++] = Number(file, name, level);
                return;
            }

            if (level.ValueKind != JsonValueKind.Array || level.GetArrayLength() != shape[axis])
            {
                throw new InvalidDataException($"'{file}': {name} has lists of different lengths.");
            }

            foreach (var item in level.EnumerateArray())
            {
                Fill(item, axis + 1);
            }
        }
    }

    public static float Number(string file, string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && float.IsFinite((float)number)
            ? (float)number
            : throw new InvalidDataException($"'{file}': {name} has a value that is not a number.");

    /// <summary>
    /// Reads a model whose JSON may have text that is no Unicode, which the parser lets pass and each look at that text refuses.
    /// </summary>
    public static ModelDescription WithText(string file, Func<ModelDescription> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is InvalidOperationException or JsonException { InnerException: InvalidOperationException })
        {
            throw new InvalidDataException($"'{file}': its JSON has text that is not Unicode: {e.Message}", e);
        }
    }

    /// <summary>
    /// Parses JSON as every reader of models does: a mark of UTF-8 in front says nothing, and a key that is there twice has no one meaning.
    /// </summary>
    /// <exception cref="JsonException">It is not JSON, or a key of an object is there twice.</exception>
    public static JsonDocument Document(ReadOnlyMemory<byte> json) => JsonDocument.Parse(
        json.Span.StartsWith("\uFEFF"u8) ? json[3..] : json, new JsonDocumentOptions { AllowDuplicateProperties = false });

    /// <summary>Parses a file.</summary>
    /// <exception cref="InvalidDataException">It is not a JSON object.</exception>
    public static JsonElement Parse(string file, ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = Document(json);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw new InvalidDataException($"'{file}': it is JSON, but not an object.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{file}': it is not JSON: {e.Message}", e);
        }
    }
}
