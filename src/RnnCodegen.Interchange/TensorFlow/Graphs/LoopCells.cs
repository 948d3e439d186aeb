namespace RnnCodegen.Interchange.TensorFlow.Graphs;

/// <summary>A recurrent layer that a loop computes.</summary>
/// <param name="Weights">Its weights.</param>
/// <param name="Source">The state whose new values it reads; -1 where it reads the loop's rows.</param>
internal sealed record LoopCell(RecurrentWeights Weights, int Source);

/// <summary>Tells the cells of a loop by what its states become.</summary>
internal sealed class LoopCells(LoopBody body, Func<string, string, Exception> refuse)
{
    private readonly Dictionary<int, LoopCell> _cells = [];

    /// <summary>The cell whose output a state is.</summary>
    public LoopCell Of(int state)
    {
        if (!_cells.TryGetValue(state, out var cell))
        {
            cell = _cells[state] = Find(state, body.Definition(state));
        }

        return cell;
    }

    private LoopCell Find(int state, Linear next) => (next.Only, next.Terms) switch
    {
        (FunctionAtom f, _) => Simple(state, f),
        (ProductAtom p, _) => Lstm(state, p),
        (null, [{ Matrix: null, Scale: 1, Atom: ProductAtom a }, { Matrix: null, Scale: 1, Atom: ProductAtom b }])
            when Array.TrueForAll(next.Bias, v => v == 0) => Gru(state, a, b) ?? Gru(state, b, a)
                ?? throw Unknown(state, "it is the sum of two products, which are not those of a GRU"),
        _ => throw Unknown(state, "it is none of the sums that an LSTM, a GRU or a simple layer makes"),
    };

    private LoopCell Simple(int state, FunctionAtom f)
    {
        var source = SourceOf(state, f.Argument);
        var gate = Gate(state, f.Argument, source, state);
        return Cell("RNN", state, source, [gate], [f.Function]);
    }

    /// <summary>z h + (1 - z) n, however the two are spelled.</summary>
    private LoopCell? Gru(int state, ProductAtom kept, ProductAtom made)
    {
        var keep = Beside(kept, l => l.Only is StateAtom own && own.State == state);
        if (keep is null)
        {
            return null;
        }

        // What keeps the old state is a function, or 1 less it.
        if ((keep.Only as FunctionAtom ?? Complement(keep)) is not { } z)
        {
            return null;
        }

        var isKept = keep.Only is FunctionAtom;
        var candidate = Beside(made, l => isKept ? ReferenceEquals(Complement(l), z) : ReferenceEquals(l.Only, z));
        if (candidate is null || z.Function is not ("Sigmoid" or "HardSigmoid"))
        {
            return null;
        }

        var function = candidate.Only as FunctionAtom;
        var argument = function?.Argument ?? candidate;
        var source = SourceOf(state, argument);
        var update = isKept ? z.Argument : z.Argument.Times(-1);
        var resets = argument.Terms.FirstOrDefault(t => t.Atom is ProductAtom)
            ?? throw Unknown(state, "its candidate has no reset gate");
        var product = (ProductAtom)resets.Atom;
        FunctionAtom Reset(Linear l) => l.Only as FunctionAtom ?? throw Unknown(state, "its reset gate is no function");
        if (resets.Matrix is not null)
        {
            var gate = Reset(Beside(product, l => l.Only is StateAtom own && own.State == state)
                ?? throw Unknown(state, "its reset gate does not multiply the state"));
            var n = new GateWeights(
                Matrix(state, argument, t => IsSource(t, source)), resets.Matrix, argument.Bias, new double[argument.Width]);
            return Cell("GRU", state, source, [Gate(state, update, source, state), Gate(state, gate.Argument, source, state), n],
                [SameGate(state, z, gate), function?.Function ?? "Affine"]);
        }

        var inner = Beside(product, l => l.Only is FunctionAtom) ?? throw Unknown(state, "its reset gate multiplies something unknown");
        var after = Reset(ReferenceEquals(inner, product.First) ? product.Second : product.First);
        var candidateGate = new GateWeights(Matrix(state, argument, t => IsSource(t, source)),
            Matrix(state, inner, t => t.Atom is StateAtom own && own.State == state), argument.Bias, inner.Bias);
        var cell = Cell("GRU", state, source,
            [Gate(state, update, source, state), Gate(state, after.Argument, source, state), candidateGate],
            [SameGate(state, z, after), function?.Function ?? "Affine"]);
        return cell with { Weights = cell.Weights with { ResetsAfter = true } };
    }

    /// <summary>o f(c), with c = f c + i g.</summary>
    private LoopCell Lstm(int state, ProductAtom output)
    {
        var shown = Beside(output, l => l.Only is FunctionAtom { Argument.Only: NextAtom }) is { } gate
            ? (Gate: gate, Cell: ReferenceEquals(gate, output.First) ? output.Second : output.First)
            : throw Unknown(state, "it is a product without a cell that an LSTM carries");
        var (o, tanh) = (shown.Gate.Only as FunctionAtom ?? throw Unknown(state, "its output gate is no function"),
            (FunctionAtom)shown.Cell.Only!);
        var cell = (NextAtom)tanh.Argument.Only!;
        var products = cell.Definition.Terms.Select(t => t is { Matrix: null, Scale: 1, Atom: ProductAtom p } ? p : null).ToList();
        if (products is not [{ } a, { } b] || Array.Exists(cell.Definition.Bias, v => v != 0))
        {
            throw Unknown(state, "its cell is no sum of two products");
        }

        Linear? Forget(ProductAtom p) => Beside(p, l => l.Only is StateAtom own && own.State == cell.State);
        var made = Forget(a) is null ? a : b;
        var f = (Forget(a) ?? Forget(b))?.Only as FunctionAtom ?? throw Unknown(state, "nothing keeps its cell");
        var (i, g) = (made.First.Only, made.Second.Only) switch
        {
            (FunctionAtom { Function: "Sigmoid" or "HardSigmoid" } first, FunctionAtom second) when second.Function is "Tanh" or "Relu" =>
                (first, second),
            (FunctionAtom second, FunctionAtom { Function: "Sigmoid" or "HardSigmoid" } first) when second.Function is "Tanh" or "Relu" =>
                (first, second),
            _ => throw Unknown(state, "which of two functions is its input gate does not follow"),
        };
        var source = SourceOf(state, g.Argument);
        if (i.Function != o.Function || f.Function != o.Function)
        {
            throw Unknown(state, "its gates have different functions");
        }

        return Cell("LSTM", state, source,
            [.. new[] { i, o, f, g }.Select(x => Gate(state, x.Argument, source, state))], [i.Function, g.Function, tanh.Function]);
    }

    /// <summary>The other factor of a product, where one is something; null where none is.</summary>
    private static Linear? Beside(ProductAtom product, Func<Linear, bool> isOne) =>
        isOne(product.First) ? product.Second : isOne(product.Second) ? product.First : null;

    /// <summary>The function that a vector is 1 less of; null where it is not.</summary>
    private static FunctionAtom? Complement(Linear linear) =>
        linear.Terms is [{ Matrix: null, Scale: -1, Atom: FunctionAtom f }] && Array.TrueForAll(linear.Bias, b => b == 1) ? f : null;

    private string SameGate(int state, FunctionAtom z, FunctionAtom r) =>
        z.Function == r.Function ? z.Function : throw Unknown(state, "its gates have different functions");

    /// <summary>What a gate reads beside the state: the loop's rows, or another layer's.</summary>
    private int SourceOf(int state, Linear argument) => argument.Terms.Select(t => t.Atom switch
    {
        InputAtom => -1,
        NextAtom other when other.State != state => other.State,
        _ => (int?)null,
    }).FirstOrDefault(s => s is not null) ?? throw Unknown(state, "its gates read nothing but the state");

    private static bool IsSource(Term term, int source) => source < 0
        ? term.Atom is InputAtom
        : term.Atom is NextAtom next && next.State == source;

    private GateWeights Gate(int state, Linear argument, int source, int own) => argument.Terms.Count == 2
        ? new GateWeights(Matrix(state, argument, t => IsSource(t, source)),
            Matrix(state, argument, t => t.Atom is StateAtom s && s.State == own), argument.Bias, new double[argument.Width])
        : throw Unknown(state, $"a gate of it has {argument.Terms.Count} products");

    private double[] Matrix(int state, Linear sum, Func<Term, bool> isWanted) =>
        sum.Terms.SingleOrDefault(isWanted)?.Matrix ?? throw Unknown(state, "a gate of it lacks a product");

    private LoopCell Cell(string op, int state, int source, GateWeights[] gates, string[] functions)
    {
        var units = gates[0].Bias.Length;
        var inputs = gates[0].W.Length / units;
        return new LoopCell(
            new RecurrentWeights(op, inputs, units, [.. gates.Select(g => Turned(g.W, inputs, units))],
                [.. gates.Select(g => Turned(g.U, units, units))],
                [.. gates.Select(g => Array.ConvertAll(g.Bias, v => (float)v))],
                [.. gates.Select(g => Array.ConvertAll(g.StateBias, v => (float)v))], functions),
            source);

        float[] Turned(double[] matrix, int rows, int columns) => matrix.Length == rows * columns
            ? GateBlocks.Transpose(Array.ConvertAll(matrix, v => (float)v), rows, columns)
            : throw Unknown(state, "its gates' matrices are of different sizes");
    }

    private Exception Unknown(int state, string why) => refuse(body.Variables[state].Next, $"the loop's state is not understood: {why}");

    private sealed record GateWeights(double[] W, double[] U, double[] Bias, double[] StateBias);
}
