using System.Diagnostics;
using System.Runtime.InteropServices.JavaScript;
using System.Runtime.Versioning;
using BrowserVoice;
using RnnCodegen;
using RnnCodegen.Runtime;

[assembly: SupportedOSPlatform("browser")]

// main.js starts it, and calls Page's methods from then on.
Console.WriteLine(Page.Describe());

/// <summary>What the page's script calls.</summary>
internal static partial class Page
{
    private static readonly VoiceDetector s_model = VoiceDetector.LoadEmbedded();
    private static Ear s_ear = new(s_model.CreateStream());

    /// <summary>The model, in a line.</summary>
    [JSExport]
    internal static string Describe() => $"{VoiceDetector.ParameterCount:N0} parameters, code for {Core(s_model).Width}";

    /// <summary>Whether the model computes here what it computed where it was trained, to be asked when its code is warm.</summary>
    [JSExport]
    internal static string SelfTest() => s_model.SelfTest() is { Passed: false } report ? report.ToString() : "self test passed";

    /// <summary>Forgets what was heard.</summary>
    [JSExport]
    internal static void Restart() => s_ear = new Ear(s_model.CreateStream());

    /// <summary>The demonstration's sound.</summary>
    [JSExport]
    internal static double[] Demonstration() => Array.ConvertAll(Sounds.Create(seconds: 8, seed: 1001).Samples, s => (double)s);

    /// <summary>Hears samples of 16 kHz; returns the probability of a voice in each frame that they complete.</summary>
    [JSExport]
    internal static double[] Hear(double[] samples)
    {
        var voice = new List<double>();
        s_ear.Hear(Array.ConvertAll(samples, s => (float)s), voice);
        return [.. voice];
    }

    /// <summary>What a step of the model alone takes by each body that was built, e.g. with -p:RnnTargets=Vector128,Scalar.</summary>
    [JSExport]
    internal static string Measure() => string.Join(", ", new[] { SimdWidth.Vector128, SimdWidth.Scalar }.Select(Text<VoiceDetector>));

    private static string Text<TModel>(SimdWidth width)
        where TModel : class, IRnnModel<TModel>
    {
        try
        {
            return FormattableString.Invariant($"{Time<TModel>(width):F1} us with {width}");
        }
        catch (ArgumentOutOfRangeException)
        {
            return $"no code for {width}";
        }
    }

    private static double Time<TModel>(SimdWidth width)
        where TModel : class, IRnnModel<TModel>
    {
        const int steps = 300;
        var core = new ModelCore(TModel.Definition, TModel.CreateKernels(width), s_model.Parameters);
        var state = core.CreateState();
        float[] x = new float[TModel.Definition.InputSize], y = new float[TModel.Definition.OutputSize];
        var best = double.PositiveInfinity;
        for (var round = 0; round < 10; round++)
        {
            var begin = Stopwatch.GetTimestamp();
            for (var step = 0; step < steps; step++)
            {
                core.Step(x, y, state);
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(begin).TotalMicroseconds / steps);
        }

        return best;
    }

    private static ModelCore Core<TModel>(TModel model)
        where TModel : class, IRnnModel<TModel> => model.Core;
}
