using RnnCodegen.Tests.Training;
using Xunit;

namespace RnnCodegen.Tests.Verification;

/// <summary>Every way a golden file can be wrong, by itself or for its model: refused with a message that names file and cause.</summary>
public sealed class BadGoldenPairTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static SafeTensor Input => Floats("input", 2, 1, 1);

    private static SafeTensor Output => Floats("output", 2, 1, 1);

    public static TheoryData<string, SafeTensor[]> BadFiles => new()
    {
        { "tensor 'h0' is unknown: a golden pair holds 'input' or 'tokens', 'output'", [Input, Output, Floats("h0", 1, 1)] },
        { "it has neither of 'input' and 'tokens'", [Output] },
        { "it has both 'input' and 'tokens'", [Input, Output, Integers("tokens", [2, 1], 0, 0)] },
        { "tensor 'output' is missing", [Input] },
        { "'input' must have shape [T, B, I], with no size 0, but has [2, 1]", [Floats("input", 2, 1), Output] },
        { "'input' must have shape [T, B, I], with no size 0, but has [0, 1, 1]", [Floats("input", 0, 1, 1), Output] },
        { "'tokens' must have shape [T, B]", [Integers("tokens", [2], 0, 0), Output] },
        { "'output' must have shape [T, B, F] or [B, F], with no size 0, but has [2]", [Input, Floats("output", 2)] },
        { "'output' has 3 samples, 'input' 1", [Input, Floats("output", 2, 3, 1)] },
        { "'input' must be F32, F64, F16 or BF16, but is I32", [Integers("input", [2, 1, 1], 0, 0), Output] },
        { "'tokens' must be I32 or I64, but is F32", [Floats("tokens", 2, 1), Output] },
        { "value 1 of 'tokens' is 4294967296, which is not a 32-bit number", [Longs("tokens", [2, 1], 0, 4294967296), Output] },
        { "value 1 of 'output' is NaN; values must be finite float32 numbers", [Input, new("output", [2, 1, 1], new[] { 0, float.NaN })] },
        { "value 0 of 'input' is Infinity; values must be finite " +
            "float32 numbers", [new("input", [2, 1, 1], new[] { float.PositiveInfinity, 0 }), Output] },
        { "'lengths' must have shape [1], but has [2]", [Input, Output, Integers("lengths", [2], 1, 1)] },
        { "'lengths' says 3 for sample 0; it must lie between 0 and T = 2", [Input, Output, Integers("lengths", [1], 3)] },
        { "'lengths' says -1 for sample 0", [Input, Output, Integers("lengths", [1], -1)] },
        { "it has 'memory_lengths', but no 'memory'", [Input, Output, Integers("memory_lengths", [1], 1)] },
        { "'memory' must have shape [S, B, M]", [Input, Output, Floats("memory", 1, 1)] },
        { "'memory' is of 2 samples, the input of 1", [Input, Output, Floats("memory", 1, 2, 1)] },
        { "'memory_lengths' says 4 for sample 0; it must lie between 0 and S = 3", [Input, Output, Floats("memory", 3, 1, 1),
            Integers("memory_lengths", [1], 4)] },
        { "'initial.Cell.h_l0' must have shape [B, size]", [Input, Output, Floats("initial.Cell.h_l0", 1)] },
        { "'final.Cell.h_l0' is of 2 samples, the input of 1", [Input, Output, Floats("final.Cell.h_l0", 2, 1)] },
    };

    [Theory]
    [MemberData(nameof(BadFiles))]
    public void A_file_that_no_model_could_mean_is_refused(string message, SafeTensor[] tensors) =>
        AssertRefused(message, () => Load(tensors));

    public static TheoryData<string, SafeTensor[]> ForOtherModels => new()
    {
        { "the rows of 'input' have 2 values; Leaky takes 1", [Floats("input", 2, 1, 2), Output] },
        { "'tokens' holds token ids, but Leaky takes rows of 1: 'input'", [Integers("tokens", [2, 1], 0, 0), Output] },
        { "'output' must have shape [2, 1, 1] for Leaky, but has [2, 1, 3]", [Input, Floats("output", 2, 1, 3)] },
        { "'output' must have shape [2, 1, 1] for Leaky, but has [1, 1]", [Input, Floats("output", 1, 1)] },
        { "'output' must have shape [2, 1, 1] for Leaky, but has [3, 1, 1]", [Input, Floats("output", 3, 1, 1)] },
        { "'memory': Leaky attends to nothing", [Input, Output, Floats("memory", 1, 1, 2)] },
        { "'initial.Cell.c_l0': Leaky has no such state. Nearest: 'initial.Cell.h_l0'", [Input, Output,
            Floats("initial.Cell.c_l0", 1, 1)] },
        { "'final.Cell.h_l0' has 2 values per sample; the state of Leaky has 1", [Input, Output, Floats("final.Cell.h_l0", 1, 2)] },
    };

    [Theory]
    [MemberData(nameof(ForOtherModels))]
    public void A_pair_of_another_model_is_refused(string message, SafeTensor[] tensors)
    {
        var pair = Load(tensors);
        AssertRefused(message, () => pair.Compare(new LeakyModel()));
    }

    [Fact]
    public void Tokens_that_are_no_ids_of_the_model_are_refused()
    {
        var pair = Load(Integers("tokens", [2, 1], 3, 4), Floats("output", 2, 1, 3));
        AssertRefused("value 1 of 'tokens' is 4; the ids of Table run from 0 to 3", () => pair.Compare(new TableModel()));
        pair = Load(Input, Floats("output", 2, 1, 3));
        AssertRefused("'input' holds rows, but Table takes token ids: 'tokens'", () => pair.Compare(new TableModel()));
    }

    [Theory]
    [InlineData("small")]
    [InlineData("-1")]
    [InlineData("NaN")]
    [InlineData("1e999")]
    public void A_tolerance_that_is_none_is_refused(string text)
    {
        SafeTensorsFile.Write(_folder.File("golden"), [Input, Output], new Dictionary<string, string> { ["tolerance"] = text });
        AssertRefused($"the metadata's tolerance is '{text}'; it must be a number, 0 or more",
            () => GoldenPair.Load(_folder.File("golden")));
    }

    private static SafeTensor Floats(string name, params int[] shape) => new(name, shape, new float[shape.Aggregate(1, (a, b) => a * b)]);

    private static SafeTensor Integers(string name, int[] shape, params int[] values) =>
        SafeTensor.Of<int>(name, shape, values);

    private static SafeTensor Longs(string name, int[] shape, params long[] values) =>
        SafeTensor.Of<long>(name, shape, values);

    private GoldenPair Load(params SafeTensor[] tensors)
    {
        SafeTensorsFile.Write(_folder.File("golden"), tensors);
        return GoldenPair.Load(_folder.File("golden"));
    }

    private void AssertRefused(string message, Action action)
    {
        var error = Assert.Throws<InvalidDataException>(action);
        Assert.StartsWith($"'{_folder.File("golden")}': ", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }
}
