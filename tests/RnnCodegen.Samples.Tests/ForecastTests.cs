using System.Globalization;
using Forecast;
using Samples;
using Xunit;

namespace RnnCodegen.Samples.Tests;

/// <summary>The transformer's forecasts of samples/Forecast, on a series of the same form.</summary>
public sealed class ForecastTests
{
    [Fact]
    public void Windows_hold_what_the_forecasters_read_and_what_follows()
    {
        var path = Path.GetTempFileName();
        try
        {
            // A day's wave with a slow trend in each channel.
            File.WriteAllLines(path, ["date,a,b,c,d,e,f,g", .. Enumerable.Range(0, 14_400).Select(hour => string.Create(
                CultureInfo.InvariantCulture,
                $"-,{string.Join(',', Enumerable.Range(1, 7).Select(c => (c * Math.Sin(hour * Math.PI / 12)) + (0.001 * hour)))}"))]);
            var series = EttSeries.Read(path);
            Assert.Equal(0, series[3][..8640].ToArray().Average(value => (double)value), 1e-4);
            Assert.Equal(1, series[3][..8640].ToArray().Average(value => (double)value * value), 1e-4);

            var windows = new EttWindows(series, EttSeries.Test);
            Assert.Equal((2880 - 96 + 1) * 7, windows.Count);
            Assert.Equal(series[2][11_520..11_616], windows.Future(2));

            // What repeats each day is forecast well by the same hours of the last days, and badly by the last value.
            float[] Repeat(int window)
            {
                var day = series[window % 7].Slice(11_520 + (window / 7) - 24, 24).ToArray();
                return [.. Enumerable.Range(0, 96).Select(hour => day[hour % 24] - day[23])];
            }

            Assert.InRange(windows.Error(w => Repeat(w)), 0, 0.01 * windows.Error(_ => new float[96]));

            var (rows, targets) = (windows.Segments(), windows.Whole());
            Assert.Equal((17, 57, windows.Count), (rows.MaxSteps, rows.InputSize, rows.Count));
            Assert.Equal((1, 720, windows.Count), (targets.MaxSteps, targets.InputSize, targets.Count));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [PublicDataFact("etth1")]
    public void ETTh1_has_the_error_of_repeating_the_last_value_that_is_published()
    {
        var windows = new EttWindows(
            EttSeries.Read(Path.Combine(SampleData.Folder("etth1"), "ETTh1.csv")), EttSeries.Test);
        Assert.Equal(1.295, windows.Error(_ => new float[96]), 0.002);
    }
}
