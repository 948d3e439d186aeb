namespace RnnCodegen.Reference;

/// <summary>One forward run of a model in double precision, and its gradients.</summary>
public sealed class ReferenceRun
{
    private readonly Graph _graph = new();
    private readonly ReferenceModel _model;
    private readonly ReferenceCall _call;
    private readonly Dictionary<string, Node> _parameters;
    private readonly Dictionary<string, Node> _initialState;
    private readonly Dictionary<string, Node> _finalState = [];
    private readonly Node[] _input = [];
    private readonly Node[] _memory = [];
    private readonly Node[][] _rows;
    private readonly int[]?[] _lengths;
    private readonly Node[] _output;
    private int _dropouts;

    public ReferenceRun(ReferenceModel model, ReferenceCall call)
    {
        (_model, _call) = (model, call);
        _parameters = model.Parameters.ToDictionary(
            p => p.Name,
            p => p.Columns == 0 ? new Node(1, p.Rows, call.Parameters[p.Name]) : new Node(p.Rows, p.Columns, call.Parameters[p.Name])
            {
                Format = call.RoundsWeights
                    ? model.Layers.First(l => p.Name.StartsWith($"{l.Name}.", StringComparison.Ordinal)).Format
                    : WeightFormat.Float32,
            });
        _initialState = model.State.ToDictionary(
            s => s.Name, s => new Node(call.Batch, s.Rows, call.InitialState.GetValueOrDefault(s.Name) ?? new double[call.Batch * s.Rows]));
        if (call.Input is { } input)
        {
            var row = call.Batch * model.InputSize;
            _input = [.. Enumerable.Range(0, call.Steps)
                .Select(t => new Node(call.Batch, model.InputSize, input[(t * row)..((t + 1) * row)]))];
        }

        if (call.Memory is { } memory)
        {
            var row = call.Batch * model.MemorySize;
            _memory = [.. Enumerable.Range(0, memory.Length / row)
                .Select(s => new Node(call.Batch, model.MemorySize, memory[(s * row)..((s + 1) * row)]))];
        }

        _rows = new Node[model.Layers.Count][];
        _lengths = new int[]?[model.Layers.Count];
        for (var i = 0; i < _rows.Length; i++)
        {
            var source = LengthsOf(model.Sources[i][0]);
            _lengths[i] = source is null ? null : Array.ConvertAll(source, n => TimeLayers.Steps(model.Layers[i].Options, n));
            _rows[i] = Layer(i);
        }

        _output = model.IsSequence[^1]
            ? [.. _rows[^1].Select(
                (row, t) => _graph.Select(Valid(_rows.Length - 1, t), row, new Node(row.Rows, row.Columns, new double[row.Value.Length])))]
            : _rows[^1];
    }

    /// <summary>Rows as Forward returns them: [T, B, F], or [B, F] where the output is one row a sequence.</summary>
    public double[] Output => Join(_output, n => n.Value);

    /// <summary>Rows as inference returns them: after the output transform.</summary>
    public double[] TransformedOutput => [.. _output.SelectMany((node, t) => Enumerable.Range(0, _call.Batch).SelectMany(b =>
    {
        var row = node.Value[(b * node.Columns)..((b + 1) * node.Columns)];
        return !_model.IsSequence[^1] || Valid(_rows.Length - 1, t)[b] ? RowTransform.Of(_model.Output, row) : row;
    }))];

    /// <summary>The state after the last valid steps, by name.</summary>
    public IReadOnlyDictionary<string, double[]> FinalState => _finalState.ToDictionary(s => s.Key, s => s.Value.Value);

    /// <summary>How near the run came to other 8-bit integers: an engine that is off by less than that has the same ones.</summary>
    public double RoundingMargin => _graph.RoundingMargin;

    /// <summary>How near the run came to where a slope changes: an engine that is off by less than that has the same slopes.</summary>
    public double KinkMargin => _graph.KinkMargin;

    /// <summary>Gradients of sum(dy * y) + sum(dState * finalState). Once a run.</summary>
    public ReferenceGradients Backward(double[] dy, IReadOnlyDictionary<string, double[]>? finalState = null)
    {
        var first = 0;
        foreach (var row in _output)
        {
            row.AddGradient(dy.AsSpan(first, row.Value.Length));
            first += row.Value.Length;
        }

        foreach (var (name, gradient) in finalState ?? new Dictionary<string, double[]>())
        {
            _finalState[name].AddGradient(gradient);
        }

        _graph.Backward();
        return new(
            _parameters.ToDictionary(p => p.Key, p => p.Value.Gradient),
            Join(_input, n => n.Gradient),
            Join(_memory, n => n.Gradient),
            _initialState.ToDictionary(s => s.Key, s => s.Value.Gradient));
    }

    private Node[] Layer(int index)
    {
        var (name, options) = (_model.Layers[index].Name, _model.Layers[index].Options);
        if (options is EmbeddingAttribute { Column: < 0 })
        {
            return [.. Enumerable.Range(0, _call.Steps).Select(t => _graph.Gather(
                _parameters[$"{name}.weight"], _call.Tokens.AsSpan(t * _call.Batch, _call.Batch)))];
        }

        var sources = _model.Sources[index].Select(s => s < 0 ? _input : _rows[s]).ToArray();
        return options switch
        {
            EmbeddingAttribute embedding => [.. sources[0].Select(x => Category(name, embedding, index, x))],
            RecurrentAttribute recurrent => Recurrent(name, recurrent, sources[0], t => Valid(_model.Sources[index][0], t)),
            Conv1dAttribute conv => Convolve(name, conv, sources[0], t => Valid(_model.Sources[index][0], t)),
            Pool1dAttribute pool => TimeLayers.Pool(_graph, pool, sources[0]),
            GlobalPoolAttribute pool => [TimeLayers.Pool(_graph, pool.Pooling, sources[0], t => Valid(_model.Sources[index][0], t))],
            AttentionPoolAttribute =>
                [TimeLayers.Attend(_graph, sources[0], _parameters[$"{name}.weight"], t => Valid(_model.Sources[index][0], t))],
            AttentionAttribute attention => [.. sources[0].Select(q => TimeLayers.Attend(
                _graph, attention.Score, kind => _parameters[$"{name}.{kind}"], q, _memory,
                s => _call.MemoryLengths is { } lengths
                    ? Array.ConvertAll(lengths, n => s < n)
                    : [.. Enumerable.Repeat(true, _call.Batch)]))],
            DropoutAttribute dropout => Dropout(sources[0], dropout.Probability),
            ReverseTimeAttribute =>
                [.. sources[0].Select((_, t) => _graph.Pick(sources[0], Mirrored(_model.Sources[index][0], sources[0].Length, t)))],
            _ => [.. sources[0].Select((_, t) => RowLayer(name, options, [.. sources.Select(s => s[t])]))],
        };
    }

    /// <summary>The other columns, then the row of the category whose id stands in a column of the model's input.</summary>
    private Node Category(string name, EmbeddingAttribute embedding, int index, Node x)
    {
        var before = _model.Layers.Take(index).Count(l => ((EmbeddingAttribute)l.Options).Column < embedding.Column);
        var place = embedding.Column - before;
        int[] ids = [.. Enumerable.Range(0, x.Rows).Select(r => (int)x.Value[(r * x.Columns) + place])];
        return _graph.Concat(
            _graph.Slice(x, 0, place), _graph.Slice(x, place + 1, x.Columns - place - 1),
            _graph.Gather(_parameters[$"{name}.weight"], ids));
    }

    private Node RowLayer(string name, LayerAttribute options, Node[] x)
    {
        switch (options)
        {
            case DenseAttribute dense:
                var product = _graph.Product(x[0], _parameters[$"{name}.weight"]);
                return _graph.Activate(dense.Bias ? _graph.Add(product, _parameters[$"{name}.bias"]) : product, dense.Activation,
                    dense.Alpha);
            case RowConv1dAttribute conv:
                return RowConvolution.Convolve(_graph, conv, kind => _parameters[$"{name}.{kind}"], x[0]);
            case LayerNormAttribute norm:
                var scaled = _graph.Multiply(_graph.Normalize(x[0], norm.Epsilon), _parameters[$"{name}.weight"]);
                return _graph.Add(scaled, _parameters[$"{name}.bias"]);
            case ConcatAttribute:
                return _graph.Concat(x);
            case AddAttribute:
                return x.Aggregate(_graph.Add);
            case MultiplyAttribute:
                return x.Aggregate(_graph.Multiply);
            case AffineAttribute:
                return _graph.Add(_graph.Multiply(x[0], _parameters[$"{name}.weight"]), _parameters[$"{name}.bias"]);
            case PReluAttribute:
                return _graph.PRelu(x[0], _parameters[$"{name}.weight"]);
            case ActivationAttribute activation:
                return _graph.Activate(x[0], activation.Activation, activation.Alpha);
            default:
                throw new ArgumentException($"{options.GetType().Name} is no layer of rows.", nameof(options));
        }
    }

    private Node[] Convolve(string name, Conv1dAttribute options, Node[] x, Func<int, bool[]> valid)
    {
        var rows = TimeLayers.Convolve(
            _graph, options, kind => _parameters[$"{name}.{kind}"], x, valid, _initialState.GetValueOrDefault($"{name}.x"), out var final);
        if (final is not null)
        {
            _finalState[$"{name}.x"] = final;
        }

        return rows;
    }

    private Node[] Recurrent(string name, RecurrentAttribute options, Node[] x, Func<int, bool[]> valid)
    {
        Node[] final = [];
        for (var layer = 0; layer < options.Layers; layer++)
        {
            var input = layer > 0 && options.Dropout > 0 ? Dropout(x, options.Dropout) : x;
            var forward = Direction(name, options, $"_l{layer}", input, valid, options.Reverse);
            if (!options.Bidirectional)
            {
                (x, final) = (forward.Rows, [forward.Final]);
                continue;
            }

            var reverse = Direction(name, options, $"_l{layer}_reverse", input, valid, reverse: true);
            x = [.. forward.Rows.Zip(reverse.Rows, (f, r) => _graph.Concat(f, r))];
            final = [forward.Final, reverse.Final];
        }

        return options.ReturnSequences ? x : [_graph.Concat(final)];
    }

    private (Node[] Rows, Node Final) Direction(string name, RecurrentAttribute options, string suffix, Node[] x, Func<int, bool[]> valid,
        bool reverse)
    {
        var h = Start(name, "h", suffix);
        var c = options is LstmAttribute ? Start(name, "c", suffix) : null;
        var zero = new Node(h.Rows, h.Columns, new double[h.Value.Length]);
        var noise = NoiseOf(options, h, x.Length);
        var rows = new Node[x.Length];
        for (var step = 0; step < x.Length; step++)
        {
            var t = reverse ? x.Length - 1 - step : step;
            var next = Cells.Step(_graph, options, kind => _parameters[$"{name}.{kind}{suffix}"], x[t], h, c, noise(t));
            rows[t] = _graph.Select(valid(t), next.H, zero);
            h = _graph.Select(valid(t), next.H, h);
            c = c is null ? null : _graph.Select(valid(t), next.C!, c);
        }

        _finalState[$"{name}.h{suffix}"] = h;
        if (c is not null)
        {
            _finalState[$"{name}.c{suffix}"] = c;
        }

        return (rows, h);
    }

    /// <summary>A state vector before the first step: as given, else as learned, else 0.</summary>
    private Node Start(string layer, string vector, string suffix)
    {
        var (name, given) = ($"{layer}.{vector}{suffix}", _initialState[$"{layer}.{vector}{suffix}"]);
        return !_call.InitialState.ContainsKey(name) && _parameters.TryGetValue($"{layer}.{vector}0{suffix}", out var learned)
            ? _graph.Add(given, learned)
            : given;
    }

    /// <summary>
    /// The masks of a cell's steps: in the order in which a cell reads them, those of its hidden state first seen, of its cell, of its
    /// hidden state.
    /// </summary>
    private Func<int, Noise> NoiseOf(RecurrentAttribute options, Node h, int steps)
    {
        var (seen, hidden, cell) = options switch
        {
            LstmAttribute l => (l.RecurrentDropout, l.Zoneout, l.CellZoneout),
            GruAttribute g => (g.RecurrentDropout, g.Zoneout, 0f),
            ElmanAttribute e => (e.RecurrentDropout, e.Zoneout, 0f),
            MinGruAttribute or MinLstmAttribute => (0f, 0f, 0f),
            _ => throw new ArgumentException($"{options.GetType().Name} is no recurrent layer.", nameof(options)),
        };
        var drop = Mask(seen, h.Columns, 1, 1);
        var renewCell = Mask(cell, options.Units, steps, 1 - (double)cell);
        var renewHidden = Mask(hidden, h.Columns, steps, 1 - (double)hidden);
        return t => new Noise(drop?.Invoke(0), renewHidden?.Invoke(t), renewCell?.Invoke(t));

        Func<int, Node>? Mask(float probability, int columns, int rows, double scale)
        {
            if (probability == 0)
            {
                return null;
            }

            var (stream, row) = (_dropouts++, h.Rows * columns);
            var mask = _call.DropoutMask?.Invoke(stream, rows * h.Rows, columns, probability);
            return t => new Node(h.Rows, columns,
                mask is null ? [.. Enumerable.Repeat(scale, row)] : Array.ConvertAll(mask[(t * row)..((t + 1) * row)], v => scale * v));
        }
    }

    private Node[] Dropout(Node[] x, double probability)
    {
        var dropout = _dropouts++;
        if (_call.DropoutMask is not { } fill)
        {
            return x;
        }

        var (width, row) = (x[0].Columns, x[0].Value.Length);
        var mask = fill(dropout, x.Length * x[0].Rows, width, probability);
        return [.. x.Select((node, t) => _graph.Multiply(node, new Node(node.Rows, width, mask[(t * row)..((t + 1) * row)])))];
    }

    /// <summary>Which samples have a step of a layer's output, or, of -1, of the input.</summary>
    private bool[] Valid(int layer, int step) => LengthsOf(layer) is { } lengths
        ? Array.ConvertAll(lengths, n => step < n)
        : [.. Enumerable.Repeat(true, _call.Batch)];

    private int[]? LengthsOf(int layer) => layer < 0 ? _call.Lengths : _lengths[layer];

    /// <summary>For each sample the step that takes this one's place where its valid steps are turned around; -1 past its length.</summary>
    private int[] Mirrored(int layer, int steps, int step) =>
        [.. (LengthsOf(layer) ?? [.. Enumerable.Repeat(steps, _call.Batch)]).Select(length => Math.Max(-1, length - 1 - step))];

    private static double[] Join(IEnumerable<Node> rows, Func<Node, double[]> values) => [.. rows.SelectMany(values)];
}

/// <summary>Gradients of a run's loss.</summary>
/// <param name="Parameters">Of each tensor, by name.</param>
/// <param name="Input">Of the input rows [T, B, I]; empty for token models.</param>
/// <param name="Memory">Of the memory's rows [S, B, M]; empty where there is none.</param>
/// <param name="InitialState">Of each state vector [B, S], by name.</param>
public sealed record ReferenceGradients(
    IReadOnlyDictionary<string, double[]> Parameters, double[] Input, double[] Memory, IReadOnlyDictionary<string, double[]> InitialState);
