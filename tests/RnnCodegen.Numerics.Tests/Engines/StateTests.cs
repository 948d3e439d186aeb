using RnnCodegen.Numerics.Tests.Models;
using RnnCodegen.Runtime;
using Xunit;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>State is the caller's: reset, copied, saved and restored, it continues the sequence bit for bit.</summary>
public class StateTests
{
    private const int Steps = 6;

    private static readonly float[] Input = TestModel.Narrow(new Samples(8).Uniform(2 * Steps * LstmStacked.InputSize));

    private readonly LstmStacked _model = new(3);

    [Fact]
    public void Reset_starts_anew()
    {
        var state = _model.CreateState();
        var first = Stream(state, 0);
        Assert.NotEqual(first, Stream(state, 0));
        state.Reset();
        Assert.Equal(first, Stream(state, 0));
    }

    public static TheoryData<string, SimdWidth> WholeVectors()
    {
        var rows = new TheoryData<string, SimdWidth>();
        foreach (var name in new[] { nameof(LstmI16H16), nameof(LstmI64H64), nameof(GruI48H48), nameof(LayerNormI16), nameof(RowConvI16) })
        {
            foreach (var width in Enum.GetValues<SimdWidth>())
            {
                rows.Add(name, width);
            }
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(WholeVectors))]
    public void A_step_may_write_over_its_input(string name, SimdWidth width)
    {
        var model = name switch
        {
            nameof(LstmI16H16) => TestModel.Of<LstmI16H16>(),
            nameof(LstmI64H64) => TestModel.Of<LstmI64H64>(),
            nameof(LayerNormI16) => TestModel.Of<LayerNormI16>(),
            nameof(RowConvI16) => TestModel.Of<RowConvI16>(),
            _ => TestModel.Of<GruI48H48>(),
        };
        var core = model.Create(width, new Samples(4).Parameters(model.Reference));
        var size = core.Definition.InputSize;
        var input = TestModel.Narrow(new Samples(8).Uniform(Steps * size));
        var expected = Outputs(x: 0, y: size);
        Assert.Equal(expected, Outputs(x: 0, y: 0));
        Assert.Equal(expected, Outputs(x: 1, y: 0));
        Assert.Equal(expected, Outputs(x: 0, y: 1));

        float[] Outputs(int x, int y)
        {
            var (state, memory, outputs) = (core.CreateState(), new float[2 * size], new List<float>());
            for (var t = 0; t < Steps; t++)
            {
                input.AsSpan(t * size, size).CopyTo(memory.AsSpan(x));
                core.Step(memory.AsSpan(x, size), memory.AsSpan(y, size), state);
                outputs.AddRange(memory.AsSpan(y, size));
            }

            return [.. outputs];
        }
    }

    [Fact]
    public void Reset_clears_all_that_NaN_reached()
    {
        var core = TestModel.Of<Windowed>() is var model
            ? model.Create(TestModel.Widest, new Samples(4).Parameters(model.Reference))
            : null!;
        var state = core.CreateState();
        var (x, y) = (TestModel.Narrow(new Samples(8).Uniform(Steps * 3)), new float[core.Definition.OutputSize]);
        var first = Outputs();
        core.Step([1f, float.NaN, 1f], y, state);
        Assert.All(y, v => Assert.True(float.IsNaN(v)));
        Outputs();
        Assert.All(y, v => Assert.True(float.IsNaN(v)));
        Assert.All(core.Definition.State, slot => Assert.True(state.Vector(slot.Name).ContainsAnyExcept(0f), slot.Name));

        state.Reset();
        Assert.All(core.Definition.State, slot => Assert.False(state.Vector(slot.Name).ContainsAnyExcept(0f), slot.Name));
        Assert.Equal(first, Outputs());

        float[] Outputs()
        {
            for (var t = 0; t < Steps; t++)
            {
                core.Step(x.AsSpan(t * 3, 3), y, state);
            }

            return [.. y];
        }
    }

    [Fact]
    public void NaN_of_one_sample_does_not_reach_the_others()
    {
        const int Batch = 3;
        var (state, clean) = (_model.CreateState(Batch), _model.CreateState(Batch));
        var (x, y, expected) = (new float[Batch * LstmStacked.InputSize], new float[Batch * LstmStacked.OutputSize],
            new float[Batch * LstmStacked.OutputSize]);
        _model.Run(x, expected, 1, Batch, finalState: clean);
        x[LstmStacked.InputSize] = float.NaN;
        _model.Run(x, y, 1, Batch, finalState: state);
        foreach (var sample in new[] { 0, 2 })
        {
            Near.Same("output", y.AsSpan(sample * LstmStacked.OutputSize, LstmStacked.OutputSize),
                expected.AsSpan(sample * LstmStacked.OutputSize, LstmStacked.OutputSize));
            Near.Same("state", state.Vector("Cell.c_l2", sample), clean.Vector("Cell.c_l2", sample));
        }

        Assert.True(float.IsNaN(y[LstmStacked.OutputSize]));
    }

    [Fact]
    public void A_copy_continues_and_the_original_stays()
    {
        var (state, copy) = (_model.CreateState(), _model.CreateState());
        _ = Stream(state, 0);
        copy.CopyFrom(state);
        var continued = Stream(copy, Steps);
        Assert.Equal(continued, Stream(state, Steps));
    }

    [Fact]
    public void Values_leave_and_come_back()
    {
        var (state, other) = (_model.CreateState(2), _model.CreateState(2));
        _model.Run(Input, new float[Steps * 2 * LstmStacked.OutputSize], Steps, 2, finalState: state);
        var values = new float[state.Length];
        state.CopyTo(values);
        Assert.Equal(2 * 3 * 2 * 20, state.Length);
        Assert.Equal(state.Vector("Cell.h_l0", 1).ToArray(), values[20..40]);
        other.CopyFrom(values);
        Assert.Equal(state.Vector("Cell.c_l2", 1).ToArray(), other.Vector("Cell.c_l2", 1).ToArray());
    }

    [Fact]
    public void A_file_keeps_a_state()
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.safetensors");
        try
        {
            var (state, restored) = (_model.CreateState(), _model.CreateState());
            _ = Stream(state, 0);
            state.Save(path);
            restored.Restore(path);
            Assert.Equal(Stream(state, Steps), Stream(restored, Steps));
            Assert.Throws<InvalidDataException>(() => _model.CreateState(2).Restore(path));
            Assert.Throws<InvalidDataException>(() => new GruStacked(1).CreateState().Restore(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_file_of_integers_is_refused_and_the_state_stays()
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.safetensors");
        try
        {
            var state = _model.CreateState();
            _ = Stream(state, 0);
            state.Save(path);
            var values = new float[state.Length];
            state.CopyTo(values);
            var file = File.ReadAllBytes(path);
            "I32"u8.CopyTo(file.AsSpan(file.AsSpan().LastIndexOf("F32"u8)));
            File.WriteAllBytes(path, file);
            Assert.Contains("F32", Assert.Throws<InvalidDataException>(() => state.Restore(path)).Message, StringComparison.Ordinal);
            var after = new float[state.Length];
            state.CopyTo(after);
            Assert.Equal(values, after);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Wrong_states_and_slots_are_refused()
    {
        var state = _model.CreateState();
        Assert.Throws<ArgumentException>("other", () => state.CopyFrom(_model.CreateState(2)));
        Assert.Throws<ArgumentException>("other", () => state.CopyFrom(new GruStacked(1).CreateState()));
        Assert.Throws<ArgumentException>("values", () => state.CopyTo(new float[state.Length - 1]));
        Assert.Contains("Cell.h_l0", Assert.Throws<KeyNotFoundException>(() => state.Vector("Cell.h_l9").Length).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>("sample", () => state.Vector("Cell.h_l0", 1).Length);
        Assert.Throws<ArgumentOutOfRangeException>("batch", () => _model.CreateState(0));
    }

    [Fact]
    public void Two_halves_are_the_whole()
    {
        var whole = new float[2 * Steps * LstmStacked.OutputSize];
        _model.Run(Input, whole, 2 * Steps);
        var halves = new float[whole.Length];
        var state = _model.CreateState();
        var (input, output) = (Input.Length / 2, halves.Length / 2);
        _model.Run(Input.AsSpan(0, input), halves.AsSpan(0, output), Steps, finalState: state);
        _model.Run(Input.AsSpan(input), halves.AsSpan(output), Steps, initialState: state);
        Near.Same("halves", halves, whole);
    }

    private float[] Stream(ModelState state, int first)
    {
        var y = new float[Steps * LstmStacked.OutputSize];
        for (var t = 0; t < Steps; t++)
        {
            _model.Step(
                Input.AsSpan((first + t) * LstmStacked.InputSize, LstmStacked.InputSize),
                y.AsSpan(t * LstmStacked.OutputSize, LstmStacked.OutputSize),
                state);
        }

        return y;
    }
}
