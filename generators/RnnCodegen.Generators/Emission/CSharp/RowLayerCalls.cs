using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Planning;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>Spells, as calls, the layers that take each feature of a row for itself, and the one that moves whole rows.</summary>
internal sealed class RowLayerCalls(ModelPlan plan)
{
    private readonly AxisText _axes = new(plan);
    private readonly MatrixText _m = new(plan.Names);

    /// <summary>The same in inference, training and a streaming step but for the places and the number of rows.</summary>
    public IEnumerable<string> Forward(Node node, Func<Value, string> value, string? rows)
    {
        switch (node)
        {
            case AffineNode a:
                yield return $"RowOps.Affine({value(a.Input)}, {NodeCalls.Stride(a.Input)}, {Parameter(a, "weight")}, {Parameter(a, "bias")}, {value(a.Output)}, {NodeCalls.Stride(a.Output)}, {rows ?? _axes.Rows(a.Output)}, {a.Output.Width});";
                break;
            case PReluNode p:
                yield return $"RowOps.PRelu({value(p.Input)}, {NodeCalls.Stride(p.Input)}, {Parameter(p, "weight")}, {value(p.Output)}, {NodeCalls.Stride(p.Output)}, {rows ?? _axes.Rows(p.Output)}, {p.Output.Width});";
                break;
            case MultiplyNode m:
                var stride = NodeCalls.Stride(m.Output);
                for (var i = 1; i < m.Inputs.Count; i++)
                {
                    yield return $"RowOps.Multiply({value(i == 1 ? m.Inputs[0] : m.Output)}, {stride}, {value(m.Inputs[i])}, {stride}, {value(m.Output)}, {stride}, {rows ?? _axes.Rows(m.Output)}, {m.Output.Width});";
                }

                break;
            case ReverseTimeNode r:
                yield return $"RowOps.ReverseSteps({value(r.Input)}, {NodeCalls.Stride(r.Input)}, {value(r.Output)}, {NodeCalls.Stride(r.Output)}, {_axes.Steps(r.Input)}, call.Batch, {r.Output.Width}, {_axes.Call(r.Input)}.Lengths);";
                break;
            default:
                throw new InvalidOperationException($"{node.GetType().Name} is not an operation on rows.");
        }
    }

    public IEnumerable<string> Backward(Node node, Func<Value, bool> accumulates)
    {
        switch (node)
        {
            case AffineNode a:
                yield return $"RowOps.AffineBackward({_m.Gradient(a.Output)}, {NodeCalls.Stride(a.Output)}, {_m.Value(a.Input)}, {NodeCalls.Stride(a.Input)}, {Parameter(a, "weight")}, " +
                    $"{Target(a.Input)}, {VectorGradients(a)}, {_axes.Rows(a.Output)}, {a.Output.Width}, {plan.Memory.VectorGradientsLength});";
                break;
            case PReluNode p:
                yield return $"RowOps.PReluBackward({_m.Gradient(p.Output)}, {NodeCalls.Stride(p.Output)}, {_m.Value(p.Input)}, {NodeCalls.Stride(p.Input)}, {Parameter(p, "weight")}, " +
                    $"{Target(p.Input)}, {VectorGradients(p)}, {_axes.Rows(p.Output)}, {p.Output.Width}, {plan.Memory.VectorGradientsLength});";
                break;
            case MultiplyNode m:
                for (var i = 0; i < m.Inputs.Count; i++)
                {
                    foreach (var call in FactorBackward(m, i, accumulates(m.Inputs[i])))
                    {
                        yield return call;
                    }
                }

                break;
            case ReverseTimeNode r:
                yield return $"RowOps.{(accumulates(r.Input) ? "AddReversedSteps" : "ReverseSteps")}({_m.Gradient(r.Output)}, {NodeCalls.Stride(r.Output)}, {_m.Gradient(r.Input)}, {NodeCalls.Stride(r.Input)}, {_axes.Steps(r.Input)}, call.Batch, {r.Output.Width}, {_axes.Call(r.Input)}.Lengths);";
                break;
            default:
                throw new InvalidOperationException($"{node.GetType().Name} has no backward calls.");
        }

        string Target(Value input) => $"{_m.Gradient(input)}, {NodeCalls.Stride(input)}, {(accumulates(input) ? "true" : "false")}";
    }

    /// <summary>Vectors are read whole, so that a row of the caller's is first copied to where there is room behind it.</summary>
    public IEnumerable<string> Activate(ActivationPlan plan, Func<Value, string> value, string? rows)
    {
        var (input, output) = (plan.Activation.Input, plan.Activation.Output);
        var (source, count) = (value(input), rows ?? _axes.Rows(output));
        if (plan.Forward is null || source == StepEmitter.Input)
        {
            yield return $"RowOps.Copy({source}, {NodeCalls.Stride(input)}, {value(output)}, {NodeCalls.Stride(output)}, {count}, {output.Width});";
            source = value(output);
        }

        if (plan.Forward is { } stage)
        {
            yield return $"{stage.Name}({string.Join(", ", stage.Buffers.Select(b => b.Name == "input" ? source : value(output)))}, {count});";
        }
    }

    /// <summary>A gradient that is added to is first computed where the output's stands.</summary>
    public IEnumerable<string> ActivateBackward(ActivationPlan plan, bool accumulates)
    {
        var (input, output) = (plan.Activation.Input, plan.Activation.Output);
        var (dx, dy, rows) = (_m.Gradient(input), _m.Gradient(output), _axes.Rows(output));
        if (plan.Backward is { } stage)
        {
            var target = accumulates ? dy : dx;
            yield return $"{stage.Name}({string.Join(", ", stage.Buffers.Select(b => b.Name switch { "output" => _m.Value(output), "dOutput" => dy, _ => target }))}, {rows});";
        }

        if (plan.Backward is null || accumulates)
        {
            yield return $"RowOps.{(accumulates ? "Add" : "Copy")}({dy}, {NodeCalls.Stride(output)}, {dx}, {NodeCalls.Stride(input)}, {rows}, {output.Width});";
        }
    }

    /// <summary>A factor's gradient: the product's, times all other factors.</summary>
    private IEnumerable<string> FactorBackward(MultiplyNode m, int factor, bool accumulates)
    {
        var stride = NodeCalls.Stride(m.Output);
        var others = m.Inputs.Where((_, i) => i != factor).ToArray();
        var product = _m.Gradient(m.Output);
        for (var i = 0; i < others.Length; i++)
        {
            var isLast = i == others.Length - 1;
            var target = isLast ? _m.Gradient(m.Inputs[factor]) : _m.Factors(m);
            yield return $"RowOps.{(isLast && accumulates ? "MultiplyAdd" : "Multiply")}({product}, {stride}, {_m.Value(others[i])}, {stride}, {target}, {stride}, {_axes.Rows(m.Output)}, {m.Output.Width});";
            product = target;
        }
    }

    private string Parameter(Node node, string vector) => VectorText.At("call.Parameters", plan.Parameters[$"{node.Name}.{vector}"].Offset);

    private string VectorGradients(Node node) => string.Join(", ", node.Vectors.Select(v => _m.VectorGradient(node, v)));
}
