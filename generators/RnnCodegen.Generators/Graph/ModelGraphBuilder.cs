using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Graph;

/// <summary>Turns a checked spec into what it computes.</summary>
internal sealed class ModelGraphBuilder
{
    private readonly List<Value> _values = [];
    private readonly List<Node> _nodes = [];
    private readonly List<StateVector> _states = [];
    private int _dropoutStreams;

    private ModelGraphBuilder()
    {
    }

    public static ModelGraph Build(ModelSpec spec) => new ModelGraphBuilder().BuildGraph(spec);

    private ModelGraph BuildGraph(ModelSpec spec)
    {
        var shapes = ModelShapes.Of(spec);
        var live = LiveLayers(spec);
        var input = spec.InputSize > 0 ? NewValue("x", spec.InputSize, TimeAxis.Input, isInput: true) : null;
        var outputs = new Value?[spec.Layers.Count];
        for (var i = 0; i < spec.Layers.Count; i++)
        {
            if (live[i])
            {
                var layer = spec.Layers[i];
                var sources = layer.Sources.Select(s => s == ModelSpec.Input ? input! : outputs[s]!).ToArray();
                outputs[i] = AddLayer(layer, layer is EmbeddingSpec ? [] : sources, shapes[i]);
            }
        }

        return new ModelGraph(spec, input, _values, _nodes, _states, outputs[outputs.Length - 1]!);
    }

    private Value AddLayer(LayerSpec layer, Value[] sources, ValueShape shape)
    {
        if (layer is RecurrentSpec recurrent)
        {
            return AddStack(recurrent, sources[0]);
        }

        var windows = layer switch
        {
            Conv1dSpec c => AddWindows(c.Name, c.Window, sources[0], shape),
            Pool1dSpec p => AddWindows(p.Name, p.Window, sources[0], shape),
            _ => null,
        };
        var output = NewValue(layer.Name, shape.Width, shape.Axis);
        switch (layer)
        {
            case EmbeddingSpec e:
                _nodes.Add(new EmbeddingNode(e.Name, e, output));
                break;
            case DenseSpec d:
                AddDense(d, sources[0], output);
                break;
            case Conv1dSpec c:
                AddDense(c.Product, windows!, output);
                break;
            case Pool1dSpec p:
                _nodes.Add(new WindowPoolNode(p.Name, p.Pooling, p.Window.Size, windows!, output));
                break;
            case SequencePoolSpec p:
                var pooled = NewState($"{p.Name}.pooled", SequencePoolNode.StateSize(p.Pooling, shape.Width));
                var pool = new SequencePoolNode(p.Name, p.Pooling, pooled, sources[0], output);
                _nodes.Add(pool);
                _nodes.Add(new PooledNode($"{p.Name}Pooled", pool, output));
                break;
            case AttentionSpec a:
                var query = a.Score == AttentionScoreKind.Additive ? AddQuery(a, sources[0]) : sources[0];
                _nodes.Add(new AttentionNode(a.Name, a, query, output));
                break;
            case DropoutSpec d:
                _nodes.Add(new DropoutNode(d.Name, d.Probability, _dropoutStreams++, sources[0], output));
                break;
            case LayerNormSpec n:
                _nodes.Add(new LayerNormNode(n.Name, n, sources[0], output));
                break;
            case ConcatSpec:
                _nodes.Add(new ConcatNode(layer.Name, sources, output));
                break;
            case AddSpec:
                _nodes.Add(new AddNode(layer.Name, sources, output));
                break;
            case MultiplySpec:
                _nodes.Add(new MultiplyNode(layer.Name, sources, output));
                break;
            case ActivationLayerSpec a:
                var function = ActivationCell.Build(a.Activation, shape.Width);
                _nodes.Add(new ActivationNode(a.Name, function, Gradient.Of(function), sources[0], output));
                break;
            case AffineSpec:
                _nodes.Add(new AffineNode(layer.Name, sources[0], output));
                break;
            case PReluSpec:
                _nodes.Add(new PReluNode(layer.Name, sources[0], output));
                break;
            case ReverseTimeSpec:
                _nodes.Add(new ReverseTimeNode(layer.Name, sources[0], output));
                break;
            default:
                throw new InvalidOperationException($"Layer {layer.GetType().Name} has no node.");
        }

        return output;
    }

    private void AddDense(DenseSpec spec, Value input, Value output)
    {
        var cell = DenseCell.Build(spec);
        _nodes.Add(new DenseNode(spec.Name, spec, cell, Gradient.Of(cell), input, output));
    }

    private Value AddQuery(AttentionSpec spec, Value input)
    {
        var output = NewValue($"{spec.Name}Query", spec.Units, input.Axis);
        var dense = new DenseSpec(output.Name, "", default, spec.Units, ActivationKind.Linear, false);
        var cell = DenseCell.Build(dense);
        _nodes.Add(new DenseNode(output.Name, dense, cell, Gradient.Of(cell), input, output) { Weight = $"{spec.Name}.query_weight" });
        return output;
    }

    private Value AddWindows(string layer, WindowSpec window, Value input, ValueShape shape)
    {
        var output = NewValue($"{layer}Windows", input.Width * window.Size, shape.Axis);
        var state = window.Streams && window.PadLeft > 0 ? NewState($"{layer}.x", window.PadLeft * input.Width) : null;
        _nodes.Add(new WindowNode(output.Name, window, state, input, output));
        return output;
    }

    private Value AddStack(RecurrentSpec spec, Value input)
    {
        var lastStates = new List<StateVector>();
        for (var layer = 0; layer < spec.Layers; layer++)
        {
            var isLast = layer == spec.Layers - 1;
            var output = isLast && !spec.ReturnSequences
                ? null
                : NewValue($"{spec.Name}L{layer}", spec.HiddenSize * spec.Directions, input.Axis);
            foreach (var isSecond in spec.Bidirectional ? [false, true] : new[] { false })
            {
                var cell = CellOf(spec);
                var name = $"{spec.Name}L{layer}{(isSecond ? "Reverse" : "")}";
                var suffix = $"l{layer}{(isSecond ? "_reverse" : "")}";
                var states = cell.States.Select(s => NewState(spec, s, suffix)).ToArray();
                _nodes.Add(new RecurrentNode(
                    name, spec, layer, isSecond || spec.Reverse, cell, Gradient.Of(cell), input, output, isSecond ? spec.HiddenSize : 0, states));
                if (isLast)
                {
                    lastStates.Add(states[0]);
                }
            }

            if (isLast)
            {
                if (output is null)
                {
                    output = NewValue($"{spec.Name}Last", spec.HiddenSize * spec.Directions, null);
                    _nodes.Add(new LastNode($"{spec.Name}Last", lastStates, output));
                }
            }
            else if (spec.Dropout > 0)
            {
                var dropped = NewValue($"{spec.Name}L{layer}Dropout", output!.Width, output.Axis);
                _nodes.Add(new DropoutNode(dropped.Name, spec.Dropout, _dropoutStreams++, output, dropped));
                output = dropped;
            }

            input = output!;
        }

        return input;
    }

    private static CellGraph CellOf(RecurrentSpec spec)
    {
        var cell = spec switch
        {
            LstmSpec l => LstmCell.Build(l),
            GruSpec g => GruCell.Build(g),
            ElmanSpec e => ElmanCell.Build(e),
            _ => throw new InvalidOperationException($"Layer {spec.GetType().Name} has no cell."),
        };
        CellVerifier.Verify(cell);
        return cell;
    }

    /// <summary>Layers that the output depends on; the others have parameters, but nothing to compute.</summary>
    private static bool[] LiveLayers(ModelSpec spec)
    {
        var live = new bool[spec.Layers.Count];
        live[live.Length - 1] = true;
        for (var i = live.Length - 1; i >= 0; i--)
        {
            foreach (var source in spec.Layers[i].Sources.Where(s => live[i] && s != ModelSpec.Input))
            {
                live[source] = true;
            }
        }

        return live;
    }

    private Value NewValue(string name, int width, TimeAxis? axis, bool isInput = false)
    {
        var value = new Value(_values.Count, name, width, axis) { IsInput = isInput };
        _values.Add(value);
        return value;
    }

    private StateVector NewState(RecurrentSpec layer, CellState vector, string suffix)
    {
        var initial = layer.LearnedInitialState ? $"{layer.Name}.{vector.Name}0_{suffix}" : null;
        return NewState($"{layer.Name}.{vector.Name}_{suffix}", vector.Size, initial);
    }

    private StateVector NewState(string name, int size, string? initialParameter = null)
    {
        var state = new StateVector(_states.Count, name, size, initialParameter);
        _states.Add(state);
        return state;
    }
}
