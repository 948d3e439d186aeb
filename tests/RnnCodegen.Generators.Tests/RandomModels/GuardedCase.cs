using RnnCodegen.Numerics.Tests.Engines;
using RnnCodegen.Runtime;

namespace RnnCodegen.Generators.Tests.RandomModels;

/// <summary>A case's memory between guard pages: the caller's, and through its kernels the engine's.</summary>
internal sealed unsafe class GuardedCase(GuardedMemory memory) : CaseMemory
{
    public override Span<T> Copy<T>(ReadOnlySpan<T> values) => new(memory.Take(values), values.Length);

    public override ModelKernels Guard(ModelKernels kernels, ModelDefinition model) => new GuardedKernels(kernels, model, memory);
}
