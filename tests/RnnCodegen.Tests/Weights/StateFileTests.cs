using RnnCodegen.Tests.Training;
using Xunit;

namespace RnnCodegen.Tests.Weights;

/// <summary>A state in a file is one model's.</summary>
public sealed class StateFileTests
{
    [Fact]
    public void A_file_with_more_states_than_the_model_has_is_refused()
    {
        using var folder = new TempFolder();
        var (path, state) = (folder.File("state"), new LeakyModel().Core.CreateState());
        state.Vector("Cell.h_l0")[0] = 2;
        SafeTensorsFile.Write(
            path, [new SafeTensor("Cell.h_l0", [1, 1], new float[] { 3 }), new SafeTensor("Cell.h_l1", [1, 1], new float[] { 4 })]);
        var error = Assert.Throws<InvalidDataException>(() => state.Restore(path));
        Assert.Contains("Leaky has no state 'Cell.h_l1'; it has Cell.h_l0", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, state.Vector("Cell.h_l0")[0]);
    }
}
