namespace RnnCodegen.Runtime;

/// <summary>
/// The steps that a layer over time sees: output t reads the input steps Stride t - PadLeft + j Dilation, j from 0 to Size - 1.
/// </summary>
/// <param name="Size">Steps a window has.</param>
/// <param name="Stride">Input steps from one window to the next.</param>
/// <param name="Dilation">Input steps from one step of a window to the next.</param>
/// <param name="PadLeft">Steps before the first input that windows see; zeros, or where a stream goes on, what came before.</param>
/// <param name="PadRight">Steps of zeros after the last input.</param>
public readonly record struct TimeWindow(int Size, int Stride, int Dilation, int PadLeft, int PadRight)
{
    /// <summary>Input steps from a window's first to its last, both included.</summary>
    public int Extent => ((Size - 1) * Dilation) + 1;

    /// <summary>Windows of so many input steps, at most 2^31 - 1; none of none.</summary>
    public int Steps(int inputSteps)
    {
        var padded = (long)inputSteps + PadLeft + PadRight;
        return inputSteps < 1 || padded < Extent ? 0 : (int)Math.Min(int.MaxValue, ((padded - Extent) / Stride) + 1);
    }
}
