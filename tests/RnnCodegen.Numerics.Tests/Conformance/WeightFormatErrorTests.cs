using System.Globalization;
using Forecast;
using RnnCodegen.Numerics.Tests.Models;
using RnnCodegen.Runtime;
using Xunit;
using Xunit.Abstractions;

namespace RnnCodegen.Numerics.Tests.Conformance;

/// <summary>What reduced weights cost on trained models: differences from float32, and the task's own measure.</summary>
public class WeightFormatErrorTests(ITestOutputHelper output)
{
    private const string Golden = "silero-vad-v6/golden.safetensors";
    private const string Weights = "silero-vad-v6/weights_from_onnx.safetensors";

    /// <summary>The forecaster of the samples, trained here for a few seconds on Seattle's weather; the year it never saw.</summary>
    [Fact]
    public void Forecasts_stay_as_good()
    {
        var days = WeatherDay.Read(Path.Combine(AppContext.BaseDirectory, "data", "seattle-weather.csv"));
        var test = Array.FindIndex(days, day => day.Date == new DateOnly(2015, 1, 1));
        var encoder = new WeatherEncoder(days.AsSpan(0, test), new Climatology(days.AsSpan(0, test)));
        var model = new WeatherForecaster(seed: 1);
        var trainer = new Trainer<WeatherForecaster>(model, Loss.MeanSquaredError, new AdamW(1e-3)) { ClipNorm = 1, Seed = 1 };
        trainer.Fit(Windows.Of(days.AsSpan(0, test), encoder), null, epochs: 8);

        var x = new float[days.Length * WeatherEncoder.Features];
        for (var day = 0; day < days.Length; day++)
        {
            encoder.Encode(days[day], x.AsSpan(day * WeatherEncoder.Features, WeatherEncoder.Features));
        }

        var plain = Run<WeatherForecaster>(model.Parameters, x, days.Length);
        var season = Rmse(new float[plain.Length]);
        Assert.True(Rmse(plain) < 0.8 * season, $"The model has learned nothing: {Rmse(plain)} against {season}.");
        Report("Seattle, RMSE of a day ahead, degrees", "float32", plain, plain, Rmse(plain));
        Check(nameof(WeightFormat.BFloat16), Run<BFloat16Forecaster>(model.Parameters, x, days.Length), 0.02, 0.01);
        Check(nameof(WeightFormat.Int8), Run<Int8Forecaster>(model.Parameters, x, days.Length), 0.1, 0.02);

        void Check(string format, float[] y, double largest, double worse)
        {
            Report("Seattle, RMSE of a day ahead, degrees", format, y, plain, Rmse(y));
            Assert.InRange(Difference(y, plain).Largest, 1e-6, largest); // not the same computation
            Assert.True(Rmse(y) <= Rmse(plain) * (1 + worse), $"{format}: {Rmse(y)} against {Rmse(plain)}.");
        }

        double Rmse(float[] y)
        {
            var squares = Enumerable.Range(test, days.Length - test - 1)
                .Select(day => encoder.High(days[day + 1].Date, y[day * WeatherForecaster.Horizon]) - (double)days[day + 1].High)
                .Select(e => e * e);
            return Math.Sqrt(squares.Average());
        }
    }

    /// <summary>A published voice detector on recorded features, whose probabilities another program computed.</summary>
    [DataTheory(Golden)]
    [InlineData(0.5)]
    public void Voice_is_found_in_the_same_places(double threshold)
    {
        var (golden, weights) = (SafeTensorsFile.Read(SharedData.Find(Golden)!), SafeTensorsFile.Read(SharedData.Find(Weights)!));
        var parameters = new VoiceDetector().Parameters;
        foreach (var kind in new[] { "weight_ih", "weight_hh", "bias_ih", "bias_hh" })
        {
            weights[$"lstm_cell.{kind}"].Floats.CopyTo(parameters[$"Cell.{kind}_l0"].Edit());
        }

        var features = golden["features"].Floats.ToArray();
        var expected = golden["prob_first_n"].Floats.ToArray();
        var (final, bias) = (weights["final_conv.weight"].Floats.ToArray(), weights["final_conv.bias"].Floats[0]);
        Check<VoiceDetector>("float32", 1e-5);
        Check<BFloat16VoiceDetector>(nameof(WeightFormat.BFloat16), 0.02);
        Check<Int8VoiceDetector>(nameof(WeightFormat.Int8), 0.05);

        void Check<TModel>(string format, double largest)
            where TModel : class, IRnnModel<TModel>
        {
            var h = Run<TModel>(parameters, features, expected.Length);
            float[] probabilities = [.. Enumerable.Range(0, expected.Length).Select(t =>
                (float)(1
                    / (1 + Math.Exp(-(bias + Enumerable.Range(0, 128).Sum(j => final[j] * (double)Math.Max(0, h[(t * 128) + j])))))))];
            var same = probabilities.Zip(expected, (p, e) => p > threshold == e > threshold).Count(s => s) / (double)expected.Length;
            Report("voice, share of equal decisions", format, probabilities, expected, same);
            Assert.True(Difference(probabilities, expected).Largest <= largest, format);
            Assert.True(same >= 0.99, format);
        }
    }

    private static float[] Run<TModel>(ParameterSet parameters, float[] x, int steps)
        where TModel : class, IRnnModel<TModel>
    {
        var core = new ModelCore(TModel.Definition, TModel.CreateKernels(), parameters);
        var y = new float[steps * TModel.Definition.OutputSize];
        core.Run(x, y, steps);
        return y;
    }

    private void Report(string what, string format, float[] y, float[] plain, double measure)
    {
        var (largest, rms) = Difference(y, plain);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{what}: {format,-8} {measure:F4}; outputs differ by {largest:E1} at most, {rms:E1} RMS"));
    }

    private static (double Largest, double Rms) Difference(float[] y, float[] plain)
    {
        var differences = y.Zip(plain, (a, b) => Math.Abs((double)a - b)).ToArray();
        return (differences.Max(), Math.Sqrt(differences.Average(d => d * d)));
    }
}
