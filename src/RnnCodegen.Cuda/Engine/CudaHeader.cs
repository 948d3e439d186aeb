namespace RnnCodegen.Cuda;

/// <summary>
/// What kernels find a call by: its arguments, the addresses of its matrices, and of each attention layer those of the keys and of their
/// gradients, one after the other.
/// </summary>
internal static unsafe class CudaHeader
{
    public static long Bytes(CudaProgram program) =>
        sizeof(CudaCall) + (sizeof(ulong) * (program.Buffers.Length + (2L * program.KeyWidths.Length)));

    /// <summary>Writes it.</summary>
    /// <param name="target">Where the host writes it.</param>
    /// <param name="call">What the frame does not know: parameters and dropout.</param>
    /// <param name="shape">Where everything stands.</param>
    /// <param name="memory">The address of the frame's memory.</param>
    /// <param name="program">The matrices.</param>
    /// <param name="attended">What is attended to; null where nothing is.</param>
    /// <param name="hasLengths">Whether the samples have lengths.</param>
    public static void Write(
        byte* target, CudaCall call, CudaShape shape, ulong memory, CudaProgram program, CudaRowsToAttend? attended, bool hasLengths)
    {
        var (buffers, layers) = (program.Buffers.Length, program.KeyWidths.Length);
        var tables = memory + (ulong)shape.Header + (ulong)sizeof(CudaCall);
        var table = (ulong*)(target + sizeof(CudaCall));
        for (var k = 0; k < buffers; k++)
        {
            *table++ = shape.Of(k) < 0 ? 0 : memory + (ulong)shape.Of(k);
        }

        for (var layer = 0; layer < layers; layer++)
        {
            table[layer] = attended!.KeysOf(layer);
            table[layers + layer] = memory + (ulong)shape.KeyGradients[layer];
        }

        var isTraining = shape.Kind == CudaFrameKind.Training;
        if (attended is not null)
        {
            (call.Memory, call.MemoryLengths) = (attended.Rows, attended.Lengths);
        }

        call.Buffers = tables;
        call.Keys = tables + (ulong)(sizeof(ulong) * buffers);
        call.KeyGradients = isTraining ? tables + (ulong)(sizeof(ulong) * (buffers + layers)) : 0;
        call.Gradients = isTraining ? memory + (ulong)shape.Gradients : 0;
        call.MemoryGradient = isTraining ? memory + (ulong)shape.MemoryGradient : 0;
        call.Tokens = memory + (ulong)shape.Tokens;
        call.Lengths = hasLengths ? memory + (ulong)shape.Lengths : 0;
        (call.Steps, call.Batch, call.MemorySteps) = (shape.Steps, shape.Batch, shape.MemorySteps);
        *(CudaCall*)target = call;
    }
}
