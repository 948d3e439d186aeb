using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Reports;
using RnnCodegen.Benchmarks.Engines;
using RnnCodegen.Runtime;
using static RnnCodegen.Benchmarks.ReportSection;

namespace RnnCodegen.Benchmarks;

/// <summary>Trained models beside ONNX Runtime on the same file.</summary>
public class OnnxTrainedBenchmarks
{
    private const double Tolerance = 1e-4;

    private ModelCore _core = null!;
    private ModelState _state = null!;
    private OnnxTrainedRun _peer = null!;
    private TrainedModel _model = null!;
    private float[] _x = [];
    private float[] _y = [];

    /// <summary>The models, read once.</summary>
    internal static IReadOnlyList<TrainedModel> All { get; set; } = [];

    /// <summary>The model's name.</summary>
    [ParamsSource(nameof(Names))]
    public string Name { get; set; } = string.Empty;

    /// <summary>The models' names.</summary>
    public IEnumerable<string> Names => All.Select(m => m.Name);

    /// <summary>Compiles the model, opens the peer, and compares their outputs over a few calls.</summary>
    [GlobalSetup]
    public void Open()
    {
        _model = All.First(m => m.Name == Name);
        _core = _model.Compile();
        _state = _core.CreateState();
        var random = new Random(1);
        _x = [.. Enumerable.Range(0, _model.Steps * _core.Definition.InputSize).Select(_ => (float)random.NextDouble())];
        _y = new float[(_core.Definition.OutputIsSequence ? _model.Steps : 1) * _core.Definition.OutputSize];
        _peer = new OnnxTrainedRun(_model.Onnx, _model.Signature, _x, _model.Steps);
        for (var call = 0; call < 5; call++)
        {
            Own();
            OnnxRuntime();
            var difference = _y.Zip(_peer.Y, (a, b) => Math.Abs((double)a - b)).Max();
            if (_y.Length != _peer.Y.Length || !(difference <= Tolerance))
            {
                throw new InvalidOperationException($"{Name}: ONNX Runtime's output differs by {difference:0.0E+0}.");
            }
        }
    }

    /// <summary>Frees the peer.</summary>
    [GlobalCleanup]
    public void Close() => _peer.Dispose();

    /// <summary>Generated code.</summary>
    [Benchmark(Baseline = true)]
    public void Own()
    {
        if (_model.Steps == 1)
        {
            _core.Step(_x, _y, _state);
        }
        else
        {
            _core.Run(_x, _y, _model.Steps);
        }
    }

    /// <summary>The peer.</summary>
    [Benchmark]
    public void OnnxRuntime() => _peer.Invoke();

    /// <summary>The section.</summary>
    internal static ReportSection Text(Summary summary, IReadOnlyList<string> missing)
    {
        var text = Start("Trained models beside ONNX Runtime on the same file");
        text.AppendLine(
            """
            Models that others trained, read from their files and compiled as a user's class would be. Where the file is ONNX with states for inputs both take a step a
            call; else the model is exported as ONNX, and both run 100 steps of one sequence a call. Outputs were compared before timing. RNNCODEGEN_DATA names the
            folder of the files. Times in us a step.
            """).AppendLine();
        text.AppendLine(Head(["model", "steps a call", Engine.Own.Name, Engine.OnnxRuntime]));
        foreach (var model in All)
        {
            var (own, peer) = (Seconds(nameof(Own)), Seconds(nameof(OnnxRuntime)));
            text.AppendLine(Line([model.Name, $"{model.Steps}", Number(own * 1e6), $"{Number(peer * 1e6)} ({Ratio(peer / own)})"]));

            double Seconds(string method) => summary.Reports.First(r =>
                r.BenchmarkCase.Descriptor.WorkloadMethod.Name == method && (string)r.BenchmarkCase.Parameters[nameof(Name)] == model.Name)
                .ResultStatistics!.Min * 1e-9 / model.Steps;
        }

        foreach (var file in missing)
        {
            text.AppendLine().AppendLine($"The data file {file} is absent; set RNNCODEGEN_DATA to the folder that holds it.");
        }

        return new ReportSection(BenchmarkOptions.Trained, text.ToString());
    }
}
