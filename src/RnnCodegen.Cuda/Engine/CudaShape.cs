using RnnCodegen.Runtime;

namespace RnnCodegen.Cuda;

/// <summary>What a frame is for.</summary>
internal enum CudaFrameKind
{
    /// <summary>A step of streams.</summary>
    Step,

    /// <summary>Inference over sequences.</summary>
    Run,

    /// <summary>Forward and Backward.</summary>
    Training,
}

/// <summary>
/// The sizes of a call and where its matrices stand in a frame's memory, in bytes. What the host writes and reads stands at the front, so
/// that the pinned memory beside the frame is laid out alike: what goes there and what comes back is one copy each.
/// </summary>
internal sealed class CudaShape
{
    private const int Alignment = 256;

    private readonly long[] _buffers;
    private readonly int[] _axes;
    private long _end;

    /// <param name="model">The model.</param>
    /// <param name="program">Its matrices.</param>
    /// <param name="division">How passes are divided.</param>
    /// <param name="kind">What the frame is for.</param>
    /// <param name="steps">Steps T.</param>
    /// <param name="batch">Samples B.</param>
    /// <param name="memorySteps">Rows S of each sample's memory.</param>
    public CudaShape(
        ModelDefinition model, CudaProgram program, CudaDivision division, CudaFrameKind kind, int steps, int batch, int memorySteps)
    {
        (Kind, Steps, Batch, MemorySteps, Parts) = (kind, steps, batch, memorySteps, Math.Min(batch, division.Parts));
        _axes = Array.ConvertAll(program.Axes, windows => StepsOf(windows));
        ChunkSteps = Math.Clamp(division.ChunkRows / batch, 1, Math.Max(1, Math.Max(steps, _axes.DefaultIfEmpty().Max())));
        _buffers = new long[program.Buffers.Length];
        Array.Fill(_buffers, -1);
        var layers = program.KeyWidths.Length;
        Header = Take(CudaHeader.Bytes(program));
        Lengths = Take(sizeof(int) * (long)batch);
        Tokens = Take(model.TakesTokens ? Bytes(model, "The token ids", steps, 1) : 0);
        Input = _end;
        Lay(CudaRole.Input);
        EndOfInput = _end;
        States = _end;
        Lay(CudaRole.State);
        EndOfStates = _end;
        Output = _end;
        Lay(CudaRole.Output);
        EndOfOutput = _end;
        if (kind == CudaFrameKind.Training)
        {
            OutputGradient = _end;
            Lay(CudaRole.OutputGradient);
            StateGradients = _end;
            Lay(CudaRole.StateGradient);
            EndOfStateGradients = _end;
            Sums = Take(sizeof(float) * (long)model.ParameterCount);
            EndOfSums = _end;
            InputGradient = _end;
            Lay(CudaRole.InputGradient);
            EndOfInputGradient = _end;
            MemoryGradient = Take(Bytes(model, "The gradient of the memory", memorySteps, model.MemorySize));
        }

        HostBytes = _end;
        KeyGradients = new long[layers];
        for (var layer = 0; layer < layers && kind == CudaFrameKind.Training; layer++)
        {
            KeyGradients[layer] = Take(Bytes(model, "The gradient of the keys", memorySteps, program.KeyWidths[layer]));
        }

        EndOfKeyGradients = _end;
        Lay(CudaRole.Temporary);
        if (kind == CudaFrameKind.Training)
        {
            Lay(CudaRole.Kept);
            PartGradients = _end;
            Lay(CudaRole.VectorGradient);
            Gradients = Take(sizeof(float) * (long)model.ParameterCount * Parts);
            EndOfPartGradients = _end;
        }

        DeviceBytes = _end;

        int StepsOf(CudaWindow[] windows)
        {
            if (kind == CudaFrameKind.Step)
            {
                // A step takes as many rows as the slowest axis stands for.
                return windows.Aggregate(steps, (n, window) => n / window.Stride);
            }

            var n = steps;
            foreach (var window in windows)
            {
                n = n < 1 ? 0 : Math.Max(0, n + window.Padding - window.Extent + window.Stride) / window.Stride;
            }

            return n;
        }

        void Lay(CudaRole role)
        {
            for (var k = 0; k < _buffers.Length; k++)
            {
                if (program.Buffers[k] is var buffer && buffer.Role == role)
                {
                    _buffers[k] = Take(sizeof(float) * RowsOf(buffer) * buffer.Width);
                }
            }
        }

        long RowsOf(in CudaBuffer buffer)
        {
            var rows = buffer.Rows switch
            {
                CudaRows.Once => buffer.Role == CudaRole.VectorGradient ? Parts : 1,
                CudaRows.Sample => batch,
                CudaRows.ChunkStep => (long)ChunkSteps * batch,
                CudaRows.StepAndEnd => (_axes[buffer.Axis] + 1L) * batch,
                _ => Math.Max(1L, _axes[buffer.Axis]) * batch,
            };
            _ = ModelChecks.Room(model, "A matrix", Saturated(rows, buffer.Width), steps, batch);
            return rows;
        }
    }

    public CudaFrameKind Kind { get; }

    public int Steps { get; }

    public int Batch { get; }

    /// <summary>Rows of each sample's memory; 0 where the model attends to none.</summary>
    public int MemorySteps { get; }

    public int Parts { get; }

    public int ChunkSteps { get; }

    public long Header { get; }

    public long Lengths { get; }

    public long Tokens { get; }

    public long Input { get; }

    public long EndOfInput { get; }

    public long States { get; }

    public long EndOfStates { get; }

    public long Output { get; }

    public long EndOfOutput { get; }

    public long OutputGradient { get; }

    public long StateGradients { get; }

    public long EndOfStateGradients { get; }

    public long Sums { get; }

    public long EndOfSums { get; }

    public long InputGradient { get; }

    public long EndOfInputGradient { get; }

    public long MemoryGradient { get; }

    /// <summary>Bytes that the host has too.</summary>
    public long HostBytes { get; }

    public long EndOfKeyGradients { get; }

    public long[] KeyGradients { get; }

    /// <summary>The gradients of the vectors and then those of all parameters, of each part.</summary>
    public long PartGradients { get; }

    public long Gradients { get; }

    public long EndOfPartGradients { get; }

    public long DeviceBytes { get; }

    /// <summary>The captured passes, see <see cref="CudaFrame.Execute"/>.</summary>
    public CudaCapture[] Captures { get; } = new CudaCapture[(int)CudaPass.Count];

    /// <summary>When it was used last.</summary>
    public long LastUse { get; set; }

    /// <summary>Steps of an axis.</summary>
    public int StepsOf(int axis) => _axes[axis];

    /// <summary>Where a matrix stands; -1 where it has no memory in this frame.</summary>
    public long Of(int buffer) => _buffers[buffer];

    /// <summary>So many bytes and those up to the next boundary.</summary>
    public static long Aligned(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;

    public void DropCaptures()
    {
        for (var k = 0; k < Captures.Length; k++)
        {
            Captures[k].Graph?.Dispose();
            Captures[k] = default;
        }
    }

    private static long Saturated(long rows, int width) => (long)Int128.Min((Int128)rows * width, long.MaxValue);

    private long Bytes(ModelDefinition model, string what, int rows, int width) =>
        sizeof(float) * ModelChecks.Room(model, what, ModelChecks.Product(rows, Batch, width), Steps, Batch);

    private long Take(long bytes)
    {
        var start = _end;
        _end += Aligned(bytes);
        return start;
    }
}

/// <summary>A pass of a shape: captured from its second run on.</summary>
internal struct CudaCapture
{
    public int Runs;
    public bool IsTooLong;
    public CudaGraph? Graph;
}
