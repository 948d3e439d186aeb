using RnnCodegen.Runtime;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>A call that a kernel was asked for, and what its thread had allocated by then.</summary>
internal readonly record struct ProbedCall(int First, int Batch, int Thread, long AllocatedBytes);

/// <summary>Generated code, and a note of each call of Run, Forward and Backward; itself allocates nothing.</summary>
internal sealed class ProbeKernels(ModelKernels kernels) : ModelKernels
{
    private readonly ProbedCall[] _calls = new ProbedCall[100_000];
    private int _count;

    /// <summary>The calls, in the order in which they began.</summary>
    public ReadOnlySpan<ProbedCall> Calls => _calls.AsSpan(0, _count);

    /// <summary>Thrown by the calls that start at a sample.</summary>
    public (int FirstSample, Exception Exception)? Failure { get; set; }

    /// <summary>Forgets the calls so far.</summary>
    public void Reset() => _count = 0;

    public override SimdWidth Width => kernels.Width;

    public override long PackedLength => kernels.PackedLength;

    public override long PackedBackwardLength => kernels.PackedBackwardLength;

    public override int StepWorkspaceLength => kernels.StepWorkspaceLength;

    public override long PackedGradientsLength => kernels.PackedGradientsLength;

    public override long RunWorkspaceLength(int steps, int batch) => kernels.RunWorkspaceLength(steps, batch);

    public override long TapeLength(int steps, int batch) => kernels.TapeLength(steps, batch);

    public override long TrainingWorkspaceLength(int steps, int batch) => kernels.TrainingWorkspaceLength(steps, batch);

    public override unsafe void Pack(float* parameters, float* packed) => kernels.Pack(parameters, packed);

    public override unsafe void PackBackward(float* parameters, float* packed) => kernels.PackBackward(parameters, packed);

    public override void Step(in ModelCall call) => kernels.Step(call);

    public override void Run(in ModelCall call)
    {
        Note(call);
        kernels.Run(call);
    }

    public override void Forward(in ModelCall call)
    {
        Note(call);
        kernels.Forward(call);
    }

    public override void Backward(in ModelCall call)
    {
        Note(call);
        kernels.Backward(call);
    }

    public override void AddGradients(in ModelCall call, int share, int shares) => kernels.AddGradients(call, share, shares);

    public override void AddTokenGradients(in ModelCall call, int share, int shares) => kernels.AddTokenGradients(call, share, shares);

    private void Note(in ModelCall call)
    {
        _calls[Interlocked.Increment(ref _count) - 1] =
            new(call.FirstSample, call.Batch, Environment.CurrentManagedThreadId, GC.GetAllocatedBytesForCurrentThread());
        if (Failure is { } failure && failure.FirstSample == call.FirstSample)
        {
            throw failure.Exception;
        }
    }
}
