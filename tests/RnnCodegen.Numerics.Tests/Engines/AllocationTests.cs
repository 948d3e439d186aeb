using RnnCodegen.Runtime;
using RnnCodegen.Numerics.Tests.Models;
using RnnCodegen.Tests.Training;
using Xunit;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>After a warm-up, neither inference nor training allocates: fit for a real-time thread.</summary>
public class AllocationTests
{
    private const int Steps = 9;
    private const int Batch = 3;

    public static TheoryData<SimdWidth> Widths() => [.. Enum.GetValues<SimdWidth>()];

    [Theory]
    [MemberData(nameof(Widths))]
    public void Feature_model_does_not_allocate(SimdWidth width)
    {
        RequireNone<HeadOfEveryActivation>(width);
        RequireNone<SoftmaxClassifier>(width);
        RequireNone<Normalised>(width);
        RequireNone<Dropped>(width);
        RequireNone<LstmPeepholesProjectionCoupled>(width);
        RequireNone<BFloat16LstmEverything>(width);
        RequireNone<Int8LstmEverything>(width);
        RequireNone<OneReducedLayer>(width);
        RequireNone<RowLayers33>(width);
        RequireNone<ReversedInput>(width);
        RequireNone<ConvStrided>(width);
        RequireNone<SpectraThenLstm>(width);
        RequireNone<GloballyPooled>(width);
        RequireNone<AttendingTwice>(width);
        RequireNone<CategoriesBetween>(width);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Token_model_does_not_allocate(SimdWidth width)
    {
        var core = NewCore<LanguageModel>(width);
        var tokens = new Samples(1).Integers(Steps * Batch, 29);
        var (y, row, dy) = (new float[Steps * Batch * 29], new float[29], new float[Steps * Batch * 29]);
        var (state, tape, gradients) = (core.CreateState(), core.CreateTape(Steps, Batch), core.CreateGradients());
        int[] lengths = [9, 0, 4];
        RequireNone("LanguageModel", () =>
        {
            core.Step(3, row, state);
            core.Run(tokens, y, Steps, Batch, lengths);
            core.Forward(tokens, y, tape, lengths);
            core.Backward(dy, default, tape, gradients);
        });
    }

    [Fact]
    public void Model_and_stream_do_not_allocate()
    {
        var model = new LstmStacked(1);
        using var stream = model.CreateStream();
        var (x, y) = (new float[LstmStacked.InputSize], new float[LstmStacked.OutputSize]);
        var (sequence, rows) = (new float[Steps * LstmStacked.InputSize], new float[Steps * LstmStacked.OutputSize]);
        var values = new float[stream.State.Length];
        RequireNone("LstmStacked", () =>
        {
            stream.Step(x, y);
            stream.State.Reset();
            stream.State.CopyTo(values);
            stream.State.CopyFrom(values);
            model.Run(sequence, rows, Steps);
        });
    }

    private static void RequireNone<TModel>(SimdWidth width)
        where TModel : class, IRnnModel<TModel>
    {
        var core = NewCore<TModel>(width);
        var definition = TModel.Definition;
        var rows = (definition.OutputIsSequence ? definition.OutputSteps(Steps) : 1) * Batch;
        var (x, dx) = (new float[Steps * Batch * definition.InputSize], new float[Steps * Batch * definition.InputSize]);
        var (y, dy) = (new float[rows * definition.OutputSize], new float[rows * definition.OutputSize]);
        var (row, output) = (new float[definition.StepRows * definition.InputSize], new float[definition.OutputSize]);
        var (stream, initial, final) = (core.CreateState(), core.CreateState(Batch), core.CreateState(Batch));
        var (tape, gradients) = (core.CreateTape(Steps, Batch), core.CreateGradients());
        int[] lengths = [9, 0, 4];
        var memory = new float[2 * Batch * definition.MemorySize];
        RequireNone(definition.Name, () =>
        {
            if (memory.Length > 0)
            {
                initial.SetMemory(memory, 2);
                stream.SetMemory(memory, 2 * Batch);
            }

            if (definition.CanStream)
            {
                core.Step(row, output, stream);
            }

            core.Run(x, y, Steps, Batch, initialState: memory.Length > 0 ? initial : null);
            core.Run(x, y, Steps, Batch, lengths, initial, final);
            core.Forward(x, y, tape, lengths, initial, final);
            core.Backward(dy, dx, tape, gradients, true, final, initial);
            tape.Reshape(Steps - 1, Batch - 1);
            tape.Reshape(Steps, Batch);
        });
    }

    private static void RequireNone(string name, Action action)
    {
        action();
        action();
        var bytes = Allocation.Of(action);
        Assert.True(bytes == 0, $"{name} allocated {bytes} bytes.");
    }

    private static ModelCore NewCore<TModel>(SimdWidth width)
        where TModel : class, IRnnModel<TModel> => new(TModel.Definition, TModel.CreateKernels(width));
}
