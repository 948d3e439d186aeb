namespace RnnCodegen.Reference;

/// <content>What layers over time compute with.</content>
public sealed partial class Graph
{
    /// <summary>Column i K + j of the result is column i of part j, of K.</summary>
    public Node Interleave(IReadOnlyList<Node> parts)
    {
        var (rows, columns, count) = (parts[0].Rows, parts[0].Columns, parts.Count);
        var value = new double[rows * columns * count];
        for (var i = 0; i < value.Length; i++)
        {
            value[i] = parts[i % count].Value[i / count];
        }

        return Record(rows, columns * count, value, y =>
        {
            for (var i = 0; i < value.Length; i++)
            {
                parts[i % count].Gradient[i / count] += y.Gradient[i];
            }
        });
    }

    /// <summary>Each element's largest value among several matrices, of those rows that count; 0 where none does.</summary>
    public Node Max(IReadOnlyList<Node> x, Func<int, bool[]> counts)
    {
        var (rows, columns) = (x[0].Rows, x[0].Columns);
        var from = new int[rows * columns];
        var value = new double[rows * columns];
        for (var i = 0; i < value.Length; i++)
        {
            from[i] = -1;
            for (var t = 0; t < x.Count; t++)
            {
                if (!counts(t)[i / columns])
                {
                    continue;
                }

                if (from[i] >= 0)
                {
                    NoteKink(Math.Abs(x[t].Value[i] - value[i]));
                }

                if (from[i] < 0 || x[t].Value[i] > value[i])
                {
                    (from[i], value[i]) = (t, x[t].Value[i]);
                }
            }
        }

        return Record(rows, columns, value, y =>
        {
            for (var i = 0; i < value.Length; i++)
            {
                if (from[i] >= 0)
                {
                    x[from[i]].Gradient[i] += y.Gradient[i];
                }
            }
        });
    }

    /// <summary>
    /// Of columns of scores [rows, 1], one a step, the share exp(s_t) / sum exp(s) of each among those that count; 0 of the others.
    /// </summary>
    public Node[] Softmax(IReadOnlyList<Node> scores, Func<int, bool[]> counts)
    {
        var rows = scores[0].Rows;
        var shares = new double[scores.Count][];
        for (var t = 0; t < scores.Count; t++)
        {
            shares[t] = [.. scores[t].Value.Select((s, r) => counts(t)[r] ? Math.Exp(s) : 0)];
        }

        for (var r = 0; r < rows; r++)
        {
            var sum = shares.Sum(s => s[r]);
            foreach (var share in shares.Where(_ => sum > 0))
            {
                share[r] /= sum;
            }
        }

        // One record passes all gradients on, after those of the shares have come in.
        var always = new Node(rows, 1, new double[rows]);
        always.AddGradient(new double[rows]);
        Node[] outputs = [.. shares.Select(s => new Node(rows, 1, s))];
        _steps.Add((always, () =>
        {
            for (var r = 0; r < rows; r++)
            {
                var mean = outputs.Sum(o => o.Value[r] * o.Gradient[r]);
                for (var t = 0; t < outputs.Length; t++)
                {
                    scores[t].Gradient[r] += outputs[t].Value[r] * (outputs[t].Gradient[r] - mean);
                }
            }
        }));
        return outputs;
    }

    /// <summary>Each row of a times its element of a column.</summary>
    public Node ScaleRows(Node a, Node column)
    {
        var columns = a.Columns;
        var value = new double[a.Value.Length];
        for (var i = 0; i < value.Length; i++)
        {
            value[i] = a.Value[i] * column.Value[i / columns];
        }

        return Record(a.Rows, columns, value, y =>
        {
            for (var i = 0; i < value.Length; i++)
            {
                a.Gradient[i] += y.Gradient[i] * column.Value[i / columns];
                column.Gradient[i / columns] += y.Gradient[i] * a.Value[i];
            }
        });
    }
}
