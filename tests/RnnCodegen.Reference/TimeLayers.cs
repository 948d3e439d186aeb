namespace RnnCodegen.Reference;

/// <summary>Layers over time, straight from their definitions.</summary>
public static class TimeLayers
{
    /// <summary>Zeros before and after a sequence.</summary>
    public static (int Left, int Right) Padding(Conv1dAttribute conv)
    {
        var extent = conv.Dilation * (conv.Kernel - 1);
        return conv.Padding switch
        {
            TimePadding.Same => (extent / 2, extent - (extent / 2)),
            TimePadding.Causal => (extent, 0),
            _ => (conv.PadLeft, conv.PadRight),
        };
    }

    /// <summary>Rows before the sequence that a stream carries on; 0 where the layer cannot stream.</summary>
    public static int Carried(Conv1dAttribute conv)
    {
        var (left, right) = Padding(conv);
        var extent = conv.Dilation * (conv.Kernel - 1);
        return right == 0 && left <= extent && left >= extent + 1 - conv.Stride ? left : 0;
    }

    /// <summary>Steps of a layer's output, given those of its input.</summary>
    public static int Steps(LayerAttribute layer, int steps)
    {
        var (size, stride, padded) = layer switch
        {
            Conv1dAttribute c => ((c.Dilation * (c.Kernel - 1)) + 1, c.Stride, steps + Padding(c).Left + Padding(c).Right),
            Pool1dAttribute p => (p.Size, p.Stride == 0 ? p.Size : p.Stride, steps),
            _ => (1, 1, steps),
        };
        return steps == 0 ? 0 : Math.Max(0, (int)Math.Floor((double)(padded - size) / stride) + 1);
    }

    /// <summary>
    /// y_t = f(sum_j W_j x_(s t + j D - left) + b); past a sample's length x is 0, before the sequence it is the history.
    /// </summary>
    public static Node[] Convolve(
        Graph graph, Conv1dAttribute conv, Func<string, Node> parameter, Node[] x, Func<int, bool[]> valid, Node? history, out Node? final)
    {
        var (left, _) = Padding(conv);
        var zero = new Node(x[0].Rows, x[0].Columns, new double[x[0].Value.Length]);
        var width = x[0].Columns;
        var y = new Node[Steps(conv, x.Length)];
        for (var t = 0; t < y.Length; t++)
        {
            var window = graph.Interleave(
                [.. Enumerable.Range(0, conv.Kernel).Select(j => At((t * conv.Stride) + (j * conv.Dilation) - left))]);
            var product = graph.Product(window, parameter("weight"));
            y[t] = graph.Activate(conv.Bias ? graph.Add(product, parameter("bias")) : product, conv.Activation, conv.Alpha);
        }

        final = null;
        if (history is not null)
        {
            // Shifted by one row with each valid step.
            final = history;
            for (var t = 0; t < x.Length; t++)
            {
                var shifted = left > 1 ? graph.Concat(graph.Slice(final, width, (left - 1) * width), x[t]) : x[t];
                final = graph.Select(valid(t), shifted, final);
            }
        }

        return y;

        Node At(int step) =>
            step < 0 ? history is null ? zero : graph.Slice(history, (left + step) * width, width)
            : step < x.Length ? graph.Select(valid(step), x[step], zero) : zero;
    }

    public static Node[] Pool(Graph graph, Pool1dAttribute pool, Node[] x)
    {
        var stride = pool.Stride == 0 ? pool.Size : pool.Stride;
        return [.. Enumerable.Range(0, Steps(pool, x.Length))
            .Select(t => Pool(graph, pool.Pooling, x[(t * stride)..((t * stride) + pool.Size)], _ => Always(x[0].Rows)))];
    }

    public static Node Pool(Graph graph, Pooling pooling, Node[] x, Func<int, bool[]> valid)
    {
        if (pooling == Pooling.Max)
        {
            return graph.Max(x, valid);
        }

        var rows = x[0].Rows;
        var zero = new Node(rows, x[0].Columns, new double[x[0].Value.Length]);
        var sum = x.Select((row, t) => graph.Select(valid(t), row, zero)).Aggregate(graph.Add);
        var counts = Enumerable.Range(0, rows).Select(r => Enumerable.Range(0, x.Length).Count(t => valid(t)[r]));
        return graph.ScaleRows(sum, new Node(rows, 1, [.. counts.Select(c => c == 0 ? 0 : 1.0 / c)]));
    }

    /// <summary>sum_t a_t x_t with a = softmax_t(w . x_t).</summary>
    public static Node Attend(Graph graph, Node[] x, Node weight, Func<int, bool[]> valid)
    {
        var shares = graph.Softmax([.. x.Select(row => graph.Product(row, weight))], valid);
        return x.Zip(shares, graph.ScaleRows).Aggregate(graph.Add);
    }

    /// <summary>sum_s a_s m_s with a = softmax_s(score(q, m_s)).</summary>
    public static Node Attend(Graph graph, AttentionScore score, Func<string, Node> parameter, Node q, Node[] memory,
        Func<int, bool[]> valid)
    {
        var shares = graph.Softmax([.. memory.Select(Score)], valid);
        return memory.Zip(shares, graph.ScaleRows).Aggregate(graph.Add);

        Node Score(Node m)
        {
            if (score == AttentionScore.Additive)
            {
                var inner = graph.Add(graph.Product(q, parameter("query_weight")), graph.Product(m, parameter("memory_weight")));
                return graph.Product(graph.Activate(inner, Activation.Tanh), parameter("score_weight"));
            }

            var key = score == AttentionScore.General ? graph.Product(m, parameter("weight")) : m;
            var scale = score == AttentionScore.ScaledDot ? 1 / Math.Sqrt(q.Columns) : 1;
            return graph.Product(graph.Multiply(q, key), new Node(1, q.Columns, [.. Enumerable.Repeat(scale, q.Columns)]));
        }
    }

    private static bool[] Always(int rows) => [.. Enumerable.Repeat(true, rows)];
}
