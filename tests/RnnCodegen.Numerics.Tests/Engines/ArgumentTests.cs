using RnnCodegen.Runtime;
using RnnCodegen.Numerics.Tests.Models;
using Xunit;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>Wrong arguments are refused by name, and nothing is written.</summary>
public class ArgumentTests
{
    private const int Steps = 4;
    private const int Batch = 3;

    private readonly GruI1H3 _model = new(1);
    private readonly LanguageModel _letters = new(1);
    private readonly float[] _x = new float[Steps * Batch];
    private readonly float[] _y = new float[Steps * Batch * 3];
    private readonly int[] _tokens = new int[Steps * Batch];
    private readonly float[] _scores = new float[Steps * Batch * 29];

    public static TheoryData<string, int[]> WrongLengths() => new()
    {
        { "too few", [1, 2] },
        { "too many", [1, 2, 3, 4] },
        { "negative", [1, -1, 2] },
        { "past T", [1, 5, 2] },
    };

    [Theory]
    [MemberData(nameof(WrongLengths))]
    public void Lengths(string what, int[] lengths)
    {
        _ = what;
        Refused("lengths", () => _model.Run(_x, _y, Steps, Batch, lengths));
        Refused("lengths", () => _model.Forward(_x, _y, _model.CreateTape(Steps, Batch), lengths));
        Refused("lengths", () => _letters.Run(_tokens, _scores, Steps, Batch, lengths));
    }

    [Fact]
    public void Span_sizes()
    {
        Refused("x", () => _model.Run(new float[11], _y, Steps, Batch));
        Refused("x", () => _model.Run(new float[13], _y, Steps, Batch));
        Refused("y", () => _model.Run(_x, new float[35], Steps, Batch));
        Refused("x", () => _model.Forward(new float[11], _y, _model.CreateTape(Steps, Batch)));
        Refused("y", () => _model.Forward(_x, new float[37], _model.CreateTape(Steps, Batch)));
        Refused("x", () => _model.Step(new float[2], new float[3], _model.CreateState()));
        Refused("y", () => _model.Step(new float[1], new float[4], _model.CreateState()));
        Refused("tokens", () => _letters.Run(new int[11], _scores, Steps, Batch));
        var tape = _model.CreateTape(Steps, Batch);
        _model.Forward(_x, _y, tape);
        Refused("dy", () => _model.Backward(new float[1], new float[12], tape, _model.CreateGradients()));
        Refused("dx", () => _model.Backward(_y, new float[11], tape, _model.CreateGradients()));
        Refused("gradients", () => _model.Backward(_y, new float[12], tape, new GruI15H1(1).CreateGradients()));
        Refused("gradients", () => _model.Backward(_y, new float[12], tape, _model.Parameters));
    }

    [Fact]
    public void Sizes()
    {
        Refused("steps", () => _model.Run([], [], 0, Batch));
        Refused("batch", () => _model.Run([], [], Steps, 0));
        Refused("steps", () => _model.CreateTape(0, 1));
        Refused("batch", () => _model.CreateTape(1, -1));
    }

    [Fact]
    public void Sizes_past_what_an_array_holds()
    {
        // A state of 16 floats per sample, padding included.
        Says("batch", ["GruI1H3", "16 floats per sample", "at most 134217723 samples"], () => _model.CreateState(1 << 27));
        Says("batch", ["GruI1H3"], () => _model.CreateState(int.MaxValue));
        Says("batch", ["The tape of", "T = 1048576", "B = 1024"], () => _model.CreateTape(1 << 20, 1 << 10));
        Says("batch", ["The tape of"], () => _letters.CreateTape(1 << 16, 1 << 16));
        Says("steps", ["2^62"], () => _model.CreateTape(int.MaxValue, int.MaxValue));

        // 2^30 * 2^30 * 16 values are none in 64 bits.
        Refused("x", () => new LstmI16H16().Run([], [], 1 << 30, 1 << 30));
        Refused("x", () => _model.Run(_x, [], 1 << 30, 1 << 30));
    }

    [Fact]
    public void Bytes_of_tapes_do_not_wrap()
    {
        var one = GruI1H3.TapeBytes(1 << 20, 1 << 10);
        Assert.InRange(GruI1H3.TapeBytes(1 << 25, 1 << 25), (one << 20) / 2, (one << 20) * 2);
        Assert.True(GruI1H3.TapeBytes(1 << 25, 1 << 25, 64) >= GruI1H3.TapeBytes(1 << 25, 1 << 25));
        Says("steps", ["2^62"], () => _ = GruI1H3.TapeBytes(int.MaxValue, int.MaxValue));
        Refused("steps", () => _ = GruI1H3.TapeBytes(0, 1));
        Refused("batch", () => _ = GruI1H3.TapeBytes(1, -1));
    }

    [Fact]
    public void Tokens_out_of_range()
    {
        _tokens[5] = 29;
        Refused("tokens", () => _letters.Run(_tokens, _scores, Steps, Batch));
        Refused("tokens", () => _letters.Forward(_tokens, _scores, _letters.CreateTape(Steps, Batch)));
        Refused("token", () => _letters.Step(-1, new float[29], _letters.CreateState()));
        Assert.All(_scores, s => Assert.Equal(0, s));
    }

    [Fact]
    public void States_of_others()
    {
        var other = new GruI15H1(1);
        Refused("initialState", () => _model.Run(_x, _y, Steps, Batch, initialState: _model.CreateState(2)));
        Refused("finalState", () => _model.Run(_x, _y, Steps, Batch, finalState: other.CreateState(Batch)));
        Refused("state", () => _model.Step(new float[1], new float[3], _model.CreateState(2)));
        Refused("state", () => _model.Step(new float[1], new float[3], other.CreateState()));
        var tape = _model.CreateTape(Steps, Batch);
        _model.Forward(_x, _y, tape);
        Refused("finalStateGradient", () => _model.Backward(_y, [], tape, _model.CreateGradients(), false, _model.CreateState(2)));
        Refused("initialStateGradient",
            () => _model.Backward(_y, [], tape, _model.CreateGradients(), false, null, other.CreateState(Batch)));
        Refused("tape", () => _model.Forward(_x, _y, other.CreateTape(Steps, Batch)));
        Refused("tape", () => _model.Backward(_y, [], other.CreateTape(Steps, Batch), _model.CreateGradients()));
    }

    [Fact]
    public void Backward_needs_the_Forward_of_the_same_weights()
    {
        var tape = _model.CreateTape(Steps, Batch);
        Assert.Throws<InvalidOperationException>(() => _model.Backward(_y, [], tape, _model.CreateGradients()));
        _model.Forward(_x, _y, tape);
        _model.Parameters.Edit()[0] += 1;
        Assert.Throws<InvalidOperationException>(() => _model.Backward(_y, [], tape, _model.CreateGradients()));
    }

    [Fact]
    public void Backward_needs_the_Forward_of_the_same_model()
    {
        var tape = _model.CreateTape(Steps, Batch);
        new GruI1H3(2).Forward(_x, _y, tape);
        Assert.Throws<InvalidOperationException>(() => _model.Backward(_y, [], tape, _model.CreateGradients()));
    }

    [Fact]
    public void A_refused_Forward_leaves_the_tape_as_it_was()
    {
        var (tape, first, second) = (_letters.CreateTape(Steps, Batch), _letters.CreateGradients(), _letters.CreateGradients());
        var dy = TestModel.Narrow(new Samples(1).Uniform(_scores.Length));
        _letters.Forward(_tokens, _scores, tape);
        _letters.Backward(dy, tape, first);
        Refused("y", () => _letters.Forward([.. _tokens.Select(_ => 7)], new float[1], tape));
        _letters.Backward(dy, tape, second);
        Near.Same("gradients", second.Values, first.Values);
        Refused("tape", () => _letters.Forward(_tokens, _scores, _model.CreateTape(Steps, Batch)));
    }

    /// <summary>Rows of gates are padded to the vectors of a width, so memory made for one width is too small for another.</summary>
    [Fact]
    public void Memory_of_another_vector_width()
    {
        var model = TestModel.Of<GruBeforeI3H5>();
        var parameters = new Samples(1).Parameters(model.Reference);
        var (narrow, wide) = (model.Create(SimdWidth.Scalar, parameters), model.Create(SimdWidth.Vector512, parameters));
        Refused("tape", () => wide.Forward(new float[3], new float[5], narrow.CreateTape(1, 1)));
        Refused("state", () => wide.Step(new float[3], new float[5], narrow.CreateState()));
    }

    private static void Says(string argument, string[] parts, Action call)
    {
        var thrown = Assert.ThrowsAny<ArgumentException>(call);
        Assert.Equal(argument, thrown.ParamName);
        Assert.All(parts, part => Assert.Contains(part, thrown.Message, StringComparison.Ordinal));
    }

    private static void Refused(string argument, Action call) =>
        Assert.Equal(argument, Assert.ThrowsAny<ArgumentException>(call).ParamName);
}
