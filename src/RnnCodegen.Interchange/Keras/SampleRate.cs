using System.Globalization;
using System.Text.Json;

namespace RnnCodegen.Interchange;

/// <summary>The rate that a model of sound was trained at, which its files say beside the network.</summary>
internal static class SampleRate
{
    /// <summary>A note of the rate under the first key that has one; none where the file says none.</summary>
    public static string[] Read(JsonFields fields, params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            if (fields.Find(key) is not { } value)
            {
                continue;
            }

            var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
            var isRate = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var rate) && rate > 0
                && double.IsFinite(rate);
            return [isRate
                ? string.Create(CultureInfo.InvariantCulture,
                    $"The model is for sound of {rate} samples per second; sound of another rate has to be resampled first.")
                : $"The file says {fields.Show(key)}, which is no rate in samples per second; the model is for sound of the rate that it " +
                    "was trained at."];
        }

        return [];
    }
}
