using System.Globalization;
using System.Text.RegularExpressions;

namespace RnnCodegen.Interchange.Rnnoise;

/// <summary>
/// Reads the tables of RNNoise's C source: arrays of numbers, and structures that name the arrays, sizes and function of a layer.
/// </summary>
internal static partial class RnnoiseTables
{
    /// <summary>Whether a text has such tables.</summary>
    public static bool Matches(string text) => text.Contains("rnn_weight", StringComparison.Ordinal) && Array().IsMatch(text);

    /// <summary>The layers of the given names.</summary>
    /// <exception cref="InvalidDataException">One is missing, or its arrays are of other lengths than its sizes say.</exception>
    public static List<RnnoiseLayer> Read(string file, string text, IEnumerable<string> names)
    {
        text = Comment().Replace(text, " ");
        var arrays = new Dictionary<string, int[]>(StringComparer.Ordinal);
        foreach (Match match in Array().Matches(text))
        {
            var words = match.Groups["values"].Value.Split([',', ' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
            var name = match.Groups["name"].Value;
            arrays[name] = System.Array.ConvertAll(words,
                w => int.TryParse(w, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
                    && value is >= sbyte.MinValue and <= sbyte.MaxValue
                        ? value
                        : throw RnnoiseImporter.Bad(file, $"'{w}' in {name} is not a whole number of 8 bits"));
        }

        var layers = Layer().Matches(text).ToDictionary(m => m.Groups["name"].Value, m => m, StringComparer.Ordinal);
        return [.. names.Select(name => Of(file, name, layers.GetValueOrDefault(name)
            ?? throw RnnoiseImporter.Bad(file, $"it has no structure {name}"), arrays))];
    }

    private static RnnoiseLayer Of(string file, string name, Match layer, Dictionary<string, int[]> arrays)
    {
        var items = layer.Groups["items"].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var isGru = layer.Groups["kind"].Value == "GRU";
        var first = isGru ? 3 : 2;
        if (items.Length != first + 3 || !int.TryParse(items[first], CultureInfo.InvariantCulture, out var inputs)
            || !int.TryParse(items[first + 1], CultureInfo.InvariantCulture, out var units) || inputs < 1 || units < 1)
        {
            throw RnnoiseImporter.Bad(file, $"the structure {name} has not its arrays, sizes and function");
        }

        var activation = items[first + 2] switch
        {
            "ACTIVATION_TANH" => Activation.Tanh,
            "ACTIVATION_SIGMOID" => Activation.Sigmoid,
            "ACTIVATION_RELU" => Activation.Relu,
            var other => throw RnnoiseImporter.Bad(file, $"the function {other} of {name} is none of tanh, sigmoid and ReLU"),
        };
        var columns = isGru ? 3 * (long)units : units;
        return new(name, inputs, units, activation, Values(1, inputs * columns), isGru ? Values(2, units * columns) : null,
            Values(0, columns));

        int[] Values(int item, long count) => arrays.TryGetValue(items[item], out var values) && values.Length == count
            ? values
            : throw RnnoiseImporter.Bad(file, $"the array {items[item]} of {name} is missing or has not {count} numbers");
    }

    [GeneratedRegex(@"/\*.*?\*/|//[^\n]*", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\brnn_weight\s+(?<name>\w+)\s*\[[^\]]*\]\s*=\s*\{(?<values>[^}]*)\}")]
    private static partial Regex Array();

    [GeneratedRegex(@"\b(?<kind>Dense|GRU)Layer\s+(?<name>\w+)\s*=\s*\{(?<items>[^}]*)\}")]
    private static partial Regex Layer();
}
