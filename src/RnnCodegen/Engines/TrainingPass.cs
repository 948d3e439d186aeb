using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>One Forward or Backward over a batch in parts, on the memory of a tape.</summary>
internal sealed unsafe class TrainingPass(CpuTape tape) : IPartedWork
{
    // Parameters from which on the sum of the parts' gradients is worth more than one thread.
    private const int ParametersToShare = 32 * 1024;

    // Floats that stay in the first-level cache while the parts' gradients are added to them.
    private const int SumBlock = 4096;

    private CpuEngine _engine = null!;
    private ModelCall _call;
    private ModelState? _from;
    private ModelState? _to;
    private ParameterSet? _gradients;
    private bool _accumulates;
    private bool _startsLearned;
    private int _shares;
    private Phase _phase;

    private enum Phase
    {
        Pack,
        Forward,
        Backward,
        SumParts,
        AddToParameters,
    }

    private int Parts => tape.Partition.Parts;

    /// <summary>Fills the tape.</summary>
    public void Forward(CpuEngine engine, in ModelCall call, ModelState? initial, ModelState? final)
    {
        (_engine, _call, _from, _to) = (engine, call, initial, final);
        if (call.Training && Parts > 1 && !engine.PackedForward.IsCurrent && !engine.PackedBackward.IsCurrent)
        {
            // What Backward reads is made in the same time.
            Run(Phase.Pack, 2);
        }

        _call.Packed = engine.PackedForward.Current();
        Run(Phase.Forward, Parts);
        (_from, _to) = (null, null);
    }

    /// <summary>Reads the tape.</summary>
    public void Backward(
        CpuEngine engine, in ModelCall call, ParameterSet gradients, bool accumulates, bool startsLearned, ModelState? final, ModelState? initial)
    {
        _startsLearned = startsLearned;
        (_engine, _call, _from, _to, _gradients, _accumulates) = (engine, call, final, initial, gradients, accumulates);
        _call.Packed = engine.PackedForward.Current();
        _call.PackedBackward = engine.PackedBackward.Current();
        gradients.Edit();
        Run(Phase.Backward, Parts);
        _shares = gradients.Count >= ParametersToShare ? Parts : 1;
        Run(Phase.SumParts, _shares);
        Run(Phase.AddToParameters, _shares);
        (_from, _to, _gradients) = (null, null, null);
    }

    /// <inheritdoc/>
    public void Do(int part)
    {
        switch (_phase)
        {
            case Phase.Pack when part == 0:
                _engine.PackedForward.Current();
                break;
            case Phase.Pack:
                _engine.PackedBackward.Current();
                break;
            case Phase.Forward:
                DoForward(part);
                break;
            case Phase.Backward:
                DoBackward(part);
                break;
            case Phase.SumParts:
                SumParts(part);
                break;
            case Phase.AddToParameters:
                AddToParameters(part);
                break;
        }
    }

    /// <summary>The tape may be in more parts than the model has threads now; the results are those of the parts.</summary>
    private void Run(Phase phase, int parts)
    {
        _phase = phase;
        if (_engine.MaxThreads < parts)
        {
            WorkerTeam.RunAlone(this, parts);
        }
        else
        {
            WorkerTeam.Shared.Run(this, parts);
        }
    }

    private void DoForward(int part)
    {
        var call = tape.Part(_call, part);
        if (_call.Tokens != null)
        {
            // Still the caller's: the tape keeps them for Backward.
            var tokens = tape.Tokens(part);
            call.CopyTokens(tokens);
            call.Tokens = tokens;
        }

        call.State = tape.State(part);
        var state = new Span<float>(call.State, checked((int)tape.StateLength(call.Batch)));
        if (_from is null)
        {
            _engine.Start.Fill(state, call.Batch);
        }
        else
        {
            _from.CopySamplesTo(state, call.FirstSample, call.Batch);
        }

        _engine.Kernels.Forward(call);
        _to?.CopySamplesFrom(state, call.FirstSample, call.Batch);
    }

    private void DoBackward(int part)
    {
        if (!_accumulates)
        {
            var (first, end) = Shares.Of(_gradients!.Count, part, Parts);
            new Span<float>(_gradients.Pointer + first, end - first).Clear();
        }

        var call = BackwardCall(part);
        var state = StateGradient(call);
        if (_from is null)
        {
            state.Clear();
        }
        else
        {
            _from.CopySamplesTo(state, call.FirstSample, call.Batch);
        }

        _engine.Kernels.Backward(call);
        _to?.CopySamplesFrom(state, call.FirstSample, call.Batch);
    }

    private Span<float> StateGradient(in ModelCall call) => new(call.StateGradient, checked((int)tape.StateLength(call.Batch)));

    private ModelCall BackwardCall(int part)
    {
        var call = tape.Part(_call, part);
        call.Tokens = tape.Tokens(part);
        call.StateGradient = tape.State(part);
        call.Gradients = _gradients!.Pointer;
        return call;
    }

    /// <summary>Adds all parts' weight gradients to the first part's, in the order of the parts; a range of them for each share.</summary>
    private void SumParts(int share)
    {
        var target = tape.Part(_call, 0).Workspace;
        var (first, end) = Shares.Of(checked((int)_engine.Kernels.PackedGradientsLength), share, _shares);
        for (var at = first; at < end; at += SumBlock)
        {
            nint count = Math.Min(SumBlock, end - at);
            for (var part = 1; part < Parts; part++)
            {
                RowOps.Add(tape.Part(_call, part).Workspace + at, count, target + at, count, 1, count);
            }
        }
    }

    /// <summary>Lays the sums out as the parameters are, a range of the parameters for each share.</summary>
    private void AddToParameters(int share)
    {
        _engine.Kernels.AddGradients(BackwardCall(0), share, _shares);
        for (var part = 0; part < Parts; part++)
        {
            var call = BackwardCall(part);
            _engine.Kernels.AddTokenGradients(call, share, _shares);
            if (share == 0 && _startsLearned)
            {
                AddStartGradients(call);
            }
        }
    }

    /// <summary>Adds what the state's gradient says of the learned values, summed over the samples, to the parameters' gradients.</summary>
    private void AddStartGradients(in ModelCall call)
    {
        foreach (var vector in _engine.Start.Learned)
        {
            var rows = call.StateGradient + ((nint)vector.Before * call.Batch);
            RowOps.AddColumnSums(rows, vector.Stride, call.Batch, vector.Size, call.Gradients + vector.Offset);
        }
    }
}
