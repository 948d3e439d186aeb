namespace RnnCodegen.Interchange;

/// <summary>Walks a description's layers and makes each what Keras calls it.</summary>
internal sealed class KerasExport(ModelDescription model)
{
    private readonly Dictionary<string, KerasNode> _nodes = new(StringComparer.Ordinal);
    private readonly List<KerasNode> _ordered = [];

    /// <summary>The layers in order; the first is the input.</summary>
    /// <exception cref="NotSupportedException">Keras cannot say one.</exception>
    public IReadOnlyList<KerasNode> Run()
    {
        if (model.Layers.Count == 0)
        {
            throw new ArgumentException("The model has no layers.");
        }

        AddInput();
        for (var i = 0; i < model.Layers.Count; i++)
        {
            var next = i + 1 < model.Layers.Count ? model.Layers[i + 1] : null;
            if (model.Layers[i].Options is RecurrentAttribute { Reverse: true, ReturnSequences: true }
                && IsTurned(model.Layers[i].Name, next))
            {
                AddLayer(model.Layers[i].Name, model.Layers[i]);
                _nodes[next!.Name] = _ordered[^1];
                i++;
                continue;
            }

            if (model.Layers[i].Options is RecurrentAttribute { Reverse: true, ReturnSequences: true })
            {
                throw Refused(model.Layers[i],
                    "Reverse = true gives rows in the order of time, but Keras' go_backwards in the order they are made; let a " +
                    "ReverseTime layer alone read it, or use Bidirectional");
            }

            AddLayer(model.Layers[i].Name, model.Layers[i]);
        }

        AddTransform();
        return _ordered;
    }

    /// <summary>An error that names the layer.</summary>
    public static NotSupportedException Refused(LayerDescription layer, string what) =>
        new($"Layer '{layer.Name}' ({layer.Options.GetType().Name[..^"Attribute".Length]}) cannot be written for Keras: {what}.");

    /// <summary>A parameter, with a shape that must be so.</summary>
    public float[] Weight(string name, params int[] shape)
    {
        if (!model.Weights.TryGetValue(name, out var tensor))
        {
            throw new ArgumentException($"The model has no parameter '{name}'.");
        }

        return tensor.Shape.SequenceEqual(shape) && tensor.Values.Length == shape.Aggregate(1L, (product, size) => product * size)
            ? tensor.Values
            : throw new ArgumentException(
                $"Parameter '{name}' has the shape {KerasArray.Text(tensor.Shape)}; {KerasArray.Text(shape)} is expected.");
    }

    /// <summary>Adds a Keras layer.</summary>
    public KerasNode Add(
        string name, string className, Dictionary<string, object?> config, IReadOnlyList<string> sources, int width, bool hasTime)
    {
        var node = new KerasNode(name, className, config, sources, width, hasTime);
        _ordered.Add(node);
        _nodes[name] = node;
        return node;
    }

    /// <summary>A name that neither a layer of the model nor one that was added has.</summary>
    public string Unused(string name)
    {
        while (_nodes.ContainsKey(name) || model.Layers.Exists(layer => layer.Name == name))
        {
            name += "_";
        }

        return name;
    }

    private void AddInput()
    {
        var isTokens = model.Layers[0].Options is EmbeddingAttribute { Column: < 0 };
        var width = isTokens ? 0 : model.Model.InputSize;
        int?[] shape = isTokens ? [null, null] : [null, null, width];
        var node = Add(
            Unused("input"), "InputLayer",
            new() { ["batch_shape"] = shape, ["dtype"] = isTokens ? "int32" : "float32", ["sparse"] = false }, [], width, hasTime: true);
        _nodes[RnnModelAttribute.Input] = node;
    }

    /// <summary>
    /// Whether the next layer turns a backward layer's sequence round, and nothing else reads it: then the two are what Keras gives.
    /// </summary>
    private bool IsTurned(string name, LayerDescription? next) =>
        next is { Options: ReverseTimeAttribute turn } && (turn.From ?? name) == name
        && !model.Layers.Exists(layer => layer != next && Reads(layer.Options, name));

    private static bool Reads(LayerAttribute options, string name) => AttributeText.Sources(options).Contains(name);

    private void AddLayer(string name, LayerDescription layer)
    {
        switch (layer.Options)
        {
            case RecurrentAttribute recurrent:
                KerasRecurrentExport.Add(this, layer, recurrent, Source(recurrent));
                break;
            case ChainedLayerAttribute chained:
                KerasLayerExport.Add(this, layer, chained, Source(chained));
                break;
            case EmbeddingAttribute { Column: >= 0 }:
                throw Refused(layer, "Column: a Keras layer reads ids from an input of their own, not from a column of features");
            case EmbeddingAttribute embedding:
                var node = Add(
                    name, "Embedding",
                    new() { ["input_dim"] = embedding.Vocabulary, ["output_dim"] = embedding.Size, ["mask_zero"] = false },
                    [_ordered[0].Name], embedding.Size, true);
                node.Variables.Add(
                    ("",
                        new KerasArray(name, [embedding.Vocabulary, embedding.Size],
                            Weight($"{name}.weight", embedding.Vocabulary, embedding.Size))));
                break;
            case ConcatAttribute concat:
                Join("Concatenate", new() { ["axis"] = -1 }, concat.Sources, sources => sources.Sum(s => s.Width));
                break;
            case AddAttribute add:
                Join("Add", [], add.Sources, sources => sources[0].Width);
                break;
            case MultiplyAttribute multiply:
                Join("Multiply", [], multiply.Sources, sources => sources[0].Width);
                break;
            default:
                throw Refused(layer, "there is no such layer in Keras");
        }

        void Join(string className, Dictionary<string, object?> config, IReadOnlyList<string> names, Func<List<KerasNode>, int> width)
        {
            var sources = names.Select(source => Find(layer, source)).ToList();
            Add(name, className, config, [.. sources.Select(s => s.Name)], width(sources), sources[0].HasTime);
        }
    }

    private KerasNode Source(ChainedLayerAttribute chained) => chained.From is { } name ? Find(null, name) : _ordered[^1];

    private KerasNode Find(LayerDescription? layer, string name) =>
        _nodes.GetValueOrDefault(name) ?? throw new ArgumentException($"Layer '{layer?.Name}' reads '{name}', which is no earlier layer.");

    private void AddTransform()
    {
        var activation = model.Model.Output switch
        {
            OutputTransform.None => null,
            OutputTransform.Softmax => "softmax",
            OutputTransform.LogSoftmax => "log_softmax",
            OutputTransform.Sigmoid => "sigmoid",
            var other => throw new NotSupportedException($"The output transform {other} cannot be written for Keras."),
        };
        var last = _ordered[^1];
        if (activation is null)
        {
            return;
        }

        if (last.ClassName == "Dense" && last.Config["activation"] is "linear")
        {
            last.Config["activation"] = activation;
            return;
        }

        Add(Unused("output"), "Activation", new() { ["activation"] = activation }, [last.Name], last.Width, last.HasTime);
    }
}
