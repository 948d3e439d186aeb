using RnnCodegen.Generators.Layers;
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
                outputs[i] = layer.AddTo(this, sources, shapes[i]);
            }
        }

        var output = outputs[outputs.Length - 1]!;
        var nodes = RowFusion.Fuse(_nodes, output);
        var inside = _nodes.Select(n => n.Result).Except(nodes.Select(n => n.Result)).ToArray();
        return new ModelGraph(
            spec, input, [.. _values.Except(inside.OfType<Value>())], nodes, _states, output, TransformOf(spec.Output, output));
    }

    /// <summary>Adds functions of rows, and returns what they make.</summary>
    public Value AddRows(string name, RowFunction function, IReadOnlyList<Value> inputs, ValueShape shape)
    {
        var output = NewValue(name, shape.Width, shape.Axis);
        _nodes.Add(RowNode.Of(name, [function], inputs, output));
        return output;
    }

    /// <summary>Adds an operation.</summary>
    public void Add(Node node) => _nodes.Add(node);

    /// <summary>A new value.</summary>
    public Value NewValue(string name, int width, TimeAxis? axis) => NewValue(name, width, axis, isInput: false);

    /// <summary>A new state; <paramref name="initialParameter"/> is the tensor that it starts from, null where it starts at 0.</summary>
    public StateVector NewState(string name, int size, string? initialParameter = null)
    {
        var state = new StateVector(_states.Count, name, size, initialParameter);
        _states.Add(state);
        return state;
    }

    /// <summary>The first of so many streams of masks.</summary>
    public int TakeStreams(int count) => (_dropoutStreams += count) - count;

    /// <summary>A value after dropout, whose masks are its own.</summary>
    public Value AddDropout(string name, float probability, Value input)
    {
        var output = NewValue(name, input.Width, input.Axis);
        _nodes.Add(DropoutNode.Of(name, probability, _dropoutStreams++, input, output));
        return output;
    }

    /// <summary>The row that the steps of a sequence are pooled to.</summary>
    public Value AddPool(string name, SequencePoolingKind pooling, Value input)
    {
        var output = NewValue(name, input.Width, null);
        var pool = new SequencePoolNode(name, pooling, NewState($"{name}.pooled", SequencePoolNode.StateSize(pooling, input.Width)), input,
            output);
        _nodes.Add(pool);
        _nodes.Add(new PooledNode($"{name}Pooled", pool, output));
        return output;
    }

    /// <summary>The steps that each of a layer's windows sees, as one row for each step of an axis.</summary>
    public Value AddWindows(string layer, WindowSpec window, Value input, TimeAxis? axis)
    {
        var output = NewValue($"{layer}Windows", input.Width * window.Size, axis);
        var state = window.Streams && window.PadLeft > 0 ? NewState($"{layer}.x", window.PadLeft * input.Width) : null;
        _nodes.Add(new WindowNode(output.Name, window, state, input, output));
        return output;
    }

    private static RowNode? TransformOf(OutputTransformKind kind, Value output)
    {
        RowFunction? function = kind switch
        {
            OutputTransformKind.None => null,
            OutputTransformKind.Softmax => new SoftmaxFunction(IsLog: false),
            OutputTransformKind.LogSoftmax => new SoftmaxFunction(IsLog: true),
            OutputTransformKind.Sigmoid => new ActivationFunction(ActivationKind.Sigmoid),
            _ => throw new InvalidOperationException($"{kind} has no function."),
        };
        return function is null ? null : RowNode.Of("Transformed", [function], [output], output with { Index = -1, Name = "Transformed" });
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

    private Value NewValue(string name, int width, TimeAxis? axis, bool isInput)
    {
        var value = new Value(_values.Count, name, width, axis) { IsInput = isInput };
        _values.Add(value);
        return value;
    }
}
