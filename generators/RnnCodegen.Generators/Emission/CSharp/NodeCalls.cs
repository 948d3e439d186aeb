using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Planning;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>Spells what each node does as calls: one line or two a node, in each of inference, training, backward and a streaming step.</summary>
internal sealed class NodeCalls(ModelPlan plan)
{
    private readonly AxisText _axes = new(plan);
    private readonly RowLayerCalls _rowLayers = new(plan);
    private readonly TimeLayerCalls _timeLayers = new(plan);
    private readonly MatrixText _m = new(plan.Names);

    /// <summary>Inference and training differ in what is kept; <paramref name="training"/> chooses.</summary>
    public IEnumerable<string> Forward(NodePlan node, bool training)
    {
        switch (node)
        {
            case RecurrentPlan r:
                return [$"{r.Names[training ? "Forward" : "Run"]}({RecurrentArguments(r)});"];
            case DensePlan d:
                return Dense(d, _m.Value(d.Dense.Input), _m.Value(d.Dense.Output), Rows(d.Dense.Output), "call.Packed", "0");
            case ActivationPlan a:
                return _rowLayers.Activate(a, _m.Value, null);
            default:
                return RowsForward(node.Node, training);
        }
    }

    /// <summary>A step of one stream: places are constants, as one row of everything, or a few, is all there is.</summary>
    public IEnumerable<string> Step(NodePlan node, Func<Value, string> value)
    {
        switch (node)
        {
            case DensePlan d when plan.Graph.RowsPerStep(d.Dense.Output) is > 1 and var several:
                return Dense(d, value(d.Dense.Input), value(d.Dense.Output), $"{several}", "packed", "call.Turn");
            case DensePlan d:
                var product = d.Product.Forward;
                var calls = new List<string>
                {
                    $"{product.RowName}({value(d.Dense.Input)}, {VectorText.At("packed", product.PackedOffset)}, {VectorText.At("packed", d.Product.StartOffset)}, {value(d.Dense.Output)}, call.Turn);",
                };
                if (d.Activation is { } stage)
                {
                    calls.Add($"{stage.Name}({value(d.Dense.Output)}, 1);");
                }

                return calls;
            case ActivationPlan a:
                return _rowLayers.Activate(a, value, $"{plan.Graph.RowsPerStep(a.Node.Result!)}");
            case RowsPlan { Node: DropoutNode or LastNode }:
                return [];
            case RowsPlan { Node: WindowNode or SequencePoolNode or PooledNode or AttentionNode }:
                return _timeLayers.Step(node.Node, value);
            default:
                return RowOperations(node.Node, value, $"{plan.Graph.RowsPerStep(node.Node.Result!)}", null, "call.Tokens");
        }
    }

    public IEnumerable<string> Backward(NodePlan node, NodeGradient gradient)
    {
        var writes = new Queue<GradientWrite>(gradient.Writes);
        return
        [
            .. gradient.NeedPadding.SelectMany(ClearPadding),
            .. gradient.NeedZeros.SelectMany(_timeLayers.ClearGradient),
            .. node switch
            {
                RecurrentPlan r => [$"{r.Names["Backward"]}({RecurrentArguments(r)});"],
                DensePlan d => DenseBackward(d, writes.Dequeue().Adds),
                ActivationPlan a => _rowLayers.ActivateBackward(a, writes.Dequeue().Adds),
                _ => RowsBackward(node.Node, _ => writes.Dequeue().Adds),
            },
        ];
    }

    /// <summary>
    /// Zeros behind the rows of a gradient whose first writer writes no more than its width: products multiply what stands there with zeros,
    /// and NaN, once there, would stay.
    /// </summary>
    public IEnumerable<string> ClearPadding(Value value)
    {
        var padding = Stride(value) - value.Width;
        if (padding > 0)
        {
            yield return $"RowOps.Clear({VectorText.At(_m.Gradient(value), value.Width)}, {Stride(value)}, {Rows(value)}, {padding});";
        }
    }

    /// <summary>Adds the gradient of an embedding's rows to that of its table.</summary>
    public string ScatterAdd(EmbeddingNode e) =>
        $"RowOps.ScatterAdd(call.Tokens, (nint)call.Steps * call.Batch, {_m.Gradient(e.Output)}, {Stride(e.Output)}, " +
        $"{VectorText.At("call.Gradients", plan.Parameters[$"{e.Name}.weight"].Offset)}, {e.Output.Width}, share, shares);";

    /// <summary>Rows of a value: one a step and sample, or one a sample.</summary>
    public string Rows(Value value) => _axes.Rows(value);

    public static int Stride(Value value) => SimdTarget.Stride(value.Width);

    private string RecurrentArguments(RecurrentPlan r) =>
        $"{_axes.Call(r.Recurrent.Input)}, m, {_axes.First(r.Recurrent.Input)}, {_axes.Steps(r.Recurrent.Input)}";

    private static IEnumerable<string> Dense(DensePlan d, string input, string output, string rows, string packed, string turn)
    {
        var product = d.Product.Forward;
        yield return $"{product.Name}({input}, {VectorText.At(packed, product.PackedOffset)}, {VectorText.At(packed, d.Product.StartOffset)}, 0, {output}, {rows}, {turn});";
        if (d.Activation is { } stage)
        {
            yield return $"{stage.Name}({output}, {rows});";
        }
    }

    private IEnumerable<string> RowsForward(Node node, bool training)
    {
        switch (node)
        {
            case DropoutNode when !training:
                return [];
            case DropoutNode d:
                var (stride, rows) = (Stride(d.Output), Rows(d.Output));
                return
                [
                    $"DropoutMask.FillSteps({_m.Mask(d)}, call, {(d.Output.IsSequence ? _axes.Steps(d.Output) : "1")}, {stride}, {d.Stream}, {VectorText.Literal(d.Probability)});",
                    $"RowOps.Multiply({_m.Value(d.Input)}, {stride}, {_m.Mask(d)}, {stride}, {_m.Value(d.Output)}, {stride}, {rows}, {d.Output.Width});",
                ];
            case WindowNode or SequencePoolNode or PooledNode or AttentionNode:
                return _timeLayers.Forward(node, training);
            case LastNode l:
                var column = 0;
                var calls = new List<string>();
                foreach (var state in l.States)
                {
                    calls.Add($"RowOps.Copy({VectorText.PerSample("call.State", plan.StateOffset(state))}, {ModelPlan.StateStride(state)}, {VectorText.At(_m.Value(l.Output), column)}, {Stride(l.Output)}, batch, {state.Size});");
                    column += state.Size;
                }

                return calls;
            default:
                return RowOperations(node, _m.Value, null, training ? "tape" : null, "&call.Tokens[first * batch]");
        }
    }

    /// <summary>What is the same in all modes but for the places and the number of rows.</summary>
    private IEnumerable<string> RowOperations(Node node, Func<Value, string> value, string? rows, string? statistics, string tokens)
    {
        switch (node)
        {
            case EmbeddingNode e:
                yield return $"RowOps.Gather({tokens}, {rows ?? Rows(e.Output)}, {VectorText.At("call.Parameters", Offset($"{e.Name}.weight"))}, {e.Output.Width}, {value(e.Output)}, {Stride(e.Output)});";
                break;
            case LayerNormNode n:
                yield return $"LayerNorm.Forward({value(n.Input)}, {Stride(n.Input)}, {VectorText.At("call.Parameters", Offset($"{n.Name}.weight"))}, {VectorText.At("call.Parameters", Offset($"{n.Name}.bias"))}, " +
                    $"{value(n.Output)}, {Stride(n.Output)}, {(statistics is null ? "null" : _m.Statistics(n))}, {rows ?? Rows(n.Output)}, {n.Output.Width}, {VectorText.Literal(n.Spec.Epsilon)});";
                break;
            case WindowPoolNode p:
                yield return $"WindowPool.Forward(Pooling.{p.Pooling}, {value(p.Input)}, {Stride(p.Input)}, {p.Size}, {value(p.Output)}, {Stride(p.Output)}, {rows ?? Rows(p.Output)}, {p.Output.Width});";
                break;
            case ConcatNode c:
                var column = 0;
                foreach (var source in c.Inputs)
                {
                    yield return $"RowOps.Copy({value(source)}, {Stride(source)}, {VectorText.At(value(c.Output), column)}, {Stride(c.Output)}, {rows ?? Rows(c.Output)}, {source.Width});";
                    column += source.Width;
                }

                break;
            case AddNode a:
                for (var i = 0; i < a.Inputs.Count; i++)
                {
                    yield return $"RowOps.{(i == 0 ? "Copy" : "Add")}({value(a.Inputs[i])}, {Stride(a.Inputs[i])}, {value(a.Output)}, {Stride(a.Output)}, {rows ?? Rows(a.Output)}, {a.Output.Width});";
                }

                break;
            default:
                foreach (var call in _rowLayers.Forward(node, value, rows))
                {
                    yield return call;
                }

                break;
        }
    }

    private IEnumerable<string> DenseBackward(DensePlan d, bool accumulates)
    {
        var (product, rows) = (d.Product.Backward, Rows(d.Dense.Output));
        var (dy, dx) = (_m.Gradient(d.Dense.Output), _m.Gradient(d.Dense.Input));
        if (d.ActivationBackward is { } stage)
        {
            yield return $"{stage.Name}({string.Join(", ", stage.Buffers.Select(b => b.Name == "output" ? _m.Value(d.Dense.Output) : dy))}, {rows});";
        }

        var (start, stride) = accumulates ? (dx, product.OutputStride) : (VectorText.At("call.PackedBackward", plan.ZeroOffset), 0);
        yield return $"{product.Name}({dy}, {VectorText.At("call.PackedBackward", product.PackedOffset)}, {start}, {stride}, {dx}, {rows}, 0);";
        yield return $"{d.Product.Outer.Name}({dy}, {_m.Value(d.Dense.Input)}, m.{d.Product.WeightGradient}, {rows}, m.Low);";
        if (d.Product.Biases.Count > 0)
        {
            yield return $"RowOps.AddColumnSums({dy}, {Stride(d.Dense.Output)}, {rows}, {d.Dense.Output.Width}, m.{d.Product.BiasGradient}, m.Low);";
        }
    }

    private IEnumerable<string> RowsBackward(Node node, Func<Value, bool> accumulates)
    {
        switch (node)
        {
            case EmbeddingNode:
                // Its gradient is added to the table's at the end.
                break;
            case WindowPoolNode p:
                yield return $"WindowPool.Backward(Pooling.{p.Pooling}, {_m.Gradient(p.Output)}, {Stride(p.Output)}, {_m.Value(p.Input)}, {_m.Gradient(p.Input)}, {Stride(p.Input)}, {p.Size}, {Rows(p.Output)}, {p.Output.Width});";
                break;
            case WindowNode or SequencePoolNode or PooledNode or AttentionNode:
                foreach (var call in _timeLayers.Backward(node))
                {
                    yield return call;
                }

                break;
            case DropoutNode d:
                var stride = Stride(d.Output);
                yield return $"RowOps.{(accumulates(d.Input) ? "MultiplyAdd" : "Multiply")}({_m.Gradient(d.Output)}, {stride}, {_m.Mask(d)}, {stride}, {_m.Gradient(d.Input)}, {stride}, {Rows(d.Output)}, {d.Output.Width});";
                break;
            case LastNode l:
                var from = 0;
                foreach (var state in l.States)
                {
                    yield return $"RowOps.Add({VectorText.At(_m.Gradient(l.Output), from)}, {Stride(l.Output)}, {VectorText.PerSample("call.StateGradient", plan.StateOffset(state))}, {ModelPlan.StateStride(state)}, batch, {state.Size});";
                    from += state.Size;
                }

                break;
            case LayerNormNode n:
                yield return $"LayerNorm.Backward({_m.Gradient(n.Output)}, {Stride(n.Output)}, {_m.Value(n.Input)}, {Stride(n.Input)}, {VectorText.At("call.Parameters", Offset($"{n.Name}.weight"))}, {_m.Statistics(n)}, " +
                    $"{_m.Gradient(n.Input)}, {Stride(n.Input)}, {(accumulates(n.Input) ? "true" : "false")}, {_m.VectorGradient(n, "weight")}, {_m.VectorGradient(n, "bias")}, {Rows(n.Output)}, {n.Output.Width}, m.Low);";
                break;
            case ConcatNode c:
                var column = 0;
                foreach (var source in c.Inputs)
                {
                    yield return $"RowOps.{(accumulates(source) ? "Add" : "Copy")}({VectorText.At(_m.Gradient(c.Output), column)}, {Stride(c.Output)}, {_m.Gradient(source)}, {Stride(source)}, {Rows(c.Output)}, {source.Width});";
                    column += source.Width;
                }

                break;
            case AddNode a:
                foreach (var source in a.Inputs)
                {
                    yield return $"RowOps.{(accumulates(source) ? "Add" : "Copy")}({_m.Gradient(a.Output)}, {Stride(a.Output)}, {_m.Gradient(source)}, {Stride(source)}, {Rows(a.Output)}, {source.Width});";
                }

                break;
            default:
                foreach (var call in _rowLayers.Backward(node, accumulates))
                {
                    yield return call;
                }

                break;
        }
    }

    private int Offset(string parameter) => plan.Parameters[parameter].Offset;
}
