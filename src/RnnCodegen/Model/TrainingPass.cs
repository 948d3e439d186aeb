using RnnCodegen.Kernels;

namespace RnnCodegen;

/// <summary>One Forward or Backward over a batch in parts, on the memory of a tape.</summary>
internal sealed unsafe class TrainingPass(Tape tape) : IPartedWork
{
    // Parameters from which on the sum of the parts' gradients is worth more than one thread.
    private const int ParametersToShare = 32 * 1024;

    private ModelCore _core = null!;
    private ModelCall _call;
    private ModelState? _from;
    private ModelState? _to;
    private ParameterSet? _gradients;
    private bool _accumulates;
    private GradientSum? _sum;
    private bool _isInSum;
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
    private bool AddsEachPart => tape.Definition.TakesTokens || (tape.StartsLearned && _core.Start.IsLearned);

    /// <summary>Fills the tape.</summary>
    public void Forward(ModelCore core, in ModelCall call, ModelState? initial, ModelState? final)
    {
        (_core, _call, _from, _to) = (core, call, initial, final);
        if (tape.Training && Parts > 1 && !core.PackedForward.IsCurrent && !core.PackedBackward.IsCurrent)
        {
            // What Backward reads is made in the same time.
            Run(Phase.Pack, 2);
        }

        _call.Packed = core.PackedForward.Current();
        Run(Phase.Forward, Parts);
        (_from, _to) = (null, null);
    }

    /// <summary>Reads the tape.</summary>
    public void Backward(ModelCore core, in ModelCall call, ParameterSet gradients, bool accumulates, ModelState? final, ModelState? initial)
    {
        (_core, _call, _from, _to, _gradients, _accumulates) = (core, call, final, initial, gradients, accumulates);
        _call.Packed = core.PackedForward.Current();
        _call.PackedBackward = core.PackedBackward.Current();
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
                _core.PackedForward.Current();
                break;
            case Phase.Pack:
                _core.PackedBackward.Current();
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
        if (_core.MaxThreads < parts)
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
        if (_from is null)
        {
            _core.Start.Fill(call.State, call.Batch);
        }
        else
        {
            _from.Read(call.State, call.FirstSample, call.Batch);
        }

        _core.Kernels.Forward(call);
        _to?.Write(call.State, call.FirstSample, call.Batch);
    }

    private void DoBackward(int part)
    {
        BeginGradients(part);
        var call = BackwardCall(part);
        if (call.Tokens != null)
        {
            tape.LinkTokens(part);
        }

        if (_from is null)
        {
            new Span<float>(call.StateGradient, checked((int)tape.StateLength(call.Batch))).Clear();
        }
        else
        {
            _from.Read(call.StateGradient, call.FirstSample, call.Batch);
        }

        _core.Kernels.Backward(call);
        _to?.Write(call.StateGradient, call.FirstSample, call.Batch);
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
        var (first, end) = Shares.Of(checked((int)_core.Kernels.PackedGradientsLength), share, _shares);
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
            _core.Kernels.AddGradients(BackwardCall(0), share, _shares);
        }

        for (var part = _added.First; part < _added.End; part++)
        {
            var call = BackwardCall(part);
            _core.Kernels.AddTokenGradients(call, share, _shares);
            if (share == 0 && tape.StartsLearned)
            {
                _core.Start.AddGradients(call.StateGradient, call.Batch, call.Gradients);
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
}
