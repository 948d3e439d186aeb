using BenchmarkDotNet.Attributes;
using RnnCodegen.Benchmarks.Engines;
using RnnCodegen.Benchmarks.Models;
using RnnCodegen.Runtime;

namespace RnnCodegen.Benchmarks;

/// <summary>
/// A step of a stream that has been silent since some sound, beside a step of a stream of sound. A state that decays ends in subnormal
/// numbers, which many processors compute slowly, unless it is brought to zero before.
/// </summary>
public class SilenceBenchmarks
{
    private const int Inputs = 64;
    private const int Units = 128;
    private const int Rows = 64;

    // Enough steps for any state that decays by a hundredth a step to leave float32.
    private const int StepsOfSilence = 20_000;

    private readonly float[] _sound = new float[Rows * Inputs];
    private readonly float[] _silence = new float[Inputs];
    private readonly float[] _y = new float[Units];
    private ModelCore _model = null!;
    private ModelState _loud = null!;
    private ModelState _silent = null!;
    private int _row;

    /// <summary>The layer.</summary>
    [Params(nameof(Cell.Lstm), nameof(Cell.Gru))]
    public string Layer { get; set; } = "";

    /// <summary>How the weights are kept.</summary>
    [ParamsAllValues]
    public WeightFormat Weights { get; set; }

    /// <summary>The vectors that compute; of those that this machine has.</summary>
    [ParamsSource(nameof(Widths))]
    public SimdWidth Width { get; set; }

    /// <summary>The widths that this machine computes by itself.</summary>
    public static IEnumerable<SimdWidth> Widths =>
        Enum.GetValues<SimdWidth>().Where(w => 32 * (int)w <= Roofline.VectorBits || w == SimdWidth.Scalar);

    /// <summary>A model without biases, so that silence leaves nothing in its state, and both streams.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _model = (Layer, Weights) switch
        {
            (nameof(Cell.Lstm), WeightFormat.Float32) => At(new Lstm64x128(1)),
            (nameof(Cell.Lstm), WeightFormat.BFloat16) => At(new Lstm64x128BFloat16(1)),
            (nameof(Cell.Lstm), WeightFormat.Int8) => At(new Lstm64x128Int8(1)),
            (nameof(Cell.Gru), WeightFormat.Float32) => At(new Gru64x128(1)),
            (nameof(Cell.Gru), WeightFormat.BFloat16) => At(new Gru64x128BFloat16(1)),
            (nameof(Cell.Gru), WeightFormat.Int8) => At(new Gru64x128Int8(1)),
            _ => throw new InvalidOperationException($"There is no {Layer} with weights as {Weights}."),
        };
        foreach (var bias in _model.Parameters.Tensors.Where(t => t.Name.Contains("bias", StringComparison.Ordinal)))
        {
            bias.Edit().Clear();
        }

        var random = new Random(1);
        for (var i = 0; i < _sound.Length; i++)
        {
            _sound[i] = (2 * random.NextSingle()) - 1;
        }

        (_loud, _silent) = (_model.CreateState(), _model.CreateState());
        for (var t = 0; t < Rows; t++)
        {
            _model.Step(_sound.AsSpan(t * Inputs, Inputs), _y, _silent);
        }

        for (var t = 0; t < StepsOfSilence; t++)
        {
            _model.Step(_silence, _y, _silent);
        }
    }

    /// <summary>A step of sound.</summary>
    [Benchmark(Baseline = true)]
    public void Sound()
    {
        _row = (_row + 1) % Rows;
        _model.Step(_sound.AsSpan(_row * Inputs, Inputs), _y, _loud);
    }

    /// <summary>A step of silence.</summary>
    [Benchmark]
    public void Silence() => _model.Step(_silence, _y, _silent);

    private ModelCore At<TModel>(TModel model)
        where TModel : class, IRnnModel<TModel> => new(TModel.Definition, TModel.CreateKernels(Width), model.Core.Parameters);
}
