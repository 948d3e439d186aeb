using System.Globalization;
using RnnCodegen.Generators.Parsing;

namespace RnnCodegen.Generators.Tests.Robustness;

/// <summary>
/// The layers of a model that has no fault and of which nothing is to warn: each reads what fits it, and each but the last is read.
/// </summary>
internal sealed class RandomModel
{
    /// <summary>Stands on lines with a fault.</summary>
    public const string Mark = "// fault";

    private static readonly string[] s_kinds =
    [
        "Gru", "Lstm", "Elman", "Gru", "Lstm", "Elman", "MinGru", "MinLstm", "Dense", "Dense", "Conv1d", "RowConv1d", "Pool1d",
        "GlobalPool", "AttentionPool", "Attention", "Dropout", "LayerNorm", "Concat", "Add", "Multiply", "Activation", "Affine", "PRelu",
        "ReverseTime",
    ];

    private static readonly string[] s_boundedActivations = ["Sigmoid", "Tanh", "HardSigmoid", "HardSigmoidKeras2"];

    private static readonly string[] s_activations = ["Linear", "Sigmoid", "Tanh", "Relu", "HardSigmoid", "HardSigmoidKeras2", "LeakyRelu",
        "Elu", "Silu", "Gelu", "GeluTanh", "Softplus", "Mish", "HardSwish"];

    private readonly Dice _dice;
    private readonly string _runtime;
    private readonly bool _isNumeric;
    private readonly int _memory;
    private readonly HashSet<string> _free;

    // Embeddings, which come first; nothing else reads what they read.
    private readonly int _ofIds;

    // Of the input and of each layer: how wide its rows are, for which steps it has them (null: one a sequence), and whether it is read.
    private readonly List<(int Width, string? Axis, bool IsRead)> _values = [];
    private bool _hasParameters;

    /// <param name="dice">Chooses.</param>
    /// <param name="names">Gives names.</param>
    /// <param name="runtime">What stands before each name of the runtime's.</param>
    /// <param name="isNumeric">Whether its numbers are to be compared with exact ones: sizes up to 70, no rounded weights, and no option
    /// that makes float32 inexact.</param>
    public RandomModel(Dice dice, RandomNames names, string runtime, bool isNumeric = false)
    {
        (_dice, _runtime, _isNumeric, Names, TakesTokens) = (dice, runtime, isNumeric, names, dice.OneIn(6));
        _free = [TakesTokens ? "InputSize" : "Vocabulary"];
        var width = Size();
        _memory = dice.OneIn(3) ? Size() : 0;
        var columns = TakesTokens || !dice.OneIn(5) ? 0 : dice.From(1, 2);
        width += columns;
        _values.Add((TakesTokens ? 0 : width, "", true));
        if (TakesTokens)
        {
            width = Size();
            Add(new RandomLayer("Embedding", Name()) { Arguments = { dice.Pick("1", "9", isNumeric ? "30" : "70000"), Text(width) } },
                width, "", [], parameters: true);
        }

        var (column, isBackwards) = columns == 2 ? (dice.From(0, width - 2), dice.OneIn(2)) : (dice.From(0, width - 1), false);
        for (var k = 0; k < columns; k++)
        {
            var size = Size();
            var place = isBackwards ? column + 1 - k : column + k;
            width += size - 1;
            Add(new RandomLayer("Embedding", Name()) { Arguments = { dice.Pick("2", "9", "30"), Text(size), $"Column = {place}" } },
                width, "", [], parameters: true);
        }

        _ofIds = TakesTokens ? 1 : columns;
        for (var k = dice.From(1, 6); k > 0; k--)
        {
            AddLayer(dice.Pick(s_kinds));
        }

        var output = dice.OneIn(5) ? dice.Pick("Softmax", "LogSoftmax", "Sigmoid") : dice.Pick("", "", "None");
        Join();
        if (!_hasParameters || output is not ("" or "None"))
        {
            width = dice.From(2, 5);
            Add(new RandomLayer("Dense", Name()) { Arguments = { Text(width) } }, width, _values[^1].Axis, [], parameters: true);
        }

        // An attribute whose memory nobody reads is warned of, and so are initial states that no call starts from.
        var isAttended = Layers.Any(l => l.Kind == "Attention");
        var memory = isAttended ? $"MemorySize = {_memory}" : "";
        Layers.ForEach(l => l.Arguments.RemoveAll(a => isAttended && a == "LearnedInitialState = true"));
        Arguments = [.. new[]
        {
            TakesTokens ? "" : $"InputSize = {_values[0].Width}", memory,
            output.Length > 0 ? $"Output = {runtime}OutputTransform.{output}" : "", dice.Rarely(4, Format()),
            dice.Rarely(4, $"ActivationAccuracy = {runtime}ActivationAccuracy.{dice.Pick("Accurate", isNumeric ? "Accurate" : "Fast")}"),
        }.Where(a => a.Length > 0)];
    }

    public RandomNames Names { get; }

    public bool TakesTokens { get; }

    public List<RandomLayer> Layers { get; } = [];

    /// <summary>Arguments of the model's attribute.</summary>
    public List<string> Arguments { get; }

    /// <summary>Names of generated members that this model has not.</summary>
    public IReadOnlyCollection<string> Free => _free;

    private string Name() => Names.Member(_free, [.. Layers.Select(l => l.Name)]);

    private int Size() => _isNumeric && !_dice.OneIn(3) ? _dice.From(1, 70) : _dice.Pick(1, 2, 3, 4, 5, 8, 16, 17);

    private string Format()
    {
        var format = _dice.Pick("Float32", _isNumeric ? "Float32" : "BFloat16", _isNumeric ? "Float32" : "Int8");
        return $"WeightFormat = {_runtime}WeightFormat.{format}";
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private void AddLayer(string kind)
    {
        var isJoin = kind is "Concat" or "Add" or "Multiply";
        var needsSequence = kind is "Gru" or "Lstm" or "Elman" or "MinGru" or "MinLstm" or "Conv1d" or "Pool1d"
            or "GlobalPool" or "AttentionPool" or "ReverseTime";
        var able = Enumerable.Range(_ofIds, _values.Count - _ofIds).Where(i => !needsSequence || _values[i].Axis is not null).ToList();
        if (able.Count == 0 || (kind == "Attention" && _memory == 0))
        {
            return;
        }

        var source = able.Contains(_values.Count - 1) && !_dice.OneIn(3) ? _values.Count - 1 : _dice.Pick(able);
        var (width, axis, _) = _values[source];
        if (_isNumeric && kind == "LayerNorm" && width < 3)
        {
            // A row of two is 1 and -1 whatever it holds, and what is left of its gradient is rounding.
            return;
        }

        var layer = new RandomLayer(kind, Name());
        var sources = new List<int> { source };
        if (isJoin)
        {
            var others = able.Where(i => _values[i].Axis == axis && (kind == "Concat" || _values[i].Width == width)).ToList();
            sources.AddRange(Enumerable.Range(0, _dice.From(1, 2)).Select(_ => _dice.Pick(others)));
            width = kind == "Concat" ? sources.Sum(s => _values[s].Width) : width;
            layer.Arguments.AddRange(sources.Select(Reference));
        }

        (width, axis) = Write(layer, width, axis);
        if (!isJoin && (source != _values.Count - 1 || _dice.OneIn(8)))
        {
            layer.Arguments.Add($"From = {Reference(source)}");
        }

        Add(layer, width, axis, sources,
            parameters: kind is not ("Concat" or "Add" or "Multiply" or "Dropout" or "Activation" or "GlobalPool" or "Pool1d"
                or "ReverseTime" or "Attention"));
    }

    private string Reference(int value) => value == 0 ? $"{_runtime}RnnModelAttribute.Input" : RandomLayer.Reference(value - 1);

    private void Add(RandomLayer layer, int width, string? axis, IReadOnlyList<int> sources, bool parameters)
    {
        layer.Modifiers = _dice.Pick("internal ", "public ", "private ", "internal unsafe ", "internal virtual ", "protected internal ",
            "private protected ");
        foreach (var source in sources.DefaultIfEmpty(_values.Count - 1))
        {
            _values[source] = _values[source] with { IsRead = true };
        }

        Layers.Add(layer);
        _values.Add((width, axis, false));
        _hasParameters |= parameters;
    }

    /// <summary>Has the last layer read all that nobody reads.</summary>
    private void Join()
    {
        var unread = Unread();
        if (unread.Select(i => _values[i].Axis).Distinct().Count() > 1)
        {
            foreach (var sequence in unread.Where(i => _values[i].Axis is not null))
            {
                var pool = new RandomLayer("GlobalPool",
                    Name()) { Arguments = { $"{_runtime}Pooling.Max", $"From = {Reference(sequence)}" } };
                Add(pool, _values[sequence].Width, null, [sequence], parameters: false);
            }

            unread = Unread();
        }

        if (unread.Count > 1)
        {
            var join = new RandomLayer("Concat", Name());
            join.Arguments.AddRange(unread.Select(Reference));
            Add(join, unread.Sum(i => _values[i].Width), _values[unread[0]].Axis, unread, parameters: false);
        }
    }

    private List<int> Unread() => [.. Enumerable.Range(0, _values.Count).Where(i => !_values[i].IsRead)];

    /// <summary>Writes a layer's arguments, and says what its rows are.</summary>
    private (int Width, string? Axis) Write(RandomLayer layer, int width, string? axis)
    {
        var arguments = layer.Arguments;
        switch (layer.Kind)
        {
            case "Gru" or "Lstm" or "Elman" or "MinGru" or "MinLstm":
                return WriteRecurrent(layer, axis);
            case "Dense":
                width = Size();
                arguments.Add(Text(width));
                arguments.AddRange(_dice.Some(3, [Activated(""), $"Bias = {_dice.Pick("true", "false")}", Format()]));
                break;
            case "Conv1d":
                return WriteConvolution(arguments, axis!);
            case "RowConv1d":
                return (WriteRowConvolution(arguments, width), axis);
            case "Pool1d":
                var (size, stride) = (_dice.From(1, 3), _dice.From(0, 3));
                arguments.AddRange([$"{_runtime}Pooling.{_dice.Pick("Average", "Max")}", Text(size)]);
                arguments.AddRange(stride == 0 ? [] : [$"Stride = {stride}"]);
                return (width, After(axis!, size, stride == 0 ? size : stride, 1, 0, 0));
            case "GlobalPool":
                arguments.Add($"{_runtime}Pooling.{_dice.Pick("Average", "Max")}");
                return (width, null);
            case "AttentionPool":
                return (width, null);
            case "Attention":
                var score = width == _memory ? _dice.Pick("Dot", "ScaledDot", "General", "Additive") : _dice.Pick("General", "Additive");
                arguments.Add($"Score = {_runtime}AttentionScore.{score}");
                arguments.AddRange(score == "Additive" && _dice.OneIn(2) ? [$"Units = {Size()}"] : []);
                return (_memory, axis);
            case "Dropout":
                arguments.Add(_dice.Pick("0.5f", "0f", _isNumeric ? "0.25f" : "0.999f"));
                break;
            case "LayerNorm":
                arguments.AddRange(
                    _dice.OneIn(2) ? [$"Epsilon = {_dice.Pick("1e-3f", _isNumeric ? "0.01f" : "float.Epsilon", "1f")}"] : []);
                break;
            case "Activation":
                arguments.Add(Activated("")["Activation = ".Length..]);
                break;
        }

        return (width, axis);
    }

    /// <summary>An activation, with its alpha where it has one.</summary>
    private string Activated(string start)
    {
        // Gates without bounds let states grow, and rounding with them, until nothing can be said of the result.
        var kind = _dice.Pick(_isNumeric && start == "Gate" ? s_boundedActivations : s_activations);
        var alpha = kind is "LeakyRelu" or "Elu" && _dice.OneIn(2) ? $", {start}Alpha = 0.3f" : "";
        return $"{start}Activation = {_runtime}Activation.{kind}{alpha}";
    }

    private (int Width, string? Axis) WriteRecurrent(RandomLayer layer, string? axis)
    {
        var (arguments, units, layers, both) = (layer.Arguments, Size(), _dice.OneIn(4) ? _dice.From(1, 3) : 1, _dice.OneIn(4));
        var width = units;
        arguments.Add(Text(units));
        List<string> options =
        [
            $"Layers = {layers}", layers > 1 ? $"Dropout = {_dice.Pick("0.1f", _isNumeric ? "0.5f" : "0.9f")}" : "Dropout = 0f",
            $"Bias = {_dice.Pick("true", "false")}", $"Clip = {_dice.Pick("0f", "1.5f", _isNumeric ? "0.4f" : "1e-30f")}",
            $"LearnedInitialState = {_dice.Pick("true", "false")}", Format(),
            both ? "Bidirectional = true" : $"Reverse = {_dice.Pick("true", "false")}",
        ];
        options = [.. options.Where(
            o => _dice.OneIn(4) || (layers > 1 && o.StartsWith("Layers", StringComparison.Ordinal))
                || o.StartsWith("Bidir", StringComparison.Ordinal))];
        options.AddRange(_dice.OneIn(3) ? [Activated("")] : []);
        options.AddRange(layer.Kind is "Gru" or "Lstm" && _dice.OneIn(3) ? [Activated("Gate")] : []);
        if (layer.Kind is "Gru" or "Lstm" or "Elman" && _dice.OneIn(3))
        {
            options.AddRange(_dice.Some(3, Noise(layer.Kind)));
        }

        options.AddRange(layer.Kind is "Gru" or "Lstm" && _dice.OneIn(4) ? Normalised(units) : []);
        options.AddRange(layer.Kind == "Gru" && _dice.OneIn(3) ? ["ResetAfter = false"] : []);
        if (layer.Kind == "Lstm")
        {
            options.AddRange(
                _dice.Some(3,
                    ["Peepholes = true", "CoupledInputForget = true", "CellClip = 3f",
                        $"CellActivation = {_runtime}Activation.{_dice.Pick(s_activations)}"]));
            if (units > 1 && _dice.OneIn(3))
            {
                width = _dice.From(1, units - 1);
                options.Add($"Projection = {width}");
            }
        }

        var isLast = _dice.OneIn(5);
        arguments.AddRange(options);
        arguments.AddRange(isLast ? ["ReturnSequences = false"] : []);
        if (both)
        {
            _free.UnionWith(["Step", "CreateStream"]);
        }

        return (both ? 2 * width : width, isLast ? null : axis);
    }

    /// <summary>Dropout inside a cell.</summary>
    private IEnumerable<string> Noise(string kind)
    {
        var names = new[] { "RecurrentDropout", "Zoneout", kind == "Lstm" ? "CellZoneout" : "" };

        // 1 - p is a constant of the program, a float: where it is not exact, 1 - (1 - p) m is not 0 for the unit that is kept.
        return names.Where(n => n.Length > 0).Select(n => $"{n} = {_dice.Pick(_isNumeric ? "0.125f" : "0.1f", "0.25f", "0.5f")}");
    }

    /// <summary>Layer normalisation inside a cell; of one or two units little but rounding is left.</summary>
    private IEnumerable<string> Normalised(int units)
    {
        if (_isNumeric && units < 3)
        {
            return [];
        }

        var kind = $"Normalization = {_runtime}GateNormalization.{_dice.Pick("PerGate", "Joint")}";
        return _isNumeric || _dice.OneIn(2) ? [kind, "NormalizationEpsilon = 0.01f"] : [kind];
    }

    private (int Width, string? Axis) WriteConvolution(List<string> arguments, string axis)
    {
        var (width, size, stride, dilation) = (Size(), _dice.From(1, 4), _dice.OneIn(3) ? _dice.From(1, 3) : 1,
            _dice.OneIn(3) ? _dice.From(1, 3) : 1);
        var (padding, extent) = (_dice.Pick("", "Valid", "Same", "Causal"), (size - 1) * dilation);
        var (left, right) = padding switch
        {
            "Same" => (extent / 2, extent - (extent / 2)),
            "Causal" => (extent, 0),
            "" when _dice.OneIn(3) => (_dice.From(0, 3), _dice.From(0, 3)),
            _ => (0, 0)
        };
        arguments.AddRange([Text(width), Text(size)]);
        arguments.AddRange(_dice.Some(3, [Activated(""), $"Bias = {_dice.Pick("true", "false")}", Format()]));
        arguments.AddRange(new[]
        {
            stride > 1 ? $"Stride = {stride}" : "", dilation > 1 ? $"Dilation = {dilation}" : "",
            padding.Length > 0 ? $"Padding = {_runtime}TimePadding.{padding}" : "",
            padding.Length == 0 && left > 0 ? $"PadLeft = {left}" : "", padding.Length == 0 && right > 0 ? $"PadRight = {right}" : "",
        }.Where(a => a.Length > 0));
        return (width, After(axis, size, stride, dilation, left, right));
    }

    /// <summary>Writes what fits rows of a width, and says how wide they become.</summary>
    private int WriteRowConvolution(List<string> arguments, int width)
    {
        var channels = _dice.Pick([.. Enumerable.Range(1, width).Where(c => width % c == 0)]);
        var (filters, length, mirrors) = (_dice.From(1, 5), width / channels, _dice.OneIn(2));
        var (left, right) = (_dice.From(0, 3), _dice.From(0, 3));
        (left, right) = mirrors ? (Math.Min(left, length - 1), Math.Min(right, length - 1)) : (left, right);
        var size = _dice.From(1, Math.Min(6, length + left + right));
        var dilation = size > 1 && _dice.OneIn(2) ? _dice.From(1, (length + left + right - 1) / (size - 1)) : 1;
        var stride = Math.Max(_dice.From(1, 4), length / 8);
        arguments.AddRange([Text(filters), Text(size)]);
        arguments.AddRange(_dice.Some(3, [Activated(""), $"Bias = {_dice.Pick("true", "false")}", Format()]));
        arguments.AddRange(new[]
        {
            channels > 1 ? $"Channels = {channels}" : "", stride > 1 ? $"Stride = {stride}" : "",
            dilation > 1 ? $"Dilation = {dilation}" : "", left > 0 ? $"PadLeft = {left}" : "", right > 0 ? $"PadRight = {right}" : "",
            mirrors ? "Mirror = true" : "",
        }.Where(a => a.Length > 0));
        return filters * (((length + left + right - ((size - 1) * dilation) - 1) / stride) + 1);
    }

    /// <summary>The steps that windows leave, as a text that equal steps share.</summary>
    private static string After(string axis, int size, int stride, int dilation, int left, int right) =>
        stride == 1 && left + right == (size - 1) * dilation ? axis : $"{axis}/{size},{stride},{dilation},{left},{right}";
}
