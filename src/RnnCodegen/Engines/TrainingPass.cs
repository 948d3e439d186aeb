using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>One Forward or Backward over a batch in parts, on the memory of a tape.</summary>
internal sealed unsafe class TrainingPass(CpuTape tape) : IPartedWork
{
    // Parameters from which on the sum of the parts' gradients is worth more than one thread.
    private const int ParametersToShare = 32 * 1024;

    private CpuEngine _engine = null!;
    private ModelCall _call;
    private ModelState? _from;
    private ModelState? _to;
    private ParameterSet? _gradients;
    private bool _accumulates;
    private GradientSum? _sum;
    private bool _isInSum;
    private bool _startsLearned;
    private int _shares;
    private (int First, int End) _added;
    private Phase _phase;

    private enum Phase
    {
        Pack,
        Forward,
        Backward,
        SumParts,
        AddToParameters,
        AddToSum,
    }

    private int Parts => tape.Partition.Parts;

    /// <summary>Whether each part adds to the parameters' gradients, beside what stands in its temporary memory.</summary>
    private bool AddsEachPart => tape.HasIds || (_startsLearned && _engine.Start.Learned.Length > 0);

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
        CpuEngine engine, in ModelCall call, ParameterSet gradients, bool accumulates, bool startsLearned, ModelState? final,
        ModelState? initial)
    {
        _startsLearned = startsLearned;
        (_engine, _call, _from, _to, _gradients, _accumulates) = (engine, call, final, initial, gradients, accumulates);
        _call.Packed = engine.PackedForward.Current();
        _call.PackedBackward = engine.PackedBackward.Current();
        _sum = gradients.BeginAdditions(accumulates, AddsEachPart ? Parts : 1, out _isInSum);
        Run(Phase.Backward, Parts);
        _shares = gradients.Count >= ParametersToShare ? Parts : 1;
        Run(Phase.SumParts, _shares);
        AddParts();
        (_from, _to, _gradients, _sum) = (null, null, null, null);
    }

    /// <summary>All parts at once where the values are sums of few terms; else one by one where each adds to them.</summary>
    private void AddParts()
    {
        var step = _sum is not null && AddsEachPart ? 1 : Parts;
        for (var part = 0; part < Parts; part += step)
        {
            _added = (part, part + step);
            Run(Phase.AddToParameters, _shares);
            if (_sum is not null)
            {
                Run(Phase.AddToSum, _shares);
            }
        }
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
            case Phase.AddToSum:
                AddToSum(part);
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

        tape.KeepCategories(call, part);
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
        BeginGradients(part);
        var call = BackwardCall(part);
        if (call.Tokens != null)
        {
            tape.LinkTokens(part);
        }

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

    /// <summary>Of a range of the parameters' gradients, zeros where they do not stay or stand in the sums.</summary>
    private void BeginGradients(int part)
    {
        var (first, end) = Shares.Of(_gradients!.Count, part, Parts);
        var values = new Span<float>(_gradients.Pointer + first, end - first);
        if (_sum is not null && !_isInSum)
        {
            var sums = _sum.Range(first, end);
            sums.Clear();
            if (_accumulates)
            {
                LongSums.Add(sums, values);
            }
        }

        if (_sum is not null || !_accumulates)
        {
            values.Clear();
        }
    }

    private Span<float> StateGradient(in ModelCall call) => new(call.StateGradient, checked((int)tape.StateLength(call.Batch)));

    private ModelCall BackwardCall(int part)
    {
        var call = tape.Part(_call, part);
        call.Tokens = tape.Tokens(part);
        call.TokenLinks = tape.TokenLinks(part);
        call.StateGradient = tape.State(part);
        call.Gradients = _gradients!.Pointer;
        return call;
    }

    /// <summary>Adds all parts' weight gradients to the first part's, in the order of the parts; a range of them for each share.</summary>
    private void SumParts(int share)
    {
        var target = tape.Part(_call, 0).Workspace;
        var (first, end) = Shares.Of(checked((int)_engine.Kernels.PackedGradientsLength), share, _shares);
        if (Parts > 1)
        {
            LongSums.AddRows(target + first, (nint)(tape.Part(_call, 1).Workspace - target), Parts, end - first, target + first);
        }
    }

    /// <summary>Lays the sums out as the parameters are, a range of the parameters for each share.</summary>
    private void AddToParameters(int share)
    {
        if (_added.First == 0)
        {
            _engine.Kernels.AddGradients(BackwardCall(0), share, _shares);
        }

        for (var part = _added.First; part < _added.End; part++)
        {
            var call = BackwardCall(part);
            _engine.Kernels.AddTokenGradients(call, share, _shares);
            if (share == 0 && _startsLearned)
            {
                AddStartGradients(call);
            }
        }
    }

    /// <summary>Moves what was added to a range of the gradients into their sums; at the end the gradients are these.</summary>
    private void AddToSum(int share)
    {
        var (first, end) = Shares.Of(_gradients!.Count, share, _shares);
        var values = new Span<float>(_gradients.Pointer + first, end - first);
        var sums = _sum!.Range(first, end);
        LongSums.Add(sums, values);
        if (_added.End == Parts)
        {
            LongSums.Round(sums, values);
        }
        else
        {
            values.Clear();
        }
    }

    /// <summary>Adds what the state's gradient says of the learned values, summed over the samples, to the parameters' gradients.</summary>
    private void AddStartGradients(in ModelCall call)
    {
        // Sums and their low parts, of so many columns at a time.
        const int Block = 256;
        var sums = stackalloc float[2 * Block];
        foreach (var vector in _engine.Start.Learned)
        {
            var rows = call.StateGradient + ((nint)vector.Before * call.Batch);
            for (var column = 0; column < vector.Size; column += Block)
            {
                var count = Math.Min(Block, vector.Size - column);
                new Span<float>(sums, 2 * Block).Clear();
                RowOps.AddColumnSums(rows + column, vector.Stride, call.Batch, count, sums, Block);
                RowOps.Add(sums + Block, count, sums, count, 1, count);
                RowOps.Add(sums, count, call.Gradients + vector.Offset + column, count, 1, count);
            }
        }
    }
}
