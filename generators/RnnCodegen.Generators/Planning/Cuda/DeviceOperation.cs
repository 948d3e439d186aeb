using RnnCodegen.Generators.Lowering;

namespace RnnCodegen.Generators.Planning.Cuda;

/// <summary>A part of a pass on the device.</summary>
internal abstract record DeviceOperation;

/// <summary>A loop of the host over chunks of a time loop's steps.</summary>
internal sealed record DeviceChunks(TimeLoop Loop, IReadOnlyList<DeviceOperation> Operations) : DeviceOperation;

/// <summary>A loop of the host over the steps of a chunk.</summary>
internal sealed record DeviceSteps(TimeLoop Loop, IReadOnlyList<DeviceOperation> Operations) : DeviceOperation;

/// <summary>What is done where the device has clusters of blocks, and what where it has none.</summary>
internal sealed record DeviceChoice(IReadOnlyList<DeviceOperation> WithClusters, IReadOnlyList<DeviceOperation> Without) : DeviceOperation;

/// <summary>The launch of a kernel.</summary>
/// <param name="Name">The kernel's name, which no other one of the model has.</param>
/// <param name="Form">How it is spread over blocks.</param>
/// <param name="Instructions">What it does.</param>
/// <param name="Scope">In what it is done.</param>
internal sealed record DeviceKernel(string Name, KernelForm Form, IReadOnlyList<Instruction> Instructions, KernelScope Scope)
    : DeviceOperation
{
    /// <summary>Whether it is needed for the gradient of the input alone.</summary>
    public bool IsForInputGradient { get; init; }

    /// <summary>Whether its blocks add to gradients of a part of the batch each.</summary>
    public bool WritesParts { get; init; }

    /// <summary>How a loop with its weights on chip is laid out; null for other forms.</summary>
    public ResidentPlan? Resident { get; init; }

    /// <summary>The same of one sample at a time.</summary>
    public ResidentPlan? ResidentOfOne { get; init; }

    /// <summary>Blocks of a cluster.</summary>
    public int Cluster => Resident?.Cluster ?? 1;

    /// <summary>The kernel for few rows; null where there is none.</summary>
    public string? FewRowsName { get; init; }

    public bool Equals(DeviceKernel? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}

/// <summary>How a kernel is spread over blocks.</summary>
internal enum KernelForm
{
    /// <summary>A block takes samples through all instructions, and through all steps of a chunk where these are in a time loop.</summary>
    Samples,

    /// <summary>A block makes a tile of one product's result.</summary>
    Product,

    /// <summary>A block makes a tile of the gradient of one product's weights.</summary>
    WeightGradient,

    /// <summary>A cluster of blocks takes samples through the steps of a chunk, with the weights on chip.</summary>
    Resident,

    /// <summary>A block makes the keys of some samples' rows to attend to.</summary>
    Keys,
}

/// <summary>In what a kernel's instructions are.</summary>
/// <param name="IsStep">A streaming step, of as many streams as the batch has samples.</param>
/// <param name="Loop">The time loop; null outside of one.</param>
/// <param name="Place">Where in it.</param>
internal readonly record struct KernelScope(bool IsStep, TimeLoop? Loop = null, LoopPlace Place = LoopPlace.Outside);

/// <summary>Where in a time loop instructions stand.</summary>
internal enum LoopPlace
{
    /// <summary>In none.</summary>
    Outside,

    /// <summary>Before or after the steps of a chunk: once a chunk.</summary>
    Chunk,

    /// <summary>In a step, whose number the host says.</summary>
    Step,

    /// <summary>In the steps of a chunk, which the kernel goes through.</summary>
    Steps,
}
