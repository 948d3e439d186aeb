using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Planning;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>Spells, as calls, the layers that see several steps: windows, and poolings of whole sequences.</summary>
internal sealed class TimeLayerCalls(ModelPlan plan)
{
    private readonly AxisText _axes = new(plan);
    private readonly MatrixText _m = new(plan.Names);

    public IEnumerable<string> Forward(Node node, bool training)
    {
        switch (node)
        {
            case WindowNode w:
                return Windows(w, _m.Value, _axes.Steps(w.Input), _axes.Steps(w.Output), "call.Batch", $"{_axes.Call(w.Input)}.Lengths", _axes.First(w.Input), State);
            case SequencePoolNode p:
                return [AddToPool(p, _m.Value(p.Input), _axes.Steps(p.Input), "call.Batch", $"{_axes.Call(p.Input)}.Lengths", _axes.First(p.Input), State(p.State))];
            case AttentionNode a:
                return [Attend(a, _m.Value, Steps(a.Query), "call.Batch", Lengths(a.Query), First(a.Query), training ? _m.Statistics(a) : "null")];
            case PooledNode { Pool: var pool } p:
                var stride = ModelPlan.StateStride(pool.State);
                return
                [
                    FinishPool(p, _m.Value(p.Output), "batch", State(pool.State)),
                    .. training ? [$"RowOps.Copy({State(pool.State)}, {stride}, {_m.PooledState(pool)}, {stride}, batch, {stride});"] : Array.Empty<string>(),
                ];
            default:
                throw new InvalidOperationException($"{node.GetType().Name} does not see several steps.");
        }
    }

    /// <summary>A step of one stream.</summary>
    public IEnumerable<string> Step(Node node, Func<Value, string> value)
    {
        return node switch
        {
            WindowNode w => Windows(w, value, $"{plan.Graph.RowsPerStep(w.Input)}", $"{plan.Graph.RowsPerStep(w.Output)}", "1", "null", "0", StepState),
            SequencePoolNode p => [AddToPool(p, value(p.Input), $"{plan.Graph.RowsPerStep(p.Input)}", "1", "null", "0", StepState(p.State))],
            PooledNode p => [FinishPool(p, value(p.Output), "1", StepState(p.Pool.State))],
            AttentionNode a => [Attend(a, value, $"{plan.Graph.RowsPerStep(a.Query)}", "1", "null", "0", "null")],
            _ => throw new InvalidOperationException($"{node.GetType().Name} does not see several steps."),
        };

        string StepState(StateVector state) => VectorText.At("state", plan.StateOffset(state));
    }

    /// <summary>A pooled row has nothing to do: what its steps added up to passes the gradient on.</summary>
    public IEnumerable<string> Backward(Node node) => node switch
    {
        WindowNode w => WindowsBackward(w),
        SequencePoolNode p => PoolBackward(p),
        AttentionNode a => AttendBackward(a),
        _ => [],
    };

    // A row a sequence is one step of each sample, and all samples have it.
    private string Steps(Value value) => value.IsSequence ? _axes.Steps(value) : "1";

    private string Lengths(Value value) => value.IsSequence ? $"{_axes.Call(value)}.Lengths" : "null";

    private string First(Value value) => value.IsSequence ? _axes.First(value) : "0";

    private string Attend(AttentionNode a, Func<Value, string> value, string steps, string batch, string lengths, string first, string statistics) =>
        $"MemoryAttention.Forward(call, {Scores(a)}, {value(a.Query)}, {NodeCalls.Stride(a.Query)}, {steps}, {batch}, {lengths}, {first}, {value(a.Output)}, {NodeCalls.Stride(a.Output)}, {statistics});";

    private IEnumerable<string> AttendBackward(AttentionNode a)
    {
        var dScore = a.Spec.Score == AttentionScoreKind.Additive ? _m.VectorGradient(a, "score_weight") : "null";
        yield return $"MemoryAttention.Backward(call, {Scores(a)}, {_m.Value(a.Query)}, {NodeCalls.Stride(a.Query)}, {Steps(a.Query)}, call.Batch, {Lengths(a.Query)}, " +
            $"{_m.Value(a.Output)}, {_m.Gradient(a.Output)}, {NodeCalls.Stride(a.Output)}, {_m.Statistics(a)}, {_m.Gradient(a.Query)}, {dScore});";
        if (a.KeyWeight is { } weight)
        {
            yield return $"MemoryAttention.KeysBackward(call, {plan.KeyStart(a)}, {a.KeyWidth}, {a.Spec.Memory}, {VectorText.At("call.Parameters", plan.Parameters[$"{a.Name}.{weight}"].Offset)}, {_m.VectorGradient(a, weight)});";
        }
    }

    /// <summary>How rows are scored: the function, where the keys are, and what they are summed with.</summary>
    private string Scores(AttentionNode a) =>
        $"AttentionScore.{a.Spec.Score}, {plan.KeyStart(a)}, {a.KeyWidth}, {(a.Spec.Score == AttentionScoreKind.Additive ? VectorText.At("call.Parameters", plan.Parameters[$"{a.Name}.score_weight"].Offset) : "null")}, {a.Spec.Memory}";

    private string State(StateVector state) => VectorText.PerSample("call.State", plan.StateOffset(state));

    private string StateGradient(StateVector state) => VectorText.PerSample("call.StateGradient", plan.StateOffset(state));

    private IEnumerable<string> Windows(
        WindowNode w, Func<Value, string> value, string steps, string windows, string batch, string lengths, string first, Func<StateVector, string> state)
    {
        var (input, history) = ($"{value(w.Input)}, {NodeCalls.Stride(w.Input)}, {steps}, {batch}, {w.Input.Width}", w.State is { } s ? $"{state(s)}, {ModelPlan.StateStride(s)}" : "null, 0");
        yield return $"TimeWindows.Gather({input}, {plan.Names.Window(w)}, {history}, {lengths}, {first}, {value(w.Output)}, {NodeCalls.Stride(w.Output)}, {windows});";
        if (w.State is not null)
        {
            yield return $"TimeWindows.Carry({input}, {w.Window.PadLeft}, {history}, {lengths}, {first});";
        }
    }

    private string AddToPool(SequencePoolNode p, string input, string steps, string batch, string lengths, string first, string state) =>
        $"SequencePool.Add(SequencePooling.{p.Pooling}, {PoolWeights(p)}, {input}, {NodeCalls.Stride(p.Input)}, {steps}, {batch}, {p.Input.Width}, {lengths}, {first}, {state}, {ModelPlan.StateStride(p.State)});";

    private static string FinishPool(PooledNode p, string output, string batch, string state) =>
        $"SequencePool.Finish(SequencePooling.{p.Pool.Pooling}, {state}, {ModelPlan.StateStride(p.Pool.State)}, {output}, {NodeCalls.Stride(p.Output)}, {batch}, {p.Output.Width});";

    private string PoolWeights(SequencePoolNode p) =>
        p.Pooling == SequencePoolingKind.Attention ? VectorText.At("call.Parameters", plan.Parameters[$"{p.Name}.weight"].Offset) : "null";

    private IEnumerable<string> WindowsBackward(WindowNode w)
    {
        var (dx, lengths) = ($"{_m.Gradient(w.Input)}, {NodeCalls.Stride(w.Input)}", $"{_axes.Call(w.Input)}.Lengths");
        var (size, history) = ($"{_axes.Steps(w.Input)}, call.Batch, {w.Input.Width}", w.State is { } s ? $"{StateGradient(s)}, {ModelPlan.StateStride(s)}" : "null, 0");
        if (w.State is not null)
        {
            yield return $"TimeWindows.CarryBackward({history}, {dx}, {size}, {w.Window.PadLeft}, {lengths});";
        }

        yield return $"TimeWindows.ScatterAdd({_m.Gradient(w.Output)}, {NodeCalls.Stride(w.Output)}, {_axes.Steps(w.Output)}, {plan.Names.Window(w)}, {dx}, {size}, {history}, {lengths});";
    }

    private IEnumerable<string> PoolBackward(SequencePoolNode p)
    {
        var stride = ModelPlan.StateStride(p.State);
        yield return $"SequencePool.Backward(SequencePooling.{p.Pooling}, {PoolWeights(p)}, {_m.Value(p.Input)}, {NodeCalls.Stride(p.Input)}, {_axes.Steps(p.Input)}, call.Batch, {p.Input.Width}, {_axes.Call(p.Input)}.Lengths, " +
            $"{_m.PooledState(p)}, {stride}, {_m.Value(p.Pooled)}, {_m.Gradient(p.Pooled)}, {NodeCalls.Stride(p.Pooled)}, {_m.Gradient(p.Input)}, {NodeCalls.Stride(p.Input)}, {(p.Vectors.Count > 0 ? $"{_m.VectorGradient(p, "weight")}, m.Low" : "null")});";
        yield return $"RowOps.Clear({StateGradient(p.State)}, {stride}, batch, {stride});";
    }

    public IEnumerable<string> ClearGradient(Value value) => [$"RowOps.Clear({_m.Gradient(value)}, {NodeCalls.Stride(value)}, {_axes.Rows(value)}, {NodeCalls.Stride(value)});"];
}
