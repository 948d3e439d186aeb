using RnnCodegen.Numerics.Tests.Models;
using Xunit;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>What a tape tells of how each step attended to the memory.</summary>
public sealed class AttentionWeightTests
{
    private readonly Random _random = new(1);

    [Theory]
    [InlineData(1, 4, 1)]
    [InlineData(40, 3, 1)]
    [InlineData(40, 3, 4)]
    [InlineData(1, 2500, 1)]
    public void Weights_make_the_output_of_the_memorys_rows(int batch, int memorySteps, int threads)
    {
        const int Steps = 3, Width = 5;
        var model = new AttentionAtTheEnd(seed: 1) { MaxThreads = threads };
        var (x, memory, y) = (Uniform(Steps * batch * 3), Uniform(memorySteps * batch * Width), new float[Steps * batch * Width]);
        int[] lengths = [.. Enumerable.Range(0, batch).Select(b => 1 + (b % Steps))];
        int[] rows = [.. Enumerable.Range(0, batch).Select(b => memorySteps - (b % 3))];
        var state = model.CreateState(batch);
        state.SetMemory(memory, memorySteps, rows);
        var tape = model.CreateTape(Steps, batch);
        tape.KeepsAttention = true;
        model.Forward(x, y, tape, lengths, state);
        for (var b = 0; b < batch; b++)
        {
            var weights = tape.AttentionOf(b);
            Assert.Equal(memorySteps, weights.GetLength(1));
            for (var t = 0; t < weights.GetLength(0); t++)
            {
                var (sum, output) = (0.0, new double[Width]);
                for (var s = 0; s < memorySteps; s++)
                {
                    Assert.InRange(weights[t, s], s < rows[b] && t < lengths[b] ? 1e-12f : 0, s < rows[b] && t < lengths[b] ? 1 : 0);
                    sum += weights[t, s];
                    for (var k = 0; k < Width; k++)
                    {
                        output[k] += (double)weights[t, s] * memory[(((s * batch) + b) * Width) + k];
                    }
                }

                Assert.Equal(t < lengths[b] ? 1 : 0, sum, 1e-5);
                for (var k = 0; k < Width; k++)
                {
                    Assert.Equal(y[(((t * batch) + b) * Width) + k], output[k], 1e-5);
                }
            }
        }

        Assert.Equal(Steps, tape.AttentionOf().GetLength(0));
    }

    [Fact]
    public void Each_layer_has_weights_of_its_own_under_its_name()
    {
        var model = new AttendingTwice(seed: 1);
        var state = model.CreateState();
        state.SetMemory(Uniform(7 * 6), 7);
        var tape = model.CreateTape(4, 1);
        tape.KeepsAttention = true;
        model.Forward(Uniform(4 * 4), new float[4 * 3], tape, initialState: state);
        float[][] found = [.. new[] { "First", "Second", "Third" }.Select(name => tape.AttentionOf(0, name).Cast<float>().ToArray())];
        Assert.All(found, weights => Assert.Equal(4, weights.Sum(), 1e-5f));
        Assert.NotEqual(found[0], found[1]);
        Assert.NotEqual(found[1], found[2]);
        Assert.Contains("First, Second, Third", Assert.Throws<ArgumentException>("layer", () => tape.AttentionOf()).Message);
        Assert.Throws<ArgumentException>("layer", () => tape.AttentionOf(0, "Other"));
        Assert.Throws<ArgumentOutOfRangeException>("sample", () => tape.AttentionOf(1, "First"));
    }

    [Fact]
    public void One_row_per_sequence_has_one_row_of_weights()
    {
        var model = new AttendingOnce(seed: 1);
        var state = model.CreateState();
        state.SetMemory(Uniform(4 * 3), 4);
        var tape = model.CreateTape(6, 1);
        tape.KeepsAttention = true;
        model.Forward(Uniform(6 * 2), new float[3], tape, initialState: state);
        var weights = tape.AttentionOf();
        Assert.Equal((1, 4), (weights.GetLength(0), weights.GetLength(1)));
        Assert.Equal(1, weights.Cast<float>().Sum(), 1e-5f);
    }

    [Fact]
    public void Outputs_and_gradients_do_not_depend_on_it_and_nothing_is_told_that_was_not_kept()
    {
        var model = new AttentionAtTheEnd(seed: 1);
        var (x, memory) = (Uniform(2 * 3), Uniform(4 * 5));
        var state = model.CreateState();
        state.SetMemory(memory, 4);
        var (plain, kept) = (new float[10], new float[10]);
        var tape = model.CreateTape(2, 1);
        Assert.Throws<InvalidOperationException>(() => tape.AttentionOf());
        model.Forward(x, plain, tape, initialState: state);
        Assert.Contains("KeepsAttention", Assert.Throws<InvalidOperationException>(() => tape.AttentionOf()).Message);
        var (a, b) = (model.CreateGradients(), model.CreateGradients());
        model.Backward(plain, [], tape, a);
        tape.KeepsAttention = true;
        model.Forward(x, kept, tape, initialState: state);
        model.Backward(kept, [], tape, b);
        Assert.Equal(plain, kept);
        Assert.Equal(a.Values, b.Values);
        tape.Reshape(1, 1);
        Assert.Throws<InvalidOperationException>(() => tape.AttentionOf());
        Assert.Throws<InvalidOperationException>(() => new LanguageModel().CreateTape(1, 1).KeepsAttention = true);
    }

    [Fact]
    public void A_step_keeps_no_weights_whatever_stood_on_the_stack_before()
    {
        var model = new AttentionAtTheEnd(seed: 1);
        var (x, memory, whole) = (Uniform(3), Uniform(4 * 5), new float[5]);
        var (state, start) = (model.CreateState(), model.CreateState());
        state.SetMemory(memory, 4);
        start.SetMemory(memory, 4);
        model.Run(x, whole, 1, initialState: start);
        var y = new float[5];
        Litter();
        model.Step(x, y, state);
        for (var k = 0; k < 5; k++)
        {
            Assert.Equal(whole[k], y[k], 1e-6f);
        }

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static void Litter()
        {
            Span<long> stack = stackalloc long[1024];
            stack.Fill(0x5A5A5A5A5A5A5A5A);
        }
    }

    [Fact]
    public void A_state_tells_what_each_step_attended_to_as_a_tape_does()
    {
        var model = new AttendingTwice(seed: 1);
        var (x, memory) = (Uniform(4 * 4), Uniform(7 * 6));
        var (state, start) = (model.CreateState(), model.CreateState());
        state.SetMemory(memory, 7, [5]);
        start.SetMemory(memory, 7, [5]);
        var tape = model.CreateTape(4, 1);
        tape.KeepsAttention = true;
        model.Forward(x, new float[4 * 3], tape, initialState: start);
        Assert.Contains("KeepsAttention", Assert.Throws<InvalidOperationException>(() => state.AttentionOf("First").ToArray()).Message);
        state.KeepsAttention = true;
        for (var t = 0; t < 4; t++)
        {
            model.Step(x.AsSpan(t * 4, 4), new float[3], state);
            foreach (var name in new[] { "First", "Second", "Third" })
            {
                var (weights, expected) = (state.AttentionOf(name).ToArray(), tape.AttentionOf(0, name));
                Assert.Equal(7, weights.Length);
                for (var s = 0; s < 7; s++)
                {
                    Assert.Equal(expected[t, s], weights[s], 1e-5f);
                }
            }
        }

        Assert.Contains("First, Second, Third", Assert.Throws<ArgumentException>("layer", () => state.AttentionOf().ToArray()).Message);
        Assert.Equal(0, RnnCodegen.Tests.Training.Allocation.Of(() => model.Step(x.AsSpan(0, 4), stackalloc float[3], state)));
        state.KeepsAttention = false;
        model.Step(x.AsSpan(0, 4), new float[3], state);
        Assert.Throws<InvalidOperationException>(() => state.AttentionOf("First").ToArray());
        Assert.Throws<InvalidOperationException>(() => new LanguageModel().CreateState().KeepsAttention = true);
    }

    private float[] Uniform(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)((2 * _random.NextDouble()) - 1))];
}

/// <summary>Its output is what the attention gives.</summary>
[RnnModel(InputSize = 3, MemorySize = 5)]
public partial class AttentionAtTheEnd
{
    [Gru(4)] public partial GruLayer Cell { get; }
    [Attention(Score = AttentionScore.General)] public partial AttentionLayer Context { get; }
}
