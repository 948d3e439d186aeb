using RnnCodegen.Cuda;
using RnnCodegen.Cuda.Tests;
using RnnCodegen.Numerics.Tests.Models;
using RnnCodegen.PtxMachine;
using RnnCodegen.Runtime;
using Xunit;

namespace RnnCodegen.CudaEngine.Tests;

/// <summary>A long Run that goes in pieces, beside the same in one.</summary>
public class PieceTests
{
    // So few that short sequences are long: a piece is of two chunks.
    private const int ChunkRows = 18;

    private const string CopiesToDevice = "cuMemcpyHtoDAsync_v2", Waits = "cuStreamSynchronize";

    public static TheoryData<string> Models() => [.. s_models.Keys];

    private static readonly Dictionary<string, Action> s_models = new()
    {
        [nameof(SmallRows)] = () => Compare(new SmallRows(seed: 1), stepRows: 1),
        [nameof(SmallWords)] = () => Compare(new SmallWords(seed: 2), stepRows: 1),
        [nameof(SmallDecoder)] = () => Compare(new SmallDecoder(seed: 3), stepRows: 1),
        [nameof(SmallLast)] = () => Compare(new SmallLast(seed: 4), stepRows: 1),
        [nameof(ConvDilated)] = () => Compare(new ConvDilated(seed: 5), stepRows: 1),
        [nameof(ConvStrided)] = () => Compare(new ConvStrided(seed: 6), stepRows: 6),
        [nameof(Windowed)] = () => Compare(new Windowed(seed: 7), stepRows: 1),
        [nameof(LineAndSlope)] = () => Compare(new LineAndSlope(seed: 8), stepRows: 1),
    };

    [NvrtcTheory]
    [MemberData(nameof(Models))]
    public void Pieces_give_the_bits_of_the_whole(string model) => s_models[model]();

    /// <summary>Layers that need the end first have it.</summary>
    [NvrtcFact]
    public void What_needs_the_whole_sequence_gets_it()
    {
        using var driver = new SoftwareDriver();
        var cpu = new SmallBoth(seed: 3);
        using (var model = Software.Place(cpu, Options(driver, pieceChunks: 2)))
        {
            var x = Software.Uniform(50 * 3 * 2, 1);
            var (y, expected) = (new float[50 * 3 * 6], new float[50 * 3 * 6]);
            var before = driver.Calls.GetValueOrDefault(CopiesToDevice);
            model.Run(x, y, 50, 3);
            cpu.Run(x, expected, 50, 3);
            Assert.Equal(expected, y, (a, b) => MathF.Abs(a - b) < 2e-6f);

            // The parameters and the input.
            Assert.Equal(2, driver.Calls[CopiesToDevice] - before);
        }

        driver.RequireClean();
    }

    [NvrtcFact]
    public void Memory_does_not_grow_with_the_steps()
    {
        using var driver = new SoftwareDriver();
        using (var model = Software.Place(new SmallRows(), Options(driver, pieceChunks: 1)))
        {
            long Held(int steps)
            {
                model.Run(new float[steps * 3], new float[steps * 2], steps);
                return driver.Memory.Allocated;
            }

            var held = Held((2 * ChunkRows) - 1);
            Assert.Equal(held, Held((11 * ChunkRows) - 1));
        }

        driver.RequireClean();
    }

    /// <summary>A piece that fails leaves the state that the caller gave, and the next Run begins anew.</summary>
    [NvrtcFact]
    public void A_piece_that_fails_leaves_the_callers_state()
    {
        const int Steps = 5 * ChunkRows;
        using var driver = new SoftwareDriver();
        using (var model = Software.Place(new SmallRows(seed: 1), Options(driver, pieceChunks: 1)))
        {
            var (x, y, again) = (Software.Uniform(Steps * 3, 1), new float[Steps * 2], new float[Steps * 2]);
            var state = model.CreateState();
            model.Run(x, y, Steps);
            driver.Fail(Waits, driver.Calls[Waits] + 3, SoftwareError.OutOfMemory);
            Assert.Throws<CudaException>(() => model.Run(x, again, Steps, initialState: state, finalState: state));
            var values = new float[state.Length];
            state.CopyTo(values);
            Assert.All(values, value => Assert.Equal(0, value));
            model.Run(x, again, Steps, initialState: state, finalState: state);
            Assert.Equal(y, again);
        }

        driver.RequireClean();
    }

    private static void Compare<TModel>(TModel model, int stepRows)
        where TModel : class, IRnnModel<TModel>
    {
        using var driver = new SoftwareDriver();
        var definition = model.Core.Definition;
        Assert.Equal((true, stepRows), (definition.CanStream, definition.StepRows));
        var whole = Software.Place(model, Options(driver, pieceChunks: int.MaxValue));
        var pieces = Software.Place(model, Options(driver, pieceChunks: 2));
        foreach (var batch in new[] { 1, 3 })
        {
            // Three pieces, of which the last ends with a chunk of so few rows that another kernel takes them.
            var piece = 2 * (ChunkRows / batch) * stepRows;
            var steps = (3 * piece) + (2 * stepRows);
            var expected = Run(whole.Core, steps, batch, null);
            var before = driver.Calls[CopiesToDevice];
            Assert.Equal(expected, Run(pieces.Core, steps, batch, null));
            Assert.InRange(driver.Calls[CopiesToDevice] - before, 3, 6);
            int[] lengths = [.. new[] { piece + stepRows + 1, 0, steps }.Take(batch)];
            Assert.Equal(Run(whole.Core, steps, batch, lengths), Run(pieces.Core, steps, batch, lengths));
        }

        CudaModels.Dispose(whole.Core);
        CudaModels.Dispose(pieces.Core);
        driver.RequireClean();
    }

    /// <summary>The outputs, and the state after the last step.</summary>
    private static float[] Run(ModelCore model, int steps, int batch, int[]? lengths)
    {
        var definition = model.Definition;
        var (start, end) = (model.CreateState(batch), model.CreateState(batch));
        start.CopyFrom(Software.Uniform(start.Length, 1));
        if (definition.MemorySize > 0)
        {
            start.SetMemory(Software.Uniform(4 * batch * definition.MemorySize, 2), 4);
        }

        var y = new float[definition.OutputRows(steps, batch) * definition.OutputSize];
        if (definition.TakesTokens)
        {
            int[] tokens = [.. Enumerable.Range(0, steps * batch).Select(i => i * 5 % definition.Vocabulary)];
            model.Run(tokens, y, steps, batch, lengths, start, end);
        }
        else
        {
            model.Run(Software.Uniform(steps * batch * definition.InputSize, 3), y, steps, batch, lengths, start, end);
        }

        var state = new float[end.Length];
        end.CopyTo(state);
        return [.. y, .. state];
    }

    private static CudaOptions Options(SoftwareDriver driver, int pieceChunks) =>
        Software.On(driver, new() { ChunkRows = ChunkRows, PieceChunks = pieceChunks });
}
