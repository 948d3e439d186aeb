using System.Globalization;

namespace RnnCodegen;

/// <summary>A checkpoint's numbers and words, as the strings of a safetensors file's metadata; every number keeps all its bits.</summary>
internal sealed class CheckpointFields(string path, IReadOnlyDictionary<string, string> fields)
{
    public string Text(string key) => fields.TryGetValue(key, out var value)
        ? value
        : throw new InvalidDataException($"'{path}': the checkpoint lacks '{key}'.");

    public long Integer(string key) => Integers(key, 1)[0];

    public int Count(string key) => Integer(key) is >= 0 and <= int.MaxValue and var value ? (int)value : throw Bad(key);

    public bool Flag(string key) => Text(key) switch
    {
        "yes" => true,
        "no" => false,
        _ => throw Bad(key),
    };

    public long[] Integers(string key, int count) => Parse(key, count, text =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : throw Bad(key));

    public double[] Numbers(string key, int? count = null) => Parse(key, count, text =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : throw Bad(key));

    public RandomState Random(string key)
    {
        var words = Parse(key, 4, text =>
            ulong.TryParse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var value) ? value : throw Bad(key));
        return new RandomState(words[0], words[1], words[2], words[3]);
    }

    public static string Of(bool flag) => flag ? "yes" : "no";

    public static string Of(params ReadOnlySpan<long> values) => Join(values, value => value.ToString(CultureInfo.InvariantCulture));

    public static string Of(params ReadOnlySpan<double> values) => Join(values, value => value.ToString("R", CultureInfo.InvariantCulture));

    public static string Of(RandomState state) =>
        Join<ulong>([state.S0, state.S1, state.S2, state.S3], value => value.ToString("x16", CultureInfo.InvariantCulture));

    private static string Join<T>(ReadOnlySpan<T> values, Func<T, string> text) => string.Join(' ', values.ToArray().Select(text));

    private T[] Parse<T>(string key, int? count, Func<string, T> parse)
    {
        T[] values = [.. Text(key).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(parse)];
        return count is null || values.Length == count ? values : throw Bad(key);
    }

    private InvalidDataException Bad(string key) => new($"'{path}': the checkpoint's '{key}' is '{Text(key)}', which it cannot be.");
}
