using RnnCodegen.Runtime;
using RnnCodegen.Numerics.Tests.Models;
using RnnCodegen.Tests.Training;
using Xunit;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>Where a learned initial state is taken from, and where its gradient goes; the table of cases checks their values.</summary>
public class LearnedStateTests
{
    private const int Steps = 5;
    private const int Batch = 27;

    private static readonly int[] Lengths = [.. Enumerable.Range(0, Batch).Select(b => b % (Steps + 1))];

    [Fact]
    public void New_states_resets_and_streams_start_from_it()
    {
        var model = new LstmLearned(3);
        Fill(model.Cell.InitialHidden, 1);
        Fill(model.Cell.InitialCell, 2);
        var state = model.CreateState(3);
        RequireStart(model, state);
        state.Clear();
        Assert.All(Enumerable.Range(0, 3), b => Assert.All(state.Vector("Cell.h_l0", b).ToArray(), v => Assert.Equal(0, v)));

        Fill(model.Cell.InitialHidden, 3);
        state.Reset();
        RequireStart(model, state);
        using var stream = model.CreateStream();
        RequireStart(model, stream.State);
        var (x, y) = (new float[LstmLearned.InputSize], new float[LstmLearned.OutputSize]);
        stream.Step(x, y);
        Assert.NotEqual(model.Cell.InitialHidden.Values.ToArray(), stream.State.Vector("Cell.h_l0").ToArray());
        stream.State.Reset();
        RequireStart(model, stream.State);
    }

    [Theory]
    [InlineData(Initialization.PyTorch)]
    [InlineData(Initialization.GlorotOrthogonal)]
    public void It_begins_as_zeros(Initialization initialization)
    {
        var model = new LstmLearnedStackedBidirectional(5, initialization);
        var learned = model.Parameters.Tensors.Where(t => t.Info.Role == ParameterRole.InitialState).ToArray();
        Assert.Equal(8, learned.Length);
        Assert.All(learned, t => Assert.All(t.Values.ToArray(), v => Assert.Equal(0, v)));
    }

    [Fact]
    public void Tensors_stand_after_the_others_of_their_direction() => Assert.Equal(
        [
            "Cell.weight_ih_l0 [68, 7]", "Cell.weight_hh_l0 [68, 17]", "Cell.bias_ih_l0 [68]", "Cell.bias_hh_l0 [68]", "Cell.h0_l0 [17]",
            "Cell.c0_l0 [17]",
        ],
        new LstmLearned().Parameters.Tensors.Select(t => t.ToString()));

    [Fact]
    public void A_reversed_layer_has_the_names_of_one_that_is_not()
    {
        var model = new EveryCellOption();
        Assert.False(Definition<EveryCellOption>().CanStream);
        Assert.Equal(["Cell.h_l0", "Cell.c_l0", "Cell.h_l1", "Cell.c_l1"], model.CreateState().Slots.Select(s => s.Name));
        Assert.Equal(
            ["Cell.weight_ih_l0 [54, 6]", "Cell.weight_ih_l1 [54, 7]"],
            model.Parameters.Tensors.Select(t => t.ToString())
                .Where(t => t.Contains("ih", StringComparison.Ordinal) && !t.Contains("bias", StringComparison.Ordinal)));
        Assert.DoesNotContain(model.Parameters.Tensors, t => t.Info.Name.Contains("reverse", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Its_gradient_is_the_states_summed_over_samples(int threads)
    {
        var pass = new Pass<LstmLearnedStackedBidirectional>(threads);
        pass.Run(null);
        foreach (var slot in pass.Core.Definition.State)
        {
            var gradient = pass.Gradients.Values.Slice(slot.InitialOffset, slot.Size).ToArray();
            var sums = new double[slot.Size];
            for (var b = 0; b < Batch; b++)
            {
                for (var j = 0; j < slot.Size; j++)
                {
                    sums[j] += pass.InitialGradient.Vector(slot.Name, b)[j];
                }
            }

            Near.Gradient(slot.Name, gradient, sums);
            Assert.Contains(gradient, g => g != 0);
        }
    }

    /// <summary>The same values as a state of the caller's: the same results, but nothing for the parameters.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_given_state_takes_the_gradient_alone(int threads)
    {
        var (learned, given) = (new Pass<LstmLearnedStackedBidirectional>(threads), new Pass<LstmLearnedStackedBidirectional>(threads));
        learned.Run(null);
        given.Run(given.Core.CreateState(Batch));
        Near.Same("y", given.Y, learned.Y);
        Near.Same("dx", given.Dx, learned.Dx);
        Near.Same("gradient of the initial state", Values(given.InitialGradient), Values(learned.InitialGradient));
        foreach (var tensor in given.Gradients.Tensors)
        {
            Near.Same(
                tensor.Info.Name, tensor.Values,
                tensor.Info.Role == ParameterRole.InitialState
                    ? new float[tensor.Values.Length]
                    : learned.Gradients[tensor.Info.Name].Values);
        }
    }

    [Fact]
    public void Equal_threads_give_equal_bits()
    {
        var (a, b) = (new Pass<LearnedAndNot>(3), new Pass<LearnedAndNot>(3));
        a.Run(null);
        b.Run(null);
        b.Run(null);
        Near.Same("gradients", b.Gradients.Values, a.Gradients.Values);
    }

    [Fact]
    public void Nothing_is_allocated()
    {
        foreach (var threads in new[] { 1, 3 })
        {
            var pass = new Pass<LstmLearned>(threads);
            var state = pass.Core.CreateState();
            var (x, y) = (new float[LstmLearned.InputSize], new float[LstmLearned.OutputSize]);
            pass.Run(null);
            Allocation.AssertNone(() =>
            {
                pass.Run(null);
                state.Reset();
                pass.Core.Step(x, y, state);
                state.Clear();
            });
        }
    }

    /// <summary>The first window of a stream starts from it, so that truncated training reaches it too; later ones carry on.</summary>
    [Fact]
    public void Truncated_training_trains_it()
    {
        var set = TrainingSet.OfRows(LstmLearned.InputSize);
        var samples = new Samples(4);
        for (var stream = 0; stream < 3; stream++)
        {
            set.Add(TestModel.Narrow(samples.Uniform(12 * LstmLearned.InputSize)),
                TestModel.Narrow(samples.Uniform(12 * LstmLearned.OutputSize)));
        }

        foreach (var truncation in new[] { new Truncation(4), new Truncation(4, 6) })
        {
            var model = new LstmLearned(3);
            _ = new Trainer<LstmLearned>(model, Loss.MeanSquaredError, new Sgd(0.1)) { BatchSize = 3, Truncation = truncation }.Fit(set,
                set, 1);
            Assert.All(new[] { model.Cell.InitialHidden, model.Cell.InitialCell },
                t => Assert.All(t.Values.ToArray(), v => Assert.NotEqual(0, v)));
        }
    }

    [Fact]
    public void Layers_without_it_say_how_to_get_it()
    {
        var model = new LearnedAndNot();
        Assert.Equal(33, model.Below.InitialHidden.Values.Length);
        Assert.Contains("LearnedInitialState = true", Assert.Throws<InvalidOperationException>(() => model.Cell.InitialHidden).Message,
            StringComparison.Ordinal);
        Assert.Contains("LearnedInitialState = true",
            Assert.Throws<InvalidOperationException>(() => new LstmClip().Cell[0].InitialCell).Message, StringComparison.Ordinal);
    }

    private static ModelDefinition Definition<TModel>()
        where TModel : class, IRnnModel<TModel> => TModel.Definition;

    private static void Fill(Parameter tensor, int seed) => TestModel.Narrow(new Samples(seed).Uniform(tensor.Values.Length))
        .CopyTo(tensor.Edit());

    private static void RequireStart(LstmLearned model, ModelState state)
    {
        for (var b = 0; b < state.Batch; b++)
        {
            Near.Same("h", state.Vector("Cell.h_l0", b), model.Cell.InitialHidden.Values);
            Near.Same("c", state.Vector("Cell.c_l0", b), model.Cell.InitialCell.Values);
        }
    }

    private static float[] Values(ModelState state)
    {
        var values = new float[state.Length];
        state.CopyTo(values);
        return values;
    }

    /// <summary>A forward and a backward pass over the same numbers each time.</summary>
    private sealed class Pass<TModel>
        where TModel : class, IRnnModel<TModel>
    {
        private readonly float[] _x;
        private readonly float[] _dy;
        private readonly Tape _tape;
        private readonly ModelState _finalGradient;

        public Pass(int threads)
        {
            var model = TestModel.Of<TModel>();
            var samples = new Samples(7);
            Core = model.Create(TestModel.Widest, samples.Parameters(model.Reference), threads);
            var rows = TModel.Definition.OutputIsSequence ? Steps * Batch : Batch;
            _x = TestModel.Narrow(samples.Uniform(Steps * Batch * TModel.Definition.InputSize));
            _dy = TestModel.Narrow(samples.Uniform(rows * TModel.Definition.OutputSize));
            (Y, Dx) = (new float[_dy.Length], new float[_x.Length]);
            (_tape, Gradients) = (Core.CreateTape(Steps, Batch), Core.CreateGradients());
            (_finalGradient, InitialGradient) = (Core.CreateState(Batch), Core.CreateState(Batch));
            _finalGradient.CopyFrom(TestModel.Narrow(samples.Uniform(_finalGradient.Length)));
        }

        public ModelCore Core { get; }

        public float[] Y { get; }

        public float[] Dx { get; }

        public ParameterSet Gradients { get; }

        public ModelState InitialGradient { get; }

        public void Run(ModelState? initial)
        {
            Core.Forward(_x, Y, _tape, Lengths, initial);
            Core.Backward(_dy, Dx, _tape, Gradients, false, _finalGradient, InitialGradient);
        }
    }
}
