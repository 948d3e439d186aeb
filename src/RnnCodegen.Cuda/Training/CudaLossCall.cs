using System.Runtime.InteropServices;

namespace RnnCodegen.Cuda;

/// <summary>
/// A batch's outputs and what they are compared with, as <c>LossCall</c> of the device code reads it; addresses are the device's.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CudaLossCall
{
    /// <summary>All rows of the output [T, B, F], and their gradient.</summary>
    public ulong Output;
    public ulong Gradient;

    /// <summary>Values or class ids of the rows that can count.</summary>
    public ulong Targets;

    /// <summary>Valid steps of each sample, weights of samples and of rows; 0 where all are, and where all are 1.</summary>
    public ulong Lengths;
    public ulong SampleWeights;
    public ulong StepWeights;

    /// <summary>Numbers of features that the loss depends on.</summary>
    public ulong Coefficients;

    /// <summary>Of the gradient; 0 where nothing counts.</summary>
    public double Scale;

    /// <summary>What smoothing gives each class, and all of them.</summary>
    public double Smooth;
    public double Spread;

    /// <summary>Rows in all, and those before the ones that can count.</summary>
    public int Rows;
    public int Before;

    /// <summary>Steps that can count.</summary>
    public int Steps;
    public int Batch;
    public int Features;

    /// <summary>The loss' window, see <see cref="LossWindow.Bounds"/>.</summary>
    public int First;
    public int Limit;
    public int AtEnd;

    public int CoefficientCount;
    public int OutputsPerTarget;
    public int IgnoresUnknown;
    public int HasIgnored;
    public int Ignored;
    public float Smoothing;
}
