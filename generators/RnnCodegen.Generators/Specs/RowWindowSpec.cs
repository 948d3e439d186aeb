namespace RnnCodegen.Generators.Specs;

/// <summary>What each output of a convolution inside a row [Channels, Length] sees; mirrors the runtime's <c>RowWindow</c>.</summary>
internal sealed record RowWindowSpec(
    int Channels, int Length, int Size, int Stride, int Dilation, int PadLeft, int PadRight, bool Mirrors)
{
    /// <summary>Places from the first that an output sees to the last.</summary>
    public long Extent => ((Size - 1) * (long)Dilation) + 1;

    /// <summary>Outputs a row; none where the kernel is longer than what it may see.</summary>
    public int Positions => Padded < Extent ? 0 : (int)((Padded - Extent) / Stride) + 1;

    /// <summary>Values that an output sees.</summary>
    public int Terms => (int)Math.Min(int.MaxValue, (long)Channels * Size);

    /// <summary>Places of a channel, with those before and after it.</summary>
    public long Padded => Length + (long)PadLeft + PadRight;
}
