using System.Runtime.InteropServices;

namespace RnnCodegen.Cuda;

/// <summary>
/// What connectionist temporal classification has besides, as <c>AlignmentCall</c> of the device code reads it; addresses are the device's.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CudaAlignmentCall
{
    /// <summary>Where each sample's labels start among all, and where the last one's end: B + 1 numbers.</summary>
    public ulong Starts;

    /// <summary>Room for what the device computes with, see <see cref="CudaTrainingLayout"/>.</summary>
    public ulong Shifts;
    public ulong Ways;
    public ulong Rests;
    public ulong Repeats;
    public int Blank;

    /// <summary>Labels that the room is for, of a sample.</summary>
    public int MostLabels;

    /// <summary>Whether a sample's loss is divided by its labels.</summary>
    public int IsMean;
    public int ZeroInfinity;
}
