using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace RnnCodegen.Reference;

/// <summary>A named tensor; a vector has no columns.</summary>
public sealed record ReferenceTensor(string Name, int Rows, int Columns)
{
    /// <summary>Taps of a convolution's kernel, which stand together in each row; 0 elsewhere.</summary>
    public int Taps { get; init; }

    /// <summary>[rows], [rows, columns], or of a convolution [filters, inputs, taps].</summary>
    public int[] Shape => Columns == 0 ? [Rows] : Taps > 0 ? [Rows, Columns / Taps, Taps] : [Rows, Columns];

    public int Length => Rows * Math.Max(1, Columns);
}

/// <summary>A layer as its author annotated it.</summary>
public sealed record ReferenceLayer(string Name, LayerAttribute Options)
{
    /// <summary>What inference keeps its weights as.</summary>
    public WeightFormat Format { get; init; }

    /// <summary>Indexes of the layers read, given this layer's own; -1 is the model's input.</summary>
    public int[] Sources(int index, IReadOnlyList<ReferenceLayer> layers) => Options switch
    {
        ConcatAttribute concat => [.. concat.Sources.Select(s => Find(layers, s))],
        AddAttribute add => [.. add.Sources.Select(s => Find(layers, s))],
        MultiplyAttribute multiply => [.. multiply.Sources.Select(s => Find(layers, s))],
        ChainedLayerAttribute { From: { } from } => [Find(layers, from)],
        _ => [index - 1],
    };

    private static int Find(IReadOnlyList<ReferenceLayer> layers, string name) => name == RnnModelAttribute.Input ? -1
        : layers.Select(l => l.Name).ToList().IndexOf(name) is var i and >= 0 ? i
        : throw new ArgumentException($"There is no layer '{name}'.", nameof(name));
}

/// <summary>What a model is, from its annotations alone: nothing here knows the generator.</summary>
public sealed class ReferenceModel
{
    private readonly List<ReferenceTensor> _parameters = [];
    private readonly List<ReferenceTensor> _state = [];

    public ReferenceModel(int inputSize, params ReferenceLayer[] layers)
        : this(inputSize, 0, layers)
    {
    }

    public ReferenceModel(int inputSize, int memorySize, ReferenceLayer[] layers)
    {
        (InputSize, MemorySize, Layers) = (inputSize, memorySize, layers);
        Sources = [.. layers.Select((l, i) => l.Sources(i, layers))];
        Widths = new int[layers.Length];
        IsSequence = new bool[layers.Length];
        for (var i = 0; i < layers.Length; i++)
        {
            AddLayer(i);
        }
    }

    public int InputSize { get; }

    /// <summary>Features of a row of the memory; 0 where there is none.</summary>
    public int MemorySize { get; }

    public OutputTransform Output { get; init; }

    public IReadOnlyList<ReferenceLayer> Layers { get; }

    /// <summary>For each layer, the indexes of those it reads; -1 is the model's input.</summary>
    public int[][] Sources { get; }

    /// <summary>Row width of each layer's output.</summary>
    public int[] Widths { get; }

    /// <summary>Whether each layer's output is a row a step.</summary>
    public bool[] IsSequence { get; }

    /// <summary>All tensors, in PyTorch's names.</summary>
    public IReadOnlyList<ReferenceTensor> Parameters => _parameters;

    /// <summary>All state vectors; rows are features a sample.</summary>
    public IReadOnlyList<ReferenceTensor> State => _state;

    /// <summary>Reads an annotated class.</summary>
    public static ReferenceModel Of(
        [DynamicallyAccessedMembers(
            DynamicallyAccessedMemberTypes.PublicProperties | DynamicallyAccessedMemberTypes.NonPublicProperties)] Type type)
    {
        var model = type.GetCustomAttribute<RnnModelAttribute>()!;
        var layers = type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .OrderBy(p => p.MetadataToken)
            .Select(p => (Property: p, Options: p.GetCustomAttribute<LayerAttribute>()))
            .Where(p => p.Options is not null)
            .Select(
                p => new ReferenceLayer(p.Property.Name, p.Options!) { Format = FormatOf(p.Property, p.Options!) ?? model.WeightFormat });
        return new ReferenceModel(model.InputSize, model.MemorySize, [.. layers]) { Output = model.Output };
    }

    /// <summary>The format written on a layer; null where none is, or where a layer has no products.</summary>
    private static WeightFormat? FormatOf(PropertyInfo property, LayerAttribute options)
    {
        if (options is not (RecurrentAttribute or DenseAttribute or Conv1dAttribute or RowConv1dAttribute))
        {
            return WeightFormat.Float32;
        }

        var written = property.GetCustomAttributesData().SelectMany(a => a.NamedArguments)
            .Where(a => a.MemberName == nameof(DenseAttribute.WeightFormat)).ToList();
        return written.Count == 0 ? null : (WeightFormat)(int)written[0].TypedValue.Value!;
    }

    /// <summary>Features of one direction's hidden state.</summary>
    public static int HiddenSize(RecurrentAttribute options) => options is LstmAttribute { Projection: > 0 and var projection }
        ? projection
        : options.Units;

    private void AddLayer(int index)
    {
        var (name, options) = (Layers[index].Name, Layers[index].Options);
        var input = Sources[index].Select(s => s < 0 ? InputSize : Widths[s]).ToArray();
        Widths[index] = options switch
        {
            RecurrentAttribute r => HiddenSize(r) * (r.Bidirectional ? 2 : 1),
            DenseAttribute d => d.Units,
            Conv1dAttribute c => c.Filters,
            RowConv1dAttribute c => c.Filters * RowConvolution.Places(c, input[0]),
            AttentionAttribute => MemorySize,
            EmbeddingAttribute e => e.Column < 0 ? e.Size : input[0] - 1 + e.Size,
            ConcatAttribute => input.Sum(),
            _ => input[0],
        };
        IsSequence[index] = (options is not (RecurrentAttribute { ReturnSequences: false } or GlobalPoolAttribute
            or AttentionPoolAttribute)) && (Sources[index][0] < 0 || IsSequence[Sources[index][0]]);
        switch (options)
        {
            case RecurrentAttribute recurrent:
                AddRecurrent(name, recurrent, input[0]);
                break;
            case DenseAttribute dense:
                Add($"{name}.weight", dense.Units, input[0]);
                AddIf(dense.Bias, $"{name}.bias", dense.Units);
                break;
            case Conv1dAttribute conv:
                _parameters.Add(new($"{name}.weight", conv.Filters, input[0] * conv.Kernel) { Taps = conv.Kernel });
                AddIf(conv.Bias, $"{name}.bias", conv.Filters);
                if (TimeLayers.Carried(conv) is > 0 and var carried)
                {
                    _state.Add(new($"{name}.x", carried * input[0], 0));
                }

                break;
            case RowConv1dAttribute conv:
                _parameters.Add(new($"{name}.weight", conv.Filters, conv.Channels * conv.Kernel) { Taps = conv.Kernel });
                AddIf(conv.Bias, $"{name}.bias", conv.Filters);
                break;
            case AttentionAttribute { Score: AttentionScore.General }:
                Add($"{name}.weight", input[0], MemorySize);
                break;
            case AttentionAttribute { Score: AttentionScore.Additive, Units: var given }:
                var units = given == 0 ? MemorySize : given;
                Add($"{name}.query_weight", units, input[0]);
                Add($"{name}.memory_weight", units, MemorySize);
                Add($"{name}.score_weight", units);
                break;
            case AttentionPoolAttribute:
                Add($"{name}.weight", input[0]);
                break;
            case EmbeddingAttribute embedding:
                Add($"{name}.weight", embedding.Vocabulary, embedding.Size);
                break;
            case LayerNormAttribute or AffineAttribute:
                Add($"{name}.weight", input[0]);
                Add($"{name}.bias", input[0]);
                break;
            case PReluAttribute:
                Add($"{name}.weight", input[0]);
                break;
        }
    }

    private void AddRecurrent(string name, RecurrentAttribute options, int input)
    {
        var (units, hidden) = (options.Units, HiddenSize(options));
        var lstm = options as LstmAttribute;
        var gates = options switch
        {
            LstmAttribute { CoupledInputForget: true } => 3,
            LstmAttribute => 4,
            GruAttribute => 3,
            ElmanAttribute => 1,
            MinGruAttribute => 2,
            MinLstmAttribute => 3,
            _ => throw new ArgumentException($"{options.GetType().Name} is no recurrent layer.", nameof(options)),
        };
        var multipliesState = options is not (MinGruAttribute or MinLstmAttribute);
        var isNormalised = options is
            LstmAttribute { Normalization: not GateNormalization.None } or GruAttribute { Normalization: not GateNormalization.None };
        for (var layer = 0; layer < options.Layers; layer++)
        {
            for (var direction = 0; direction < (options.Bidirectional ? 2 : 1); direction++)
            {
                var suffix = $"_l{layer}{(direction == 1 ? "_reverse" : "")}";
                Add($"{name}.weight_ih{suffix}", gates * units, layer == 0 ? input : hidden * (options.Bidirectional ? 2 : 1));
                AddIf(multipliesState, $"{name}.weight_hh{suffix}", gates * units, hidden);
                AddIf(options.Bias, $"{name}.bias_ih{suffix}", gates * units);
                AddIf(options.Bias && multipliesState && !(isNormalised && lstm is not null), $"{name}.bias_hh{suffix}", gates * units);
                AddIf(isNormalised, $"{name}.norm_ih{suffix}", gates * units);
                AddIf(isNormalised, $"{name}.norm_hh{suffix}", gates * units);
                AddIf(lstm?.Projection > 0, $"{name}.weight_hr{suffix}", hidden, units);
                AddIf(lstm?.Peepholes == true, $"{name}.weight_ci{suffix}", units);
                AddIf(lstm is { Peepholes: true, CoupledInputForget: false }, $"{name}.weight_cf{suffix}", units);
                AddIf(lstm?.Peepholes == true, $"{name}.weight_co{suffix}", units);
                AddIf(isNormalised && lstm is not null, $"{name}.norm_c{suffix}", units);
                AddIf(isNormalised && lstm is not null, $"{name}.norm_c_bias{suffix}", units);
                AddIf(options.LearnedInitialState, $"{name}.h0{suffix}", hidden);
                AddIf(options.LearnedInitialState && lstm is not null, $"{name}.c0{suffix}", units);
                _state.Add(new($"{name}.h{suffix}", hidden, 0));
                if (lstm is not null)
                {
                    _state.Add(new($"{name}.c{suffix}", units, 0));
                }
            }
        }
    }

    private void Add(string name, int rows, int columns = 0) => _parameters.Add(new(name, rows, columns));

    private void AddIf(bool exists, string name, int rows, int columns = 0)
    {
        if (exists)
        {
            Add(name, rows, columns);
        }
    }
}
