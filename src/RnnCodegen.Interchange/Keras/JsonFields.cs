using System.Text.Json;

namespace RnnCodegen.Interchange;

/// <summary>A JSON object that remembers which of its keys were read, so that none of a file's is dropped without a word.</summary>
internal sealed class JsonFields
{
    private const int TextLimit = 60;

    private readonly JsonElement _value;
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    public JsonFields(JsonElement value) => _value = value;

    /// <summary>Keys that have a value other than null and that nothing has read, in the file's order.</summary>
    public IEnumerable<string> Unread => _value.EnumerateObject().Where(p => p.Value.ValueKind != JsonValueKind.Null).Select(p => p.Name)
        .Where(name => !_read.Contains(name));

    public bool TryGetProperty(string name, out JsonElement value)
    {
        _read.Add(name);
        return _value.TryGetProperty(name, out value);
    }

    public JsonElement GetProperty(string name)
    {
        _read.Add(name);
        return _value.GetProperty(name);
    }

    /// <summary>A key's value; null where there is none, or null.</summary>
    public JsonElement? Find(string name) => TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>Says that keys change nothing of what a model computes.</summary>
    public void Ignore(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            _read.Add(name);
        }
    }

    /// <summary>A key and its value as messages say them, cut where they are long.</summary>
    public string Show(string name) => $"'{Cut(name)}' = {Cut(_value.GetProperty(name).GetRawText())}";

    /// <summary>Refuses the first key that nothing has read.</summary>
    /// <param name="file">The file, for the message.</param>
    /// <param name="place">Where in the file the object stands, e.g. <c>layer 3 (lstm)</c>.</param>
    /// <exception cref="InvalidDataException">There is one; the message has its name, its value and its place.</exception>
    public void RefuseUnread(string file, string place)
    {
        if (Unread.FirstOrDefault() is { } name)
        {
            throw new InvalidDataException(
                $"'{file}': {place} has the key {Show(name)}, whose meaning is not known here; it may change what the model computes. " +
                "Remove it if it does not.");
        }
    }

    private static string Cut(string text) => text.Length > TextLimit ? text[..TextLimit] + "..." : text;
}
