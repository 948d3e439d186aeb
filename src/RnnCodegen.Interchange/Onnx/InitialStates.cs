namespace RnnCodegen.Interchange.Onnx;

/// <summary>Which parts of the graph's inputs start a recurrent node.</summary>
/// <param name="Subject">The node in words.</param>
/// <param name="Hidden">What is its initial h; null where that is constant.</param>
/// <param name="Cell">What is its initial c; null where that is constant or it has none.</param>
/// <param name="DirectionAxis">The axis of both that counts directions.</param>
internal sealed record NodeStart(string Subject, InputPartValue? Hidden, InputPartValue? Cell, int DirectionAxis)
{
    /// <summary>The parts that start one of two directions.</summary>
    public NodeStart OfDirection(int direction) => this with
    {
        Hidden = Hidden?.Range(DirectionAxis, [direction]), Cell = Cell?.Range(DirectionAxis, [direction]),
    };
}

/// <summary>What the inputs initial_h and initial_c of a recurrent node are.</summary>
internal static class InitialStates
{
    private const int Hidden = 5;
    private const int Cell = 6;

    /// <summary>The parts of the graph's inputs that they are.</summary>
    /// <exception cref="RefusalException">The graph computes one, or it is laid out otherwise.</exception>
    public static NodeStart Inputs(NodeReader n, RecurrentTensors weights, bool isBatchFirst) => new(
        n.Subject, Input(n, weights, Hidden, isBatchFirst),
        weights.Cell == RecurrentCell.Lstm ? Input(n, weights, Cell, isBatchFirst) : null, isBatchFirst ? 1 : 0);

    /// <summary>The initial h and, for LSTM, c [D, H], where they are constants other than zero.</summary>
    public static WeightValues?[] Constants(NodeReader n, RecurrentTensors weights, NodeStart start, bool isBatchFirst)
    {
        var isLstm = weights.Cell == RecurrentCell.Lstm;
        WeightValues?[] states = isLstm
            ? [Constant(n, weights, Hidden, isBatchFirst), Constant(n, weights, Cell, isBatchFirst)]
            : [Constant(n, weights, Hidden, isBatchFirst)];
        return (start.Hidden is not null || start.Cell is not null) && states.Any(s => s is not null)
            ? throw n.Refuse(
                "one of initial_h and initial_c is an input and the other a constant other than zero; a layer learns both or neither")
            : states;
    }

    private static string Name(int index) => index == Hidden ? "initial_h" : "initial_c";

    private static InputPartValue? Input(NodeReader n, RecurrentTensors weights, int index, bool isBatchFirst)
    {
        var value = n.Peek(index);
        if (value is null || value.Origin == Origin.None)
        {
            return null;
        }

        if (value.Origin != Origin.Inputs)
        {
            throw n.Refuse(
                $"its {Name(index)}, '{n.InputName(index)}', is computed from rows or another layer's state; a layer's initial state is " +
                "an argument of the call, zeros or learned");
        }

        var part = value as InputPartValue
            ?? (value is RowsValue rows ? InputPartValue.Whole(n.Graph, rows, "") : null) ?? throw new RefusalException(
                $"{n.Subject}: its {Name(index)}, '{n.InputName(index)}', is " +
                $"not {string.Join(" or ", value.Inputs.Select(i => $"'{i}'"))} itself or a part of it, but what the graph computes of it" +
                (value is RefusedValue refused ? $" ({refused.Reason})" : "") +
                "; a layer's initial state is an argument of the call, zeros or learned", isWhole: true);
        var (directions, axes) = (isBatchFirst ? 1 : 0, part.Axes);
        if (axes.Length != 3 || !Has(axes[directions], weights.Directions) || !Has(axes[2], weights.Units))
        {
            var sizes = axes.Select(a => a.Size?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "any");
            throw n.Refuse(
                $"its {Name(index)}, '{n.InputName(index)}', is [{string.Join(", ", sizes)}], not " +
                (isBatchFirst
                    ? $"[samples, directions {weights.Directions}, units {weights.Units}]"
                    : $"[directions {weights.Directions}, samples, units {weights.Units}]"));
        }

        return part;
    }

    private static bool Has(Axis axis, int size) => axis.Size is null || axis.Size == size;

    private static WeightValues? Constant(NodeReader n, RecurrentTensors weights, int index, bool isBatchFirst)
    {
        if (n.Peek(index) is not { Origin: Origin.None })
        {
            return null;
        }

        var part = n.Input(index) switch
        {
            ConstantValue constant => constant.Tensor,
            RepeatedValue repeated => repeated.Part,
            var other => throw n.Refuse($"its {Name(index)} is {NodeReader.Kind(other)}"),
        };
        var reals = part.ToReals();
        if (Array.TrueForAll(reals, v => v == 0))
        {
            return null;
        }

        if (Array.FindIndex(reals, v => !float.IsFinite(v)) is >= 0 and var bad)
        {
            throw n.Refuse($"value {bad} of its {Name(index)} is {reals[bad]}; weights must be finite");
        }

        return WeightValues.Matrix(weights.Directions, weights.Units, OneRowADirection(n, part, weights, Name(index), isBatchFirst));
    }

    private static float[] OneRowADirection(NodeReader n, Constant part, RecurrentTensors weights, string name, bool isBatchFirst)
    {
        int[] shape = [.. Enumerable.Repeat(1, Math.Max(0, 3 - part.Shape.Length)), .. part.Shape];
        var (directions, samples) = isBatchFirst ? (1, 0) : (0, 1);
        if (shape.Length != 3 || (shape[2] != weights.Units && shape[2] != 1)
            || (shape[directions] != weights.Directions && shape[directions] != 1))
        {
            throw n.Refuse($"its {name} {part} is not [directions {weights.Directions}, samples, units {weights.Units}]");
        }

        var strides = Places.Strides(shape);
        var reals = part.ToReals();
        var result = new float[weights.Directions * weights.Units];
        for (var d = 0; d < weights.Directions; d++)
        {
            for (var unit = 0; unit < weights.Units; unit++)
            {
                var first = ((shape[directions] == 1 ? 0 : d) * strides[directions]) + (shape[2] == 1 ? 0 : unit);
                for (var sample = 1; sample < shape[samples]; sample++)
                {
                    if (reals[first + (sample * strides[samples])] != reals[first])
                    {
                        throw n.Refuse($"its {name} is a constant that differs between samples; a layer learns one initial state for all");
                    }
                }

                result[(d * weights.Units) + unit] = reals[first];
            }
        }

        return result;
    }
}
