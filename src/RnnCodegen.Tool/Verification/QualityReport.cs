using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using RnnCodegen.Interchange;
using RnnCodegen.Reference;
using RnnCodegen.Runtime;
using RnnCodegen.Tool.Commands;
using RnnCodegen.Tool.Compilation;
using RnnCodegen.Tool.Quantization;

namespace RnnCodegen.Tool.Verification;

/// <summary>What can be promised of a model: how exact it is, what a step costs, and how large it is.</summary>
internal sealed class QualityReport
{
    private const int Rounds = 10;
    private static readonly TimeSpan s_roundTime = TimeSpan.FromMilliseconds(20);

    private readonly CompiledModel _model;
    private readonly Trial _trial;
    private readonly string? _golden;
    private readonly double? _goldenDifference;
    private readonly double _largestOutput;
    private readonly List<(SimdWidth Width, double Difference)> _differences = [];
    private readonly int _parameters;

    /// <param name="model">The class.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="trial">The input that is run.</param>
    /// <param name="golden">The golden file; null where there is none.</param>
    /// <param name="goldenDifference">The largest difference from its outputs.</param>
    public QualityReport(CompiledModel model, ParameterSet parameters, Trial trial, string? golden, double? goldenDifference)
    {
        (_model, _trial, _golden, _goldenDifference, _parameters) = (model, trial, golden, goldenDifference, parameters.Values.Length);
        var exact = trial.RunInDouble(ReferenceModel.Of(model.Type), parameters);
        _largestOutput = exact.Max(Math.Abs);
        foreach (var width in Enum.GetValues<SimdWidth>())
        {
            var values = trial.Run(model.Create(width, parameters));
            _differences.Add((width, values.Zip(exact, (v, e) => double.IsNaN(v - e) ? double.PositiveInfinity : Math.Abs(v - e)).Max()));
        }

        (MicrosecondsPerStep, BytesPerStep) = Measure(model.Create(ModelCompiler.MachineWidth, parameters));
    }

    /// <summary>Time of a step at this machine's width.</summary>
    public double MicrosecondsPerStep { get; }

    /// <summary>Bytes that a step allocates.</summary>
    public double BytesPerStep { get; }

    private string Call => _model.Definition.CanStream
        ? "a step of a stream"
        : $"a step of a sequence of {_trial.Steps.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>The report as a page.</summary>
    /// <param name="name">What the command line calls the model.</param>
    public string ToMarkdown(string name)
    {
        List<string> rows = ["| | |", "|---|---|"];
        if (_golden is not null)
        {
            rows.Add(Invariant($"| largest difference from the outputs in `{Shown(_golden)}`, all widths | {_goldenDifference:G3} |"));
        }

        rows.AddRange(_differences.Select(d => Invariant($"| largest difference from double precision, {d.Width} | {d.Difference:G3} |")));
        rows.Add(Invariant($"| {Call}, {ModelCompiler.MachineWidth} | {MicrosecondsPerStep:G3} us |"));
        rows.Add(Invariant($"| allocated by a step | {BytesPerStep:0} bytes |"));
        rows.Add(Invariant($"| size | {_parameters:N0} parameters, {_parameters * sizeof(float) / 1024.0:N1} KiB as float32 |"));
        var input = Invariant($"Of `{Shown(name)}`, with {Shown(_trial.Description)} (T = {_trial.Steps}, B = {_trial.Batch})") +
            Invariant($"; the largest output is {_largestOutput:G4}.");
        return $"# {_model.Type.FullName}\n\n{input}\n\n{string.Join('\n', rows)}\n";
    }

    /// <summary>The report for a program.</summary>
    /// <param name="file">The page's file.</param>
    public JsonObject ToJson(string file) => new()
    {
        ["file"] = file,
        ["input"] = _trial.Description,
        ["largestOutput"] = Report.Number(_largestOutput),
        ["double"] = new JsonArray([.. _differences.Select(d => (JsonNode)new JsonObject
        {
            ["width"] = d.Width.ToString(), ["largestDifference"] = Report.Number(d.Difference),
        })]),
        ["width"] = ModelCompiler.MachineWidth.ToString(),
        ["microsecondsPerStep"] = MicrosecondsPerStep,
        ["bytesPerStep"] = BytesPerStep,
        ["parameters"] = _parameters,
        ["parameterBytes"] = _parameters * sizeof(float),
    };

    /// <summary>The best of some rounds, each long enough for the clock; the first calls, which compile the code, do not count.</summary>
    private (double Microseconds, double Bytes) Measure(ModelCore core)
    {
        var stepsPerCall = core.Definition.CanStream ? 1 : _trial.Steps * _trial.Batch;
        var y = new float[core.Definition.CanStream ? core.Definition.OutputSize : _trial.OutputLength(core.Definition)];
        var state = core.Definition.CanStream ? core.CreateState() : null;
        var calls = 1;
        while (Time(calls) < s_roundTime)
        {
            calls *= 2;
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        var best = Enumerable.Range(0, Rounds).Aggregate(TimeSpan.MaxValue, (least, _) => Time(calls) is var t && t < least ? t : least);
        var bytes = GC.GetAllocatedBytesForCurrentThread() - before;

        // What the loop over the rounds allocates is less than a byte a step, and no part of the model's steps.
        var steps = (double)calls * stepsPerCall;
        return (best.TotalMicroseconds / steps, Math.Floor(bytes / (steps * Rounds)));

        TimeSpan Time(int count)
        {
            var begin = Stopwatch.GetTimestamp();
            for (var call = 0; call < count; call++)
            {
                if (state is null)
                {
                    _trial.Run(core, y);
                }
                else
                {
                    _trial.Step(core, call, y, state);
                }
            }

            return Stopwatch.GetElapsedTime(begin);
        }
    }

    private static string Shown(string text) => VisibleText.Of(text).Replace('|', '/').Replace('`', '\'');

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
