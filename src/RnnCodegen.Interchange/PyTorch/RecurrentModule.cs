using System.Text.RegularExpressions;

namespace RnnCodegen.Interchange;

/// <summary>Recognises PyTorch's LSTM, GRU and RNN modules and their cells by their tensors' names and shapes.</summary>
internal sealed partial class RecurrentModule
{
    private static readonly string[] s_parts = ["weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr"];

    private readonly string _file;
    private readonly StateDictModule _module;
    private readonly Dictionary<(string Part, int Layer, bool Reverse), SafeTensor> _parts = [];
    private readonly int _layers;
    private readonly int _directions;
    private readonly bool _bias;
    private readonly int _projection;
    private readonly int _units;
    private readonly int _gates;

    private RecurrentModule(string file, StateDictModule module)
    {
        (_file, _module) = (file, module);
        foreach (var (name, tensor) in module.Tensors)
        {
            var match = PartName().Match(name);
            if (!match.Success)
            {
                throw Bad($"the tensor '{name}' is none of an LSTM, GRU or RNN");
            }

            var layer = match.Groups[2].Success
                ? int.Parse(match.Groups[2].ValueSpan, provider: System.Globalization.CultureInfo.InvariantCulture)
                : 0;
            if (!_parts.TryAdd((match.Groups[1].Value, layer, match.Groups[3].Success), tensor))
            {
                throw Bad($"the tensor '{name}' is there twice, as a cell's and a layer's");
            }
        }

        _layers = _parts.Keys.Max(k => k.Layer) + 1;
        _directions = _parts.Keys.Any(k => k.Reverse) ? 2 : 1;
        _bias = _parts.Keys.Any(k => k.Part.StartsWith("bias", StringComparison.Ordinal));
        var hidden = Matrix("weight_hh", 0, reverse: false).Shape;
        _projection = _parts.TryGetValue(("weight_hr", 0, false), out var projection) && projection.Shape is [var p, _] ? p : 0;
        _units = _projection > 0 ? projection!.Shape[1] : hidden[1];
        _gates = _units == 0 || hidden[0] % _units != 0 ? 0 : hidden[0] / _units;
    }

    private int HiddenSize => _projection > 0 ? _projection : _units;

    /// <summary>Whether a tensor's name is one of a recurrent module.</summary>
    public static bool Owns(string leaf) => PartName().IsMatch(leaf);

    /// <summary>The place of a tensor among those of its module as PyTorch makes them; null where the module's are others.</summary>
    public static int? PlaceOf(string leaf)
    {
        if (PartName().Match(leaf) is not { Success: true } match)
        {
            return null;
        }

        var layer = match.Groups[2].Success
            ? int.Parse(match.Groups[2].ValueSpan, provider: System.Globalization.CultureInfo.InvariantCulture)
            : 0;
        return (((layer * 2) + (match.Groups[3].Success ? 1 : 0)) * s_parts.Length) + Array.IndexOf(s_parts, match.Groups[1].Value);
    }

    /// <summary>The layer that a module is.</summary>
    /// <exception cref="InvalidDataException">It lacks a tensor, or one has a shape that does not fit; the message names it.</exception>
    public static ImportedLayer Import(string file, StateDictModule module, PropertyNames names)
    {
        var read = new RecurrentModule(file, module);
        var (kind, options) = read.Describe();
        if (NameObjections.FindCell(module.Path, read._gates) is { } what)
        {
            throw read.Bad(
                $"its name says that it is {what}, but its weights are those " +
                $"of {(kind is "Elman" ? "an RNN" : kind is "Gru" ? "a GRU" : "an LSTM")}");
        }

        var name = names.Add(module.Prefix, kind);
        var reading = read._gates == 1
            ? "an RNN of tanh, PyTorch's default; set Activation = Activation.Relu where it was made with nonlinearity='relu'"
            : null;
        return new ImportedLayer(
            module.Prefix, name, options, read.Matrix("weight_ih", 0, reverse: false).Shape[1], read.HiddenSize * read._directions,
            read.Weights(name), reading, []);
    }

    [GeneratedRegex("^(weight_ih|weight_hh|weight_hr|bias_ih|bias_hh)(?:_l([0-9]{1,3})(_reverse)?)?$")]
    private static partial Regex PartName();

    private (string Kind, LayerAttribute Options) Describe()
    {
        var (layers, bidirectional) = (_layers, _directions == 2);
        return _gates switch
        {
            4 => ("Lstm",
                new LstmAttribute(_units) { Layers = layers, Bidirectional = bidirectional, Bias = _bias, Projection = _projection }),
            3 when _projection == 0 => ("Gru", new GruAttribute(_units) { Layers = layers, Bidirectional = bidirectional, Bias = _bias }),
            1 when _projection == 0 =>
                ("Elman", new ElmanAttribute(_units) { Layers = layers, Bidirectional = bidirectional, Bias = _bias }),
            _ => throw Bad(
                $"weight_hh {Text(Matrix("weight_hh", 0, reverse: false).Shape)} has neither 4 (LSTM), 3 (GRU) nor 1 (RNN) rows for each " +
                $"of {_units} units" +
                (_projection > 0 ? "; only an LSTM has a projection" : "")),
        };
    }

    private List<NamedTensor> Weights(string name)
    {
        var weights = new List<NamedTensor>();
        var used = 0;
        for (var layer = 0; layer < _layers; layer++)
        {
            for (var direction = 0; direction < _directions; direction++)
            {
                var reverse = direction == 1;
                var input = layer == 0 ? Matrix("weight_ih", 0, reverse: false).Shape[1] : HiddenSize * _directions;
                Add("weight_ih", _gates * _units, input);
                Add("weight_hh", _gates * _units, HiddenSize);
                if (_bias)
                {
                    Add("bias_ih", _gates * _units);
                    Add("bias_hh", _gates * _units);
                }

                if (_projection > 0)
                {
                    Add("weight_hr", _projection, _units);
                }

                void Add(string part, params int[] shape)
                {
                    var tensor = Part(part, layer, reverse);
                    if (!tensor.Shape.SequenceEqual(shape))
                    {
                        throw Bad($"the tensor '{tensor.Name}' {Text(tensor.Shape)} should be {Text(shape)}");
                    }

                    used++;
                    weights.Add(new NamedTensor($"{name}.{Leaf(part, layer, reverse)}", shape, StateDictValues.Read(_file, tensor)));
                }
            }
        }

        return used == _parts.Count ? weights : throw Bad("only some of its layers have the tensor weight_hr of a projection");
    }

    private SafeTensor Matrix(string part, int layer, bool reverse) => Part(part, layer, reverse) is { Shape.Count: 2 } tensor
        ? tensor
        : throw Bad($"the tensor '{Leaf(part, layer, reverse)}' is no matrix");

    private SafeTensor Part(string part, int layer, bool reverse) =>
        _parts.TryGetValue((part, layer, reverse), out var tensor) && !tensor.Shape.Contains(0)
            ? tensor
            : throw Bad($"the tensor '{Leaf(part, layer, reverse)}' is missing or empty");

    private static string Leaf(string part, int layer, bool reverse) => $"{part}_l{layer}{(reverse ? "_reverse" : "")}";

    private static string Text(IReadOnlyList<int> shape) => $"[{string.Join(", ", shape)}]";

    private InvalidDataException Bad(string what) => new($"'{_file}': the recurrent module '{_module.Prefix}' is not understood: {what}.");
}
