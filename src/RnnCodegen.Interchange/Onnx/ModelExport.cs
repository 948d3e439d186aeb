using RnnCodegen.Interchange.Onnx.Format;

namespace RnnCodegen.Interchange.Onnx;

/// <summary>Rows in a graph that is being written: [T, B, F], or [B, F] where there is one row per sequence.</summary>
/// <param name="Value">The value's name.</param>
/// <param name="Width">Features F.</param>
/// <param name="IsSequence">Whether there is one row per step.</param>
/// <param name="HasInputSteps">Whether the steps are those of the input.</param>
internal sealed record ExportedRows(string Value, int Width, bool IsSequence, bool HasInputSteps);

/// <summary>Writes a model as a graph, layer by layer.</summary>
internal sealed class ModelExport(ModelDescription model, OnnxExportOptions options)
{
    private const string Time = "time";
    private const string Batch = "batch";

    private readonly Dictionary<string, ExportedRows> _rows = new(StringComparer.Ordinal);
    private string? _batchSize;
    private string _input = "";

    public ExportGraph Graph { get; } = new();

    /// <summary>What the graph does not say as the model does.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>The states, as inputs and outputs.</summary>
    public StateExport States { get; private set; } = null!;

    public GraphProto Run()
    {
        if (model.Layers.Count == 0)
        {
            throw new ArgumentException("The model has no layer.", nameof(model));
        }

        Graph.Reserve(options.Input);
        Graph.Reserve(options.Output);
        States = new StateExport(model, options, Graph, Notes);
        var previous = AddInput();
        foreach (var layer in model.Layers)
        {
            previous = LayerExport.Write(this, layer, previous);
            if (layer.Name == RnnModelAttribute.Input || !_rows.TryAdd(layer.Name, previous))
            {
                throw new ArgumentException($"Two layers are named '{layer.Name}'.", nameof(model));
            }
        }

        AddOutput(previous);
        States.Finish();
        return Graph.Proto;
    }

    /// <summary>The rows that a layer reads.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="name">A layer's name, or that of the model's input.</param>
    public ExportedRows Rows(LayerDescription layer, string name) => _rows.TryGetValue(name, out var rows)
        ? rows
        : throw new ArgumentException($"Layer '{layer.Name}' reads '{name}', which is not a layer before it.", nameof(layer));

    /// <summary>A parameter of a layer.</summary>
    /// <exception cref="ArgumentException">It is missing or of another shape.</exception>
    public float[] Parameter(LayerDescription layer, string end, params int[] shape)
    {
        var name = $"{layer.Name}.{end}";
        return !model.Weights.TryGetValue(name, out var tensor)
            ? throw new ArgumentException(
                $"The model needs tensor '{name}' {Constant.Describe(shape)}, which its weights lack.", nameof(layer))
            : tensor.Shape.SequenceEqual(shape) ? tensor.Values
            : throw new ArgumentException(
                $"Tensor '{name}' must have shape {Constant.Describe(shape)}, but has {Constant.Describe(tensor.Shape)}.", nameof(layer));
    }

    /// <summary>Where an embedding's ids stand in the rows that it reads: those before it have taken theirs out.</summary>
    public int PlaceOf(EmbeddingAttribute embedding) => embedding.Column - model.Layers
        .TakeWhile(l => !ReferenceEquals(l.Options, embedding))
        .Count(l => l.Options is EmbeddingAttribute before && before.Column < embedding.Column);

    /// <summary>The number of samples of a call, as a list of one.</summary>
    public string BatchSize() => _batchSize ??= Graph.Node("", "Shape", [_input],
        [ExportGraph.Attribute("start", 1L), ExportGraph.Attribute("end", 2L)]);

    /// <summary>The error of an option that ONNX has no counterpart for.</summary>
    public static NotSupportedException Refuse(LayerDescription layer, string option, string why) =>
        new($"Layer '{layer.Name}' cannot be exported to ONNX: {option}: {why}.");

    private ExportedRows AddInput()
    {
        var isTokens = model.Layers[0].Options is EmbeddingAttribute { Column: < 0 };
        if (!isTokens && model.Model.InputSize < 1)
        {
            throw new ArgumentException(
                $"The model's {nameof(RnnModelAttribute.InputSize)} is {model.Model.InputSize}; it must be positive.");
        }

        List<Dimension> shape = options.IsBatchFirst
            ? [new() { Symbol = Batch }, new() { Symbol = Time }]
            : [new() { Symbol = Time }, new() { Symbol = Batch }];
        if (!isTokens)
        {
            shape.Add(new Dimension { Value = model.Model.InputSize });
        }

        Graph.Proto.Inputs.Add(
            new ValueInfoProto { Name = options.Input, Type = isTokens ? OnnxDataType.Int64 : OnnxDataType.Float, Shape = shape });
        _input = options.IsBatchFirst ? Swapped(options.Input, shape.Count) : options.Input;
        var rows = new ExportedRows(_input, isTokens ? 0 : model.Model.InputSize, IsSequence: true, HasInputSteps: true);
        _rows.Add(RnnModelAttribute.Input, rows);
        return rows;
    }

    private void AddOutput(ExportedRows rows)
    {
        if (model.Model.MemorySize > 0)
        {
            throw new NotSupportedException(
                $"The model reads a memory of {model.Model.MemorySize} features, which comes with the state; ONNX has no counterpart.");
        }

        var value = model.Model.Output switch
        {
            OutputTransform.None => rows.Value,
            OutputTransform.Sigmoid => Graph.Node("", "Sigmoid", rows.Value),
            var transform => Graph.Node("", transform.ToString(), [rows.Value], [ExportGraph.Attribute("axis", -1L)]),
        };
        List<Dimension> shape = [new() { Symbol = Batch }, new() { Value = rows.Width }];
        if (rows.IsSequence)
        {
            shape.Insert(options.IsBatchFirst ? 1 : 0, new Dimension { Symbol = rows.HasInputSteps ? Time : "output_time" });
            value = options.IsBatchFirst ? Swapped(value, 3) : value;
        }

        Graph.Rename(value, options.Output);
        Graph.Proto.Outputs.Add(new ValueInfoProto { Name = options.Output, Type = OnnxDataType.Float, Shape = shape });
        if (model.Model.WeightFormat != WeightFormat.Float32)
        {
            Notes.Add($"The weights are written as they were trained, in float32, not as {model.Model.WeightFormat}.");
        }
    }

    /// <summary>Steps and samples in each other's place.</summary>
    private string Swapped(string value, int rank) => Graph.Node("", "Transpose", [value],
        [ExportGraph.Attribute("perm", rank == 3 ? new long[] { 1, 0, 2 } : [1, 0])]);
}
