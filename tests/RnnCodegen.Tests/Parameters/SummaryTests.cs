using RnnCodegen.Tests.Decoding;
using RnnCodegen.Tests.Training;
using Xunit;

namespace RnnCodegen.Tests.Parameters;

public sealed class SummaryTests
{
    [Fact]
    public void A_summary_shows_tensors_sizes_and_state()
    {
        Assert.Equal(
            """
            Linear: rows of 2 features in, 1 values per step out
              layer  tensor  shape   parameters
              Head   weight  [1, 2]           2
                     bias    [1]              1
            3 parameters, 12 bytes as float32
            no state; runs whole sequences only
            0 floating-point operations per step, computed as Scalar
            """.ReplaceLineEndings("\n"),
            new LinearModel().Summary());

        var summary = new TokenCell(TokenCell.Define(40, 30, 64, OutputTransform.Softmax, attends: true)).Summary();
        Assert.Contains("Cells: tokens 0 to 39 in, 30 values per step (Softmax in Run and Step), attending to rows of 64 out", summary);
        Assert.Contains("4,544 parameters, 18,176 bytes", summary);
        Assert.Contains("64 floats of state: Cell.h_l0 64; runs step by step", summary);
    }
}
