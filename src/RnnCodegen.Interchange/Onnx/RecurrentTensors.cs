namespace RnnCodegen.Interchange.Onnx;

/// <summary>The attributes and weights of a recurrent node, in this project's names and order of gates.</summary>
internal sealed class RecurrentTensors
{
    private readonly (Activation Function, float Alpha)[][] _functions;
    private readonly bool _isReverse;
    private readonly float _clip;
    private readonly bool _coupled;
    private readonly bool _resetsAfter;
    private readonly Constant _input;
    private readonly Constant _hidden;
    private readonly Constant? _biases;
    private readonly Constant? _peepholes;

    public RecurrentTensors(NodeReader n, RecurrentCell cell)
    {
        Cell = cell;
        var direction = n.Text("direction", "forward");
        (Directions, _isReverse) = direction switch
        {
            "forward" => (1, false),
            "reverse" => (1, true),
            "bidirectional" => (2, false),
            _ => throw n.Refuse($"attribute direction is {direction}, not forward, reverse or bidirectional"),
        };
        _functions = RecurrentActivations.Read(n, cell, Directions);
        _clip = n.Real("clip", 0);
        if (!(_clip >= 0) || !float.IsFinite(_clip))
        {
            throw n.Refuse($"attribute clip is {_clip}, not a positive number");
        }

        _coupled = cell == RecurrentCell.Lstm && n.Integer("input_forget", 0) != 0;
        _resetsAfter = cell == RecurrentCell.Gru && n.Integer("linear_before_reset", 0) != 0;
        (_input, _hidden) = (n.Weights(1, "input weights W"), n.Weights(2, "recurrent weights R"));
        Units = _hidden.Shape is [_, _, var last] ? last : 0;
        if (n.Integer("hidden_size", Units) is var units
            && (units != Units || Units == 0 || !_hidden.Shape.SequenceEqual([Directions, cell.Gates * Units, Units])))
        {
            throw n.Refuse(
                $"its R is {_hidden} where {Directions} direction(s) of hidden_size {units} have " +
                $"[{Directions}, {cell.Gates} * {units}, {units}]");
        }

        InputSize = _input.Shape is [_, _, var width] ? width : 0;
        if (InputSize == 0 || !_input.Shape.SequenceEqual([Directions, cell.Gates * Units, InputSize]))
        {
            throw n.Refuse($"its W is {_input} where [{Directions}, {cell.Gates * Units}, inputs] belongs to its R");
        }

        _biases = Vectors(n, 3, "biases B", 2 * cell.Gates);
        _peepholes = cell == RecurrentCell.Lstm ? Vectors(n, 7, "peepholes P", 3) : null;
        CheckAlphas(n);
    }

    public RecurrentCell Cell { get; }

    public int Directions { get; }

    /// <summary>Whether both directions have the same functions, so that they can be one layer.</summary>
    public bool AreAlike => _functions.All(f => f.SequenceEqual(_functions[0]));

    public int Units { get; }

    public int InputSize { get; }

    /// <summary>The end of a parameter's name.</summary>
    public static string End(int direction) => direction == 0 ? "l0" : "l0_reverse";

    /// <summary>The attribute of a layer of the node's directions, or of one of them.</summary>
    /// <param name="direction">The direction; null for all.</param>
    /// <param name="isLearned">Whether its initial state is a parameter.</param>
    /// <param name="returnsSequences">Whether it makes a row for each step.</param>
    public RecurrentAttribute Options(int? direction, bool isLearned, bool returnsSequences)
    {
        var functions = _functions[direction ?? 0];
        RecurrentAttribute options = Cell.Op switch
        {
            "LSTM" => Lstm(functions),
            "GRU" => new GruAttribute(Units)
            {
                ResetAfter = _resetsAfter,
                GateActivation = functions[0].Function,
                GateAlpha = functions[0].Alpha,
                Activation = functions[1].Function,
            },
            "RNN" => new ElmanAttribute(Units) { Activation = functions[0].Function },
            _ => throw new InvalidOperationException($"{Cell.Op} has no layer."),
        };
        (options.Bidirectional, options.Reverse) = (Directions == 2 && direction is null, _isReverse || direction == 1);
        (options.Clip, options.Bias) = (_clip, _biases is not null);
        (options.LearnedInitialState, options.ReturnSequences) = (isLearned, returnsSequences);
        options.Alpha = functions.Skip(Cell == RecurrentCell.Elman ? 0 : 1).Select(a => a.Alpha)
            .FirstOrDefault(a => !float.IsNaN(a), float.NaN);
        return options;
    }

    /// <summary>Gives a layer the weights of one of the node's directions.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="d">The node's direction.</param>
    /// <param name="end">What ends the names of the layer's parameters of that direction.</param>
    public void AddTo(DraftLayer layer, int d, string end)
    {
        var rows = Gates(_hidden, d).Length / Units;
        layer.Parameters.Add($"weight_ih_{end}", WeightValues.Matrix(rows, InputSize, Gates(_input, d)));
        layer.Parameters.Add($"weight_hh_{end}", WeightValues.Matrix(rows, Units, Gates(_hidden, d)));
        if (_biases is not null)
        {
            var both = _biases.ToReals().AsSpan(d * 2 * Cell.Gates * Units, 2 * Cell.Gates * Units);
            layer.Parameters.Add($"bias_ih_{end}", WeightValues.Vector(Gates(both[..(Cell.Gates * Units)])));
            layer.Parameters.Add($"bias_hh_{end}", WeightValues.Vector(Gates(both[(Cell.Gates * Units)..])));
        }

        if (_peepholes is not null)
        {
            // ONNX's order is i, o, f.
            var own = _peepholes.ToReals().AsSpan(d * 3 * Units, 3 * Units);
            layer.Parameters.Add($"weight_ci_{end}", WeightValues.Vector(own[..Units].ToArray()));
            layer.Parameters.Add($"weight_co_{end}", WeightValues.Vector(own[Units..(2 * Units)].ToArray()));
            if (!_coupled)
            {
                layer.Parameters.Add($"weight_cf_{end}", WeightValues.Vector(own[(2 * Units)..].ToArray()));
            }
        }
    }

    private LstmAttribute Lstm((Activation Function, float Alpha)[] functions)
    {
        var options = new LstmAttribute(Units)
        {
            Peepholes = _peepholes is not null,
            CoupledInputForget = _coupled,
            GateActivation = functions[0].Function,
            GateAlpha = functions[0].Alpha,
            Activation = functions[1].Function,
        };
        if (functions[2].Function != functions[1].Function)
        {
            options.CellActivation = functions[2].Function;
        }

        return options;
    }

    private Constant? Vectors(NodeReader n, int index, string what, int blocks)
    {
        if (!n.Has(index))
        {
            return null;
        }

        var tensor = n.Weights(index, what);
        return tensor.Shape.SequenceEqual([Directions, blocks * Units])
            ? tensor
            : throw n.Refuse($"its {what} are {tensor} where [{Directions}, {blocks * Units}] belongs to its R");
    }

    /// <summary>A layer has one alpha for candidate and cell.</summary>
    private void CheckAlphas(NodeReader n)
    {
        if (Cell != RecurrentCell.Lstm)
        {
            return;
        }

        foreach (var functions in _functions)
        {
            var (g, h) = (functions[1], functions[2]);
            if (TakesAlpha(g.Function) && TakesAlpha(h.Function) && !g.Alpha.Equals(h.Alpha))
            {
                throw n.Refuse(
                    $"attribute activation_alpha: {g.Function} of the candidate and {h.Function} of the cell have alphas that differ; a " +
                    "layer has one for both");
            }
        }
    }

    private static bool TakesAlpha(Activation function) => function is Activation.LeakyRelu or Activation.Elu;

    private float[] Gates(Constant tensor, int direction)
    {
        var length = tensor.Length / Directions;
        return Gates(tensor.ToReals().AsSpan(direction * length, length));
    }

    /// <summary>A direction's blocks in this project's order; without that of the forget gate where it is coupled.</summary>
    private float[] Gates(ReadOnlySpan<float> blocks)
    {
        var gates = GateBlocks.Reorder(blocks, Cell.Order);
        var length = gates.Length / Cell.Gates;
        return _coupled ? [.. gates[..length], .. gates[(2 * length)..]] : gates;
    }
}
