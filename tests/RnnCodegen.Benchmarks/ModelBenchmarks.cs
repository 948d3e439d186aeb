using BenchmarkDotNet.Attributes;

namespace RnnCodegen.Benchmarks;

/// <summary>One model, on one core: a step a call, a sequence, and training.</summary>
[MemoryDiagnoser]
public class ModelBenchmarks
{
    private const int Steps = 100;
    private const int Batch = 32;

    private readonly KeywordSpotter _model = new(seed: 1);
    private readonly float[] _x = new float[Steps * Batch * KeywordSpotter.InputSize];
    private readonly float[] _y = new float[Steps * Batch * KeywordSpotter.OutputSize];
    private readonly float[] _dy = new float[Steps * Batch * KeywordSpotter.OutputSize];
    private ModelState _state = null!;
    private Tape _tape = null!;
    private ParameterSet _gradients = null!;

    /// <summary>Random inputs and output gradients.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        foreach (var values in new[] { _x, _dy })
        {
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = (random.NextSingle() * 2) - 1;
            }
        }

        _state = _model.CreateState();
        _tape = _model.CreateTape(Steps, Batch);
        _gradients = _model.CreateGradients();
    }

    /// <summary>One time step of one stream.</summary>
    [Benchmark]
    public void Step() => _model.Step(_x.AsSpan(0, KeywordSpotter.InputSize), _y.AsSpan(0, KeywordSpotter.OutputSize), _state);

    /// <summary>One sequence of 100 steps; the time is that of a step.</summary>
    [Benchmark(OperationsPerInvoke = Steps)]
    public void Run() => _model.Run(_x.AsSpan(0, Steps * KeywordSpotter.InputSize), _y.AsSpan(0, Steps * KeywordSpotter.OutputSize), Steps);

    /// <summary>32 sequences of 100 steps, forward and backward.</summary>
    [Benchmark]
    public void ForwardBackward()
    {
        _model.Forward(_x, _y, _tape);
        _model.Backward(_dy, [], _tape, _gradients);
    }
}
