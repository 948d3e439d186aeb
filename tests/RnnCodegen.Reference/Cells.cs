namespace RnnCodegen.Reference;

/// <summary>One time step of each cell, as docs/math.md writes it.</summary>
public static class Cells
{
    /// <summary>A step of one stacked layer and direction.</summary>
    /// <param name="graph">Where to compute.</param>
    /// <param name="options">The layer's attribute.</param>
    /// <param name="find">Finds the layer's tensor by kind, e.g. <c>weight_ih</c>.</param>
    /// <param name="x">Input rows [B, I].</param>
    /// <param name="h">Previous hidden state.</param>
    /// <param name="c">Previous cell; null except for LSTM.</param>
    /// <param name="noise">The masks of the step.</param>
    public static (Node H, Node? C) Step(Graph graph, RecurrentAttribute options, Func<string, Node> find, Node x, Node h, Node? c,
        Noise noise) => options switch
        {
            LstmAttribute lstm => Lstm(graph, lstm, find, x, h, c!, noise),
            GruAttribute gru => (noise.Renewed(graph, h, Gru(graph, gru, find, x, h, noise.Seen(graph, h))), null),
            ElmanAttribute elman => (noise.Renewed(graph, h, Elman(graph, elman, find, x, noise.Seen(graph, h))), null),
            MinGruAttribute minimal => (MinGru(graph, minimal, find, x, h), null),
            MinLstmAttribute minimal => (MinLstm(graph, minimal, find, x, h), null),
            _ => throw new ArgumentException($"{options.GetType().Name} is no recurrent layer.", nameof(options)),
        };

    private static (Node H, Node C) Lstm(Graph graph, LstmAttribute options, Func<string, Node> find, Node x, Node h, Node c, Noise noise)
    {
        var names = options.CoupledInputForget ? "igo" : "ifgo";
        var isNormalised = options.Normalization != GateNormalization.None;
        var all = isNormalised
            ? graph.Add(
                Normalised(graph, options.Normalization, options.NormalizationEpsilon, find, "ih", x, names.Length),
                Normalised(graph, options.Normalization, options.NormalizationEpsilon, find, "hh", noise.Seen(graph, h), names.Length))
            : graph.Add(Affine(graph, options, find, "ih", x), Affine(graph, options, find, "hh", noise.Seen(graph, h)));
        all = isNormalised && options.Bias ? graph.Add(all, find("bias_ih")) : all;
        Node Block(char gate) => graph.Slice(all, names.IndexOf(gate, StringComparison.Ordinal) * options.Units, options.Units);
        Node Gate(char gate, Node cell)
        {
            var a = Block(gate);
            if (options.Peepholes)
            {
                a = graph.Add(a, graph.Multiply(cell, find($"weight_c{gate}")));
            }

            return graph.Activate(graph.Clip(a, options.Clip), options.GateActivation, options.GateAlpha);
        }

        var i = Gate('i', c);
        var f = options.CoupledInputForget ? graph.Complement(i) : Gate('f', c);
        var g = graph.Activate(graph.Clip(Block('g'), options.Clip), options.Activation, options.Alpha);
        var cell = graph.Clip(graph.Add(graph.Multiply(f, c), graph.Multiply(i, g)), options.CellClip);
        var leaving = !isNormalised ? cell : graph.Add(
            graph.Multiply(graph.Normalize(cell, options.NormalizationEpsilon), find("norm_c")), find("norm_c_bias"));
        var m = graph.Multiply(Gate('o', cell), graph.Activate(leaving, options.CellActivation, options.Alpha));
        return (noise.Renewed(graph, h, options.Projection > 0 ? graph.Product(m, find("weight_hr")) : m),
            Noise.Mixed(graph, noise.RenewCell, c, cell));
    }

    private static Node Gru(Graph graph, GruAttribute options, Func<string, Node> find, Node x, Node h, Node seen)
    {
        var units = options.Units;
        var input = Share("ih", x, [3]);
        var hidden = Share("hh", seen, options.ResetAfter ? [3] : [2, 1]);
        Node Gate(int block) => graph.Activate(
            graph.Clip(graph.Add(graph.Slice(input, block * units, units), graph.Slice(hidden, block * units, units)), options.Clip),
            options.GateActivation, options.GateAlpha);

        var (r, z) = (Gate(0), Gate(1));
        var candidate = options.ResetAfter
            ? graph.Multiply(r, graph.Slice(hidden, 2 * units, units))
            : graph.Slice(Share("hh", graph.Multiply(r, seen), [2, 1]), 2 * units, units);
        var sum = graph.Add(graph.Slice(input, 2 * units, units), candidate);
        var n = graph.Activate(graph.Clip(sum, options.Clip), options.Activation, options.Alpha);
        return graph.Add(graph.Multiply(graph.Complement(z), n), graph.Multiply(z, h));

        Node Share(string kind, Node rows, int[] products)
        {
            if (options.Normalization == GateNormalization.None)
            {
                return Affine(graph, options, find, kind, rows);
            }

            var share = Normalised(graph, options.Normalization, options.NormalizationEpsilon, find, kind, rows, products);
            return options.Bias ? graph.Add(share, find($"bias_{kind}")) : share;
        }
    }

    /// <summary>A product, normalised and scaled.</summary>
    /// <param name="graph">Where to compute.</param>
    /// <param name="normalization">Which gates have one mean and one variance.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="find">Finds the tensors.</param>
    /// <param name="kind">Which product.</param>
    /// <param name="x">Rows.</param>
    /// <param name="products">Gates of each part of the weights that is a product for itself.</param>
    private static Node Normalised(Graph graph, GateNormalization normalization, double epsilon, Func<string, Node> find, string kind,
        Node x, params int[] products)
    {
        var product = graph.Product(x, find($"weight_{kind}"));
        var units = product.Columns / products.Sum();
        int[] groups = normalization == GateNormalization.Joint ? products : [.. Enumerable.Repeat(1, products.Sum())];
        Node[] normalised = [.. groups.Select((gates, i) =>
            graph.Normalize(graph.Slice(product, groups.Take(i).Sum() * units, gates * units), epsilon))];
        return graph.Multiply(graph.Concat(normalised), find($"norm_{kind}"));
    }

    private static Node Elman(Graph graph, ElmanAttribute options, Func<string, Node> find, Node x, Node h)
    {
        var sum = graph.Add(Affine(graph, options, find, "ih", x), Affine(graph, options, find, "hh", h));
        return graph.Activate(graph.Clip(sum, options.Clip), options.Activation, options.Alpha);
    }

    private static Node MinGru(Graph graph, MinGruAttribute options, Func<string, Node> find, Node x, Node h)
    {
        var sums = graph.Clip(Affine(graph, options, find, "ih", x), options.Clip);
        var z = graph.Activate(graph.Slice(sums, 0, options.Units), Activation.Sigmoid, float.NaN);
        var n = graph.Activate(graph.Slice(sums, options.Units, options.Units), options.Activation, options.Alpha);
        return graph.Add(graph.Multiply(graph.Complement(z), h), graph.Multiply(z, n));
    }

    private static Node MinLstm(Graph graph, MinLstmAttribute options, Func<string, Node> find, Node x, Node h)
    {
        var sums = graph.Clip(Affine(graph, options, find, "ih", x), options.Clip);
        Node Gate(int block) =>
            graph.Activate(graph.Slice(sums, block * options.Units, options.Units), Activation.Sigmoid, float.NaN);

        var (f, i) = (Gate(0), Gate(1));
        var g = graph.Activate(graph.Slice(sums, 2 * options.Units, options.Units), options.Activation, options.Alpha);
        var both = graph.Add(f, i);
        return graph.Add(graph.Multiply(graph.Divide(f, both), h), graph.Multiply(graph.Divide(i, both), g));
    }

    private static Node Affine(Graph graph, RecurrentAttribute options, Func<string, Node> find, string kind, Node x)
    {
        var product = graph.Product(x, find($"weight_{kind}"));
        return options.Bias ? graph.Add(product, find($"bias_{kind}")) : product;
    }
}

/// <summary>What dropout inside a cell does in one step.</summary>
/// <param name="Drop">The mask of the state that the gates see; null for none.</param>
/// <param name="RenewHidden">The share of the new hidden state; null for all of it.</param>
/// <param name="RenewCell">That of the new cell.</param>
public sealed record Noise(Node? Drop, Node? RenewHidden, Node? RenewCell)
{
    public Node Seen(Graph graph, Node h) => Drop is null ? h : graph.Multiply(h, Drop);

    public Node Renewed(Graph graph, Node old, Node value) => Mixed(graph, RenewHidden, old, value);

    public static Node Mixed(Graph graph, Node? renew, Node old, Node value) =>
        renew is null ? value : graph.Add(graph.Multiply(graph.Complement(renew), old), graph.Multiply(renew, value));
}
