using System.Text.Json;

namespace RnnCodegen.Interchange;

/// <summary>
/// Puts a model together as the JSON of a Functional model, with its weights
/// beside it; each layer reads the one before unless it says otherwise.
/// </summary>
internal sealed class KerasGraphText
{
    private readonly List<object> _layers = [];
    private readonly ListedWeights _weights = new();

    /// <summary>A model with an input of rows.</summary>
    public KerasGraphText(string input, int width)
    {
        Last = input;
        Width = width;
        _layers.Add(Item(input, "InputLayer", new() { ["batch_shape"] = new int?[] { null, null, width } }, []));
        Input = input;
    }

    /// <summary>The input's name.</summary>
    public string Input { get; }

    /// <summary>The last layer's name.</summary>
    public string Last { get; private set; }

    /// <summary>Features of the last layer's rows.</summary>
    public int Width { get; private set; }

    /// <summary>The layers' weights.</summary>
    public KerasWeights Weights => _weights;

    /// <summary>Adds a layer.</summary>
    /// <param name="name">Its name, which no other layer has.</param>
    /// <param name="className">Its class.</param>
    /// <param name="config">Its options but the name.</param>
    /// <param name="weights">Its weights in Keras' order.</param>
    /// <param name="width">Features of its rows; 0 for those of the row before.</param>
    /// <param name="sources">The layers it is called on; the one before where none is named.</param>
    public void Add(string name, string className, Dictionary<string, object?> config, IReadOnlyList<KerasArray> weights, int width,
        params string[] sources)
    {
        _layers.Add(Item(name, className, config, sources.Length == 0 ? [Last] : sources));
        _weights.Arrays.Add(name, weights);
        Last = name;
        Width = width > 0 ? width : Width;
    }

    /// <summary>The model's JSON.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object?>
    {
        ["keras_version"] = "3.0.0",
        ["class_name"] = "Functional",
        ["config"] = new { layers = _layers, input_layers = new object[] { Input, 0, 0 }, output_layers = new object[] { Last, 0, 0 } },
    });

    private static object Item(string name, string className, Dictionary<string, object?> config, string[] sources) => new
    {
        class_name = className,
        name,
        config = new Dictionary<string, object?>(config) { ["name"] = name },
        inbound_nodes = sources.Length == 0 ? [] : new object[] { sources.Select(source => new object[] { source, 0, 0 }).ToArray() },
    };

    private sealed class ListedWeights : KerasWeights
    {
        public Dictionary<string, IReadOnlyList<KerasArray>> Arrays { get; } = new(StringComparer.Ordinal);

        public override IReadOnlyList<KerasArray> Of(KerasLayer layer) => Arrays.GetValueOrDefault(layer.Name, []);
    }
}
