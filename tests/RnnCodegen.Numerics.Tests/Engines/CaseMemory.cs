using RnnCodegen.Runtime;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>
/// Where the memory comes from that a case gives to a model: here from the heap, in other tests from between guard pages.
/// </summary>
internal class CaseMemory
{
    public static CaseMemory Plain { get; } = new();

    /// <summary>Memory with copies of some values.</summary>
    public virtual Span<T> Copy<T>(ReadOnlySpan<T> values)
        where T : unmanaged => values.ToArray();

    /// <summary>The code that is run in the place of a model's own.</summary>
    public virtual ModelKernels Guard(ModelKernels kernels, ModelDefinition model) => kernels;

    /// <summary>Memory in which an element that nobody writes shows.</summary>
    public Span<float> Poisoned(int length)
    {
        var values = Copy<float>(new float[length]);
        values.Fill(float.NaN);
        return values;
    }
}
