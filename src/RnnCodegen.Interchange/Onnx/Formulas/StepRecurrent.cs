namespace RnnCodegen.Interchange.Onnx.Formulas;

/// <summary>
/// LSTM, GRU and RNN nodes inside a step, whose sequence is one row: their equations, as formulas of the row and the state.
/// </summary>
internal static class StepRecurrent
{
    public static GraphValue[] Follow(NodeReader n)
    {
        var cell = RecurrentCell.Of(n.Op);
        var x = StepOps.Value(n);
        var isBatchFirst = n.Integer("layout", 0) != 0;
        if (x.Shape.Length != 3 || x.Shape[isBatchFirst ? 1 : 0] != 1 || x.Free[isBatchFirst ? 1 : 0] is not null || x.Free[2] is not null)
        {
            throw n.Refuse($"its sequence {Constant.Describe(x.Shape)} is not one row inside a step");
        }

        n.PassOver(4);
        var weights = new RecurrentTensors(n, cell);
        var draft = new DraftLayer("", weights.Units, isSequence: true) { Options = weights.Options(null, false, true) };
        if (weights.Directions != 1 || x.Shape[2] != weights.InputSize || x.Formula.Width != weights.InputSize || n.Has(7)
            || draft.Options is RecurrentAttribute { Clip: > 0 })
        {
            throw n.Refuse("it has two directions, peepholes, a clip, or features that do not fit; a step's cell has none of these");
        }

        weights.AddTo(draft, 0, RecurrentTensors.End(0));
        var step = new Equations(n, draft, weights.Units, cell.Gates, x.Formula, State(n, 5, weights.Units), State(n, 6, weights.Units));
        var (h, c) = draft.Options switch
        {
            LstmAttribute lstm => step.Lstm(lstm),
            GruAttribute gru => (step.Gru(gru), null),
            ElmanAttribute elman => (step.Elman(elman), null),
            _ => throw n.Refuse("it has no layer"),
        };
        var free = x.Free[isBatchFirst ? 0 : 1];
        FormulaValue Value(Formula formula, int rank) => new(formula, [.. Enumerable.Repeat(1, rank - 1), weights.Units],
            [.. Enumerable.Range(0, rank).Select(k => k == (isBatchFirst ? 0 : rank - 2) ? free : null)])
        {
            Scope = n.Scope, Subject = n.Subject,
        };
        return c is null ? [Value(h, 4), Value(h, 3)] : [Value(h, 4), Value(h, 3), Value(c, 3)];
    }

    private static Formula? State(NodeReader n, int index, int units)
    {
        if (!n.Has(index))
        {
            return null;
        }

        var value = StepOps.Value(n, index);
        return value.Formula.Width == units ? value.Formula
            : throw n.Refuse($"its initial state {Constant.Describe(value.Shape)} is not of {units} units");
    }

    /// <summary>The equations of the cells, as the layers have them.</summary>
    private sealed class Equations(NodeReader n, DraftLayer weights, int units, int gates, Formula x, Formula? h, Formula? c)
    {
        private readonly FormulaGraph _graph = n.Graph.Formulas.Graph;

        public (Formula H, Formula C) Lstm(LstmAttribute options)
        {
            if (options.CoupledInputForget)
            {
                throw n.Refuse("attribute input_forget is not followed inside a step");
            }

            Formula Gate(int gate, Activation function) => Of(function, gate == 2 ? options.Alpha : options.GateAlpha,
                _graph.Pair(PairOp.Add, Input(gate), Hidden(gate, h)));
            var (i, f) = (Gate(0, options.GateActivation), Gate(1, options.GateActivation));
            var (g, o) = (Gate(2, options.Activation), Gate(3, options.GateActivation));
            var next = _graph.Pair(PairOp.Add, _graph.Pair(PairOp.Multiply, f, c ?? Zeros()), _graph.Pair(PairOp.Multiply, i, g));
            return (_graph.Pair(PairOp.Multiply, o, Of(options.CellActivation, options.Alpha, next)), next);
        }

        public Formula Gru(GruAttribute options)
        {
            Formula Gate(int gate) => Of(options.GateActivation, options.GateAlpha,
                _graph.Pair(PairOp.Add, Input(gate), Hidden(gate, h)));
            var (r, z) = (Gate(0), Gate(1));
            var reset = options.ResetAfter ? _graph.Pair(PairOp.Multiply, r, Hidden(2, h))
                : Hidden(2, _graph.Pair(PairOp.Multiply, r, h ?? Zeros()));
            var candidate = Of(options.Activation, options.Alpha, _graph.Pair(PairOp.Add, Input(2), reset));
            var rest = _graph.Pair(PairOp.Subtract, _graph.Constant([.. Enumerable.Repeat(1.0, units)]), z);
            return _graph.Pair(PairOp.Add, _graph.Pair(PairOp.Multiply, z, h ?? Zeros()), _graph.Pair(PairOp.Multiply, rest, candidate));
        }

        public Formula Elman(ElmanAttribute options) =>
            Of(options.Activation, options.Alpha, _graph.Pair(PairOp.Add, Input(0), Hidden(0, h)));

        private Formula Of(Activation function, float alpha, Formula argument) => function == Activation.Linear ? argument
            : _graph.Map(ScalarFunction.Of(function, alpha), argument);

        private Formula Zeros() => _graph.Constant(new double[units]);

        private Formula Input(int gate) => Share("ih", gate, x);

        private Formula Hidden(int gate, Formula? state) => Share("hh", gate, state ?? Zeros());

        private Formula Share(string kind, int gate, Formula operand)
        {
            var matrix = weights.Parameters[$"weight_{kind}_l0"].Values;
            var block = matrix.Length / gates;
            var product = _graph.Product(operand, matrix[(gate * block)..((gate + 1) * block)]);
            return weights.Parameters.TryGetValue($"bias_{kind}_l0", out var bias)
                ? _graph.Pair(PairOp.Add, product, _graph.Constant([.. bias.Values.Skip(gate * units).Take(units).Select(v => (double)v)]))
                : product;
        }
    }
}
