using RnnCodegen.Numerics.Tests.Models;
using RnnCodegen.Runtime;
using Xunit;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>The memory that comes with a state: shared by copies, refused where it is missing or wrong.</summary>
public class MemoryTests
{
    private static readonly float[] Rows = TestModel.Narrow(new Samples(5).Uniform(4 * Width));

    private const int Width = 5;

    [Fact]
    public void A_copy_shares_the_memory_and_setting_it_anew_changes_the_copy_alone()
    {
        var core = Core();
        var (first, second) = (core.CreateState(), core.CreateState());
        first.SetMemory(Rows, 4);
        second.CopyFrom(first);
        Assert.Equal(Outputs(core, first), Outputs(core, second));

        second.SetMemory([.. Rows.Select(r => -r)], 4);
        first.Reset();
        second.Reset();
        var read = new float[Rows.Length];
        first.CopyMemoryTo(read);
        Assert.Equal(Rows, read);
        Assert.NotEqual(Outputs(core, first), Outputs(core, second));
    }

    [Fact]
    public void A_reset_keeps_the_memory()
    {
        var core = Core();
        var state = core.CreateState();
        state.SetMemory(Rows, 4);
        var first = Outputs(core, state);
        state.Reset();
        Assert.Equal(4, state.MemorySteps);
        Assert.Equal(first, Outputs(core, state));
    }

    [Fact]
    public void Rows_past_a_samples_length_do_not_count()
    {
        var core = Core();
        var (all, two) = (core.CreateState(), core.CreateState());
        all.SetMemory(Rows.AsSpan(0, 2 * Width), 2);
        two.SetMemory(Rows, 4, [2]);
        Assert.Equal(Outputs(core, all), Outputs(core, two));
    }

    [Fact]
    public void A_call_without_a_memory_says_how_to_give_one()
    {
        var core = Core();
        var (x, y) = (new float[core.Definition.InputSize], new float[core.Definition.OutputSize]);
        var none = Assert.Throws<ArgumentException>(() => core.Run(x, y, 1));
        Assert.Contains("call SetMemory on a state of 1 samples", none.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => core.Step(x, y, core.CreateState()));
        Assert.Throws<ArgumentException>(() => core.Forward(x, y, core.CreateTape(1, 1)));
        Assert.Throws<InvalidOperationException>(() => core.CreateState().CopyMemoryTo(y));
    }

    [Fact]
    public void Wrong_sizes_are_refused()
    {
        var state = Core().CreateState(2);
        Assert.Contains("S 2 x B 2 x M 5", Assert.Throws<ArgumentException>(() => state.SetMemory(Rows.AsSpan(1), 2)).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => state.SetMemory(Rows, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => state.SetMemory(Rows, 2, [1, 3]));
        Assert.Equal(0, state.MemorySteps);
        var plain = new ModelCore(Definition<LstmStacked>(), Kernels<LstmStacked>()).CreateState();
        Assert.Contains("attends to nothing", Assert.Throws<InvalidOperationException>(() => plain.SetMemory(Rows, 4)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Backward_refuses_a_memory_that_was_set_anew()
    {
        var core = Core();
        var (x, y) = (new float[core.Definition.InputSize], new float[core.Definition.OutputSize]);
        var (state, tape) = (core.CreateState(), core.CreateTape(1, 1));
        state.SetMemory(Rows, 4);
        core.Forward(x, y, tape, initialState: state);
        state.SetMemory(Rows, 4);
        var late = Assert.Throws<InvalidOperationException>(() => core.Backward(y, default, tape, core.CreateGradients()));
        Assert.Contains("call Forward again", late.Message, StringComparison.Ordinal);
    }

    private static ModelCore Core()
    {
        var core = new ModelCore(Definition<AttendingDot>(), Kernels<AttendingDot>());
        ParameterInitializer.Initialize(core.Parameters, Initialization.PyTorch, 3);
        return core;
    }

    private static float[] Outputs(ModelCore core, ModelState state)
    {
        var (x, y) = (TestModel.Narrow(new Samples(6).Uniform(3 * core.Definition.InputSize)), new float[3 * core.Definition.OutputSize]);
        core.Run(x, y, 3, initialState: state);
        return y;
    }

    private static ModelDefinition Definition<TModel>()
        where TModel : class, IRnnModel<TModel> => TModel.Definition;

    private static RnnCodegen.Runtime.ModelKernels Kernels<TModel>()
        where TModel : class, IRnnModel<TModel> => TModel.CreateKernels();
}
