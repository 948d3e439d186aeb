using System.Runtime.InteropServices;

namespace RnnCodegen.Cuda;

/// <summary>The step of an update, as <c>StepCall</c> of the device code reads it; addresses are the device's.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CudaStepCall
{
    public ulong Parameters;

    /// <summary>Receives what the parameters were.</summary>
    public ulong Before;
    public ulong Gradients;

    /// <summary>Sums of the gradients of an update's batches, doubles; 0 where updates have one batch.</summary>
    public ulong Sums;

    /// <summary>The optimizer's state, one slot after the other.</summary>
    public ulong Slots;

    /// <summary>The sum of the gradients' squares, a double.</summary>
    public ulong Norm;

    /// <summary>What the sums are divided by.</summary>
    public double Divisor;
    public double ClipNorm;
    public float ClipValue;
    public int Count;
    public int SlotCount;
}

/// <summary>Neighbouring parameters that one rule holds for: <c>Range</c> of the device code.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CudaStepRange
{
    public int Offset;
    public int Length;

    /// <summary>See <see cref="Optimizer.WriteRule(in ParameterRange, Span{float})"/>.</summary>
    public fixed float Rule[Optimizer.RuleNumbers];
}
