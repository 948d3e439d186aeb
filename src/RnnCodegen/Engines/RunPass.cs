using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>
/// One Run over a batch in parts. Each part has a range of one buffer to itself: its state, its tokens, its temporary memory.
/// </summary>
internal sealed unsafe class RunPass(CpuEngine engine) : IPartedWork
{
    private AlignedBuffer _workspace = new(1);
    private BatchPartition _partition;
    private ModelCall _call;
    private ModelState? _initial;
    private ModelState? _final;
    private long _partLength;

    /// <summary>Runs the whole batch; memory grows where a larger one comes.</summary>
    /// <param name="call">The user's memory and the weights.</param>
    /// <param name="partition">How the batch is divided.</param>
    /// <param name="initial">State before the first step; the model's start where null.</param>
    /// <param name="final">Receives the state after the last valid step; may be the initial one.</param>
    public void Run(in ModelCall call, BatchPartition partition, ModelState? initial, ModelState? final)
    {
        (_call, _partition, _initial, _final) = (call, partition, initial, final);
        _partLength = 0;
        for (var part = 0; part < partition.Parts; part++)
        {
            var count = partition.Count(part);
            _partLength = Math.Max(_partLength,
                StateLength(count) + TokensLength(count) + engine.Kernels.RunWorkspaceLength(call.Steps, count));
        }

        _partLength = AlignedBuffer.RoundUp(_partLength);
        var length = ModelChecks.Room(
            engine.Definition, "The temporary memory of a call", _partLength * partition.Parts, call.Steps, call.Batch);
        if (_workspace.Length < length)
        {
            _workspace = new AlignedBuffer(length);
        }

        WorkerTeam.Shared.Run(this, partition.Parts);
        (_initial, _final) = (null, null);
    }

    /// <inheritdoc/>
    public void Do(int part)
    {
        var (first, count) = (_partition.First(part), _partition.Count(part));
        var call = _call.Part(engine.Definition, first, count);
        call.State = _workspace.Pointer + (part * _partLength);
        var state = new Span<float>(call.State, checked((int)StateLength(count)));
        var end = call.State + StateLength(count);
        if (TokensLength(count) > 0)
        {
            call.CopyTokens((int*)end);
            call.Tokens = (int*)end;
            end += TokensLength(count);
        }

        call.Workspace = end;
        if (_initial is null)
        {
            engine.Start.Fill(state, count);
        }
        else
        {
            _initial.CopySamplesTo(state, first, count);
        }

        engine.Kernels.Run(call);
        _final?.CopySamplesFrom(state, first, count);
    }

    private long StateLength(int count) => (long)engine.Start.StateFloats * count;

    /// <summary>A part's own copy of its tokens, which stand together for the kernels; the whole batch's are read where they are.</summary>
    private long TokensLength(int count) =>
        engine.Definition.TakesTokens && _partition.Parts > 1 ? AlignedBuffer.RoundUp((long)_call.Steps * count) : 0;
}
