using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>A state in the memory of the host, where kernels read it.</summary>
/// <param name="workspace">Floats of the temporary memory of a streaming step.</param>
internal sealed unsafe class CpuState(int workspace) : StateBuffer
{
    private AlignedBuffer _values = new(1);

    public override Span<float> Values => _values.Span;

    public float* Pointer => _values.Pointer;

    /// <summary>Temporary memory of a streaming step; belongs to the stream, so that steps of different streams may run at once.</summary>
    public AlignedBuffer Workspace { get; } = new(Math.Max(1, workspace));

    /// <summary>Steps taken, for the order in which weights are read; no result depends on it.</summary>
    public int Turn { get; set; }

    public override void Reserve(long floats)
    {
        if (_values.Length < floats)
        {
            _values = new AlignedBuffer(floats);
        }
    }
}
