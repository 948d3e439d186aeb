namespace RnnCodegen.Runtime;

/// <summary>
/// The places inside a row that a convolution sees: a row is [Channels, Length], and output p reads, of each channel, the places
/// Stride p - PadLeft + j Dilation, j from 0 to Size - 1.
/// </summary>
/// <param name="Channels">Channels of a row.</param>
/// <param name="Length">Places of a channel.</param>
/// <param name="Size">Places of a channel that an output sees.</param>
/// <param name="Stride">Places from one output to the next.</param>
/// <param name="Dilation">Places from one that an output sees to the next.</param>
/// <param name="PadLeft">Places before the first that outputs see.</param>
/// <param name="Positions">Outputs a row.</param>
/// <param name="Mirrors">Whether outside of a channel is its mirror image, rather than zeros.</param>
public readonly record struct RowWindow(
    int Channels, int Length, int Size, int Stride, int Dilation, int PadLeft, int Positions, bool Mirrors)
{
    /// <summary>The place that an output sees with an element of its kernel; -1 for a zero.</summary>
    internal int Seen(int position, int element)
    {
        var place = (position * Stride) + (element * Dilation) - PadLeft;
        return place >= 0 && place < Length ? place
            : !Mirrors ? -1
            : place < 0 ? -place : (2 * (Length - 1)) - place;
    }
}
