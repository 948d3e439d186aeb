using System.Globalization;

namespace Forecast;

/// <summary>One day's observations.</summary>
/// <param name="Date">The day.</param>
/// <param name="Precipitation">Rain and molten snow, mm.</param>
/// <param name="High">Highest temperature, degrees Celsius.</param>
/// <param name="Low">Lowest temperature, degrees Celsius.</param>
/// <param name="Wind">Mean wind speed, m/s.</param>
readonly record struct WeatherDay(DateOnly Date, float Precipitation, float High, float Low, float Wind)
{
    /// <summary>Reads the days of a CSV file, and refuses a file with gaps: a forecaster counts in days.</summary>
    public static WeatherDay[] Read(string path)
    {
        var days = File.ReadLines(path).Skip(1).Select((line, index) => Parse(line, $"{path}, line {index + 2}")).ToArray();
        for (var i = 1; i < days.Length; i++)
        {
            if (days[i].Date != days[i - 1].Date.AddDays(1))
            {
                throw new InvalidDataException(
                    $"{path}: {days[i].Date:O} does not follow {days[i - 1].Date:O}; each row must be the next day.");
            }
        }

        return days;
    }

    private static WeatherDay Parse(string line, string place)
    {
        var fields = line.Split(',');
        return fields.Length == 5
            && DateOnly.TryParseExact(fields[0], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            && Number(fields[1], out var precipitation)
            && Number(fields[2], out var high)
            && Number(fields[3], out var low)
            && Number(fields[4], out var wind)
                ? new WeatherDay(date, precipitation, high, low, wind)
                : throw new InvalidDataException($"{place}: expected 'date,precipitation,temp_max,temp_min,wind', found '{line}'.");
    }

    private static bool Number(string text, out float value) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && float.IsFinite(value);
}
