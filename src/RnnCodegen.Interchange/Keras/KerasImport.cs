namespace RnnCodegen.Interchange;

/// <summary>Walks a Keras model's layers in order and makes each what it is here; a class of layers is a row of a table.</summary>
internal sealed class KerasImport
{
    private delegate KerasRows Reader(KerasImport import, KerasLayer layer, KerasRows source);

    /// <summary>Layers that are the identity while a model infers.</summary>
    private static readonly HashSet<string> TrainingOnly = new(StringComparer.Ordinal)
    {
        "SpatialDropout1D", "GaussianNoise", "GaussianDropout", "AlphaDropout", "ActivityRegularization",
    };

    private static readonly HashSet<string> Merges = new(StringComparer.Ordinal)
    {
        "Concatenate", "Add", "Multiply", "Average",
    };

    private static readonly Dictionary<string, Reader> Readers = new(StringComparer.Ordinal)
    {
        ["Masking"] = KerasTimeLayers.Masking,
        ["Embedding"] = KerasRowLayers.Embedding,
        ["LSTM"] = KerasRecurrent.Read,
        ["GRU"] = KerasRecurrent.Read,
        ["SimpleRNN"] = KerasRecurrent.Read,
        ["CuDNNLSTM"] = KerasRecurrent.Read,
        ["CuDNNGRU"] = KerasRecurrent.Read,
        ["RNN"] = KerasRecurrent.ReadCells,
        ["Bidirectional"] = KerasBidirectional.Read,
        ["TimeDistributed"] = KerasRowLayers.TimeDistributed,
        ["Dense"] = KerasRowLayers.Dense,
        ["Conv1D"] = KerasTimeLayers.Conv1d,
        ["MaxPooling1D"] = KerasTimeLayers.Pool,
        ["AveragePooling1D"] = KerasTimeLayers.Pool,
        ["GlobalMaxPooling1D"] = KerasTimeLayers.GlobalPool,
        ["GlobalAveragePooling1D"] = KerasTimeLayers.GlobalPool,
        ["AttentionWeightedAverage"] = KerasTimeLayers.AttentionPool,
        ["BatchNormalization"] = KerasNormalization.Batch,
        ["LayerNormalization"] = KerasNormalization.Layer,
        ["Activation"] = KerasRowLayers.Activate,
        ["ReLU"] = KerasRowLayers.Activate,
        ["LeakyReLU"] = KerasRowLayers.Activate,
        ["ELU"] = KerasRowLayers.Activate,
        ["Softmax"] = KerasRowLayers.Softmax,
        ["PReLU"] = KerasRowLayers.PRelu,
        ["Dropout"] = KerasRowLayers.Dropout,
        ["Flatten"] = KerasTimeLayers.Flatten,
        ["Reshape"] = KerasTimeLayers.Reshape,
    };

    private const string WithoutIt =
        "Save the layers before and behind it as models of their own, keras.Model(model.input, layer.output).save(...), import each, and " +
        "compute in between what it does.";

    /// <summary>What to do about classes that no layer here stands for.</summary>
    private static readonly Dictionary<string, string> Cures = new(StringComparer.Ordinal)
    {
        ["RepeatVector"] =
            "Save what is before it and what is behind it as two models, keras.Model(model.input, layer.output).save(...), import each, " +
            "and give the second one's input the first one's output at each step.",
        ["Lambda"] =
            "It holds code, which is not executed: put a layer in its place (Activation, Multiply, Reshape, ...) and save the model " +
            "again, or save the layers before and behind it as models of their own.",
    };

    private readonly List<(KerasLayer Layer, bool IsTimeMajor)> _sequenceLayers = [];
    private readonly KerasWeights _weights;
    private readonly KerasArchitecture _architecture;
    private readonly Dictionary<string, int> _readers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, KerasRows> _rows = new(StringComparer.Ordinal);
    private readonly Dictionary<string, KerasLayer> _layers = new(StringComparer.Ordinal);
    private KerasLayer? _current;

    private KerasImport(string file, KerasArchitecture architecture, KerasWeights weights)
    {
        (Builder, _architecture, _weights) = (new KerasBuilder(file), architecture, weights);
        foreach (var source in architecture.Layers.SelectMany(layer => layer.Sources).Append(architecture.Output))
        {
            _readers[source.Layer] = _readers.GetValueOrDefault(source.Layer) + 1;
        }
    }

    public KerasBuilder Builder { get; }

    /// <summary>Whether the layer that is being read is the model's output.</summary>
    public bool IsOutput => _current!.Name == _architecture.Output.Layer;

    /// <summary>
    /// Whether nothing but the layer that is being read gets its source's
    /// rows, also not from a layer between that passes them on as they are.
    /// </summary>
    public bool IsOnlyReader
    {
        get
        {
            var layer = _current!;
            while (layer.Sources is [var source] && _readers[source.Layer] == 1)
            {
                layer = _layers[source.Layer];
                if (!(layer.Sources is [var before] && _rows[before.Layer].Name == _rows[source.Layer].Name))
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Makes a description of a model.</summary>
    /// <exception cref="InvalidDataException">A layer, an option or a weight
    /// is not supported, or does not fit; the message says which.</exception>
    public static ModelDescription Run(string file, KerasArchitecture architecture, KerasWeights weights)
    {
        var import = new KerasImport(file, architecture, weights);
        var rows = import._rows;
        foreach (var layer in architecture.Layers)
        {
            import._current = import._layers[layer.Name] = layer;
            var sources = layer.Sources.Select(source => rows[Checked(layer, source).Layer]).ToList();
            rows[layer.Name] = import.Read(layer, sources);
            KerasOptions.Finish(import, layer);
        }

        import.CheckAxes();

        Checked(architecture.Layers[^1], architecture.Output);
        RequireApart(architecture.Layers[^1], rows[architecture.Output.Layer]);
        return import.Builder.Finish(rows[architecture.Output.Layer]);
    }

    /// <summary>The weights of the layer that is being read.</summary>
    public KerasLayerWeights WeightsOf(KerasLayer layer) => new(layer, _weights.Of(_current!));

    /// <summary>
    /// Checks that a layer reads a sequence, and remembers which axis it takes for the steps: time_major layers the first, which is the
    /// batch's to all others.
    /// </summary>
    public void CheckSequence(KerasLayer layer, KerasRows source, bool isTimeMajor = false)
    {
        if (!source.HasTime)
        {
            throw layer.Bad("it reads single rows, not sequences.");
        }

        _sequenceLayers.Add((layer, isTimeMajor));
    }

    private void CheckAxes()
    {
        if (_sequenceLayers.Find(l => l.IsTimeMajor).Layer is { } first && _sequenceLayers.Find(l => !l.IsTimeMajor).Layer is { } other)
        {
            throw first.Bad(
                $"it is time_major, but '{other.Name}' ({other.ClassName}) is not, so they take different axes for the steps, which is " +
                "not supported.");
        }
    }

    private static KerasSource Checked(KerasLayer layer, KerasSource source) => source is { Node: 0, Tensor: 0 }
        ? source
        : throw layer.Bad(source.Tensor != 0
            ? $"output {source.Tensor} of '{source.Layer}' is used, e.g. a returned state; only a layer's first output can be."
            : $"call {source.Node} of '{source.Layer}' is used; a layer that several places share is not supported.");

    private KerasRows Read(KerasLayer layer, List<KerasRows> sources)
    {
        if (layer.ClassName == "InputLayer")
        {
            return Input(layer);
        }

        if (Merges.Contains(layer.ClassName))
        {
            sources.ForEach(s => RequireApart(layer, s));
            return KerasMerges.Read(this, layer, sources);
        }

        if (sources.Count > 1)
        {
            throw layer.Bad($"it is called on {sources.Count} tensors, e.g. an initial state, which is not supported.");
        }

        var source = sources.Count == 1 ? sources[0] : Input(layer);
        return ReadOne(layer,
            layer.HasMask
                ? Builder.WithMask(source, new KerasMask(layer, "it is called with a mask of its own, whose steps Keras skips"))
                : source);
    }

    /// <summary>Reads a layer of one source.</summary>
    public KerasRows ReadOne(KerasLayer layer, KerasRows source)
    {
        if (TrainingOnly.Contains(layer.ClassName))
        {
            Builder.Note(layer, "acts in training only, and is left out.");
            return source;
        }

        if (layer.ClassName is not ("Dense" or "Dropout"))
        {
            RequireApart(layer, source);
        }

        return Readers.TryGetValue(layer.ClassName, out var reader)
            ? reader(this, layer, source)
            : throw layer.Bad($"layers of this class are not supported. {Cures.GetValueOrDefault(layer.ClassName, WithoutIt)}");
    }

    private static void RequireApart(KerasLayer layer, KerasRows source)
    {
        if (source.Joined > 0)
        {
            throw layer.Bad($"it takes the rows of {source.Joined} steps joined to one (Flatten), which only a Dense layer does here.");
        }
    }

    private KerasRows Input(KerasLayer layer)
    {
        if (layer.Flag("ragged", false))
        {
            Builder.Note(layer, "its sequences are ragged: pad them at the end, and give lengths.");
        }

        var isEmbedding = layer.ClassName == "Embedding";
        var shape = layer.InputShape();
        if (shape is { Length: 0 or > 2 })
        {
            throw layer.Bad($"its input has the shape {KerasArray.Text(shape)}; supported are [steps, features] and [features].");
        }

        // Ids have no axis of features; an InputLayer of one axis is steps of ids where an embedding follows, and features otherwise.
        isEmbedding |= _architecture.Layers.Any(l => l.ClassName == "Embedding" && l.Sources is [var only] && only.Layer == layer.Name);
        if (isEmbedding)
        {
            return new KerasRows(RnnModelAttribute.Input, 0, HasTime: true, Math.Max(shape?[0] ?? 0, 0));
        }

        var width = Math.Max(shape?[^1] ?? 0, 0);
        if (width > KerasBuilder.WidthLimit)
        {
            throw layer.Bad($"its input has {width} features; at most {KerasBuilder.WidthLimit} are read.");
        }

        Builder.SetInput(width);
        if (shape is [_])
        {
            Builder.Note(layer, "the input has no axis of steps; here it is a sequence of one step.");
        }

        return new KerasRows(RnnModelAttribute.Input, width, shape is not [_], shape is [var steps, _] ? Math.Max(steps, 0) : 0);
    }
}
