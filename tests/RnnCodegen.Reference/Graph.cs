namespace RnnCodegen.Reference;

/// <summary>Computes with matrices of doubles and remembers how, so that <see cref="Backward"/> can walk the way back.</summary>
public sealed partial class Graph
{
    private readonly List<(Node Output, Action Backward)> _steps = [];

    /// <summary>How near an activation came to where its 8-bit integer changes, in steps between integers; at most a half.</summary>
    public double RoundingMargin { get; private set; } = 0.5;

    /// <summary>
    /// How near a value came to where a slope changes, or to another that is as large; those that are exactly there do not count.
    /// </summary>
    public double KinkMargin { get; private set; } = double.PositiveInfinity;

    /// <summary>Adds to the gradients of everything read, from the gradients set on outputs.</summary>
    public void Backward()
    {
        for (var i = _steps.Count - 1; i >= 0; i--)
        {
            if (_steps[i].Output.HasGradient)
            {
                _steps[i].Backward();
            }
        }
    }

    /// <summary>y = W x, for each row of x: [R, K] and [N, K] give [R, N].</summary>
    public Node Product(Node x, Node w)
    {
        if (w.Format != WeightFormat.Float32)
        {
            return Record(x.Rows, w.Rows, ReducedProduct(x, w), _ => throw new InvalidOperationException("Only inference rounds weights."));
        }

        var (rows, inputs, outputs) = (x.Rows, x.Columns, w.Rows);
        var value = new double[rows * outputs];
        for (var r = 0; r < rows; r++)
        {
            var row = x.Value.AsSpan(r * inputs, inputs);
            for (var n = 0; n < outputs; n++)
            {
                var weights = w.Value.AsSpan(n * inputs, inputs);
                var sum = 0.0;
                for (var k = 0; k < row.Length; k++)
                {
                    sum += row[k] * weights[k];
                }

                value[(r * outputs) + n] = sum;
            }
        }

        return Record(rows, outputs, value, y =>
        {
            for (var r = 0; r < rows; r++)
            {
                var row = x.Value.AsSpan(r * inputs, inputs);
                var dRow = x.Gradient.AsSpan(r * inputs, inputs);
                for (var n = 0; n < outputs; n++)
                {
                    var dy = y.Gradient[(r * outputs) + n];
                    var weights = w.Value.AsSpan(n * inputs, inputs);
                    var dWeights = w.Gradient.AsSpan(n * inputs, inputs);
                    for (var k = 0; k < row.Length; k++)
                    {
                        dRow[k] += dy * weights[k];
                        dWeights[k] += dy * row[k];
                    }
                }
            }
        });
    }

    public Node Add(Node a, Node b) => Elementwise(a, b, (p, q) => p + q, (_, _) => (1, 1));

    public Node Multiply(Node a, Node b) => Elementwise(a, b, (p, q) => p * q, (p, q) => (q, p));

    public Node Divide(Node a, Node b) => Elementwise(a, b, (p, q) => p / q, (p, q) => (1 / q, -p / (q * q)));

    /// <summary>1 - a.</summary>
    public Node Complement(Node a) => Map(a, x => 1 - x, _ => -1);

    public Node Activate(Node a, Activation kind, double alpha = double.NaN)
    {
        NoteKinks(a, ScalarFunction.Kinks(kind));
        return Map(a, x => ScalarFunction.Value(kind, x, alpha), x => ScalarFunction.Derivative(kind, x, alpha));
    }

    /// <summary>p where p is positive, else slope p; one row of slopes for every row of a.</summary>
    public Node PRelu(Node a, Node slopes)
    {
        NoteKinks(a, [0]);
        return Elementwise(a, slopes, (p, s) => p > 0 ? p : s * p, (p, s) => p > 0 ? (1, 0) : (s, p));
    }

    /// <summary>a within [-bound, bound]; a itself where the bound is 0.</summary>
    public Node Clip(Node a, double bound)
    {
        NoteKinks(a, bound == 0 ? [] : [-bound, bound]);
        return bound == 0 ? a : Map(a, x => Math.Clamp(x, -bound, bound), x => Math.Abs(x) < bound ? 1 : 0);
    }

    /// <summary>Columns [first, first + count) of each row.</summary>
    public Node Slice(Node a, int first, int count)
    {
        var value = new double[a.Rows * count];
        Move(a.Value, a.Columns, first, value, count, 0, a.Rows, count);
        return Record(a.Rows, count, value, y => Move(y.Gradient, count, 0, a.Gradient, a.Columns, first, a.Rows, count));
    }

    /// <summary>Joins rows.</summary>
    public Node Concat(params Node[] parts)
    {
        var (rows, columns) = (parts[0].Rows, parts.Sum(p => p.Columns));
        var value = new double[rows * columns];
        var first = 0;
        foreach (var part in parts)
        {
            Move(part.Value, part.Columns, 0, value, columns, first, rows, part.Columns);
            first += part.Columns;
        }

        return Record(rows, columns, value, y =>
        {
            var first = 0;
            foreach (var part in parts)
            {
                Move(y.Gradient, columns, first, part.Gradient, part.Columns, 0, rows, part.Columns);
                first += part.Columns;
            }
        });
    }

    /// <summary>Row r of a where choose[r], else of b.</summary>
    public Node Select(bool[] choose, Node a, Node b)
    {
        var columns = a.Columns;
        var value = new double[a.Value.Length];
        for (var i = 0; i < value.Length; i++)
        {
            value[i] = (choose[i / columns] ? a : b).Value[i];
        }

        return Record(a.Rows, columns, value, y =>
        {
            for (var i = 0; i < value.Length; i++)
            {
                (choose[i / columns] ? a : b).Gradient[i] += y.Gradient[i];
            }
        });
    }

    /// <summary>Row r of steps[choose[r]] for each r; zeros where that is negative.</summary>
    public Node Pick(Node[] steps, int[] choose)
    {
        var columns = steps[0].Columns;
        var value = new double[choose.Length * columns];
        for (var r = 0; r < choose.Length; r++)
        {
            if (choose[r] >= 0)
            {
                Move(steps[choose[r]].Value, columns, r * columns, value, columns, r * columns, 1, columns);
            }
        }

        return Record(choose.Length, columns, value, y =>
        {
            for (var r = 0; r < choose.Length; r++)
            {
                if (choose[r] >= 0)
                {
                    Move(y.Gradient, columns, r * columns, steps[choose[r]].Gradient, columns, r * columns, 1, columns);
                }
            }
        });
    }

    /// <summary>Row ids[r] of the table, for each r.</summary>
    public Node Gather(Node table, ReadOnlySpan<int> ids)
    {
        var (rows, columns) = (ids.ToArray(), table.Columns);
        var value = new double[rows.Length * columns];
        for (var r = 0; r < rows.Length; r++)
        {
            table.Value.AsSpan(rows[r] * columns, columns).CopyTo(value.AsSpan(r * columns));
        }

        return Record(rows.Length, columns, value, y =>
        {
            for (var i = 0; i < value.Length; i++)
            {
                table.Gradient[(rows[i / columns] * columns) + (i % columns)] += y.Gradient[i];
            }
        });
    }

    /// <summary>(x - mean) / sqrt(var + epsilon), for each row of x.</summary>
    public Node Normalize(Node x, double epsilon)
    {
        var columns = x.Columns;
        var value = new double[x.Value.Length];
        var scales = new double[x.Rows];
        for (var r = 0; r < x.Rows; r++)
        {
            var row = x.Value.AsSpan(r * columns, columns).ToArray();
            var mean = row.Average();
            scales[r] = 1 / Math.Sqrt(row.Average(v => (v - mean) * (v - mean)) + epsilon);
            for (var k = 0; k < columns; k++)
            {
                value[(r * columns) + k] = (row[k] - mean) * scales[r];
            }
        }

        return Record(x.Rows, columns, value, y =>
        {
            for (var r = 0; r < x.Rows; r++)
            {
                var u = y.Value.AsSpan(r * columns, columns).ToArray();
                var v = y.Gradient.AsSpan(r * columns, columns).ToArray();
                var (meanV, meanVu) = (v.Average(), v.Zip(u, (p, q) => p * q).Average());
                for (var k = 0; k < columns; k++)
                {
                    x.Gradient[(r * columns) + k] += (v[k] - meanV - (u[k] * meanVu)) * scales[r];
                }
            }
        });
    }

    /// <summary>Combines a with b of the same shape, or with one row that b then is for every row of a.</summary>
    private Node Elementwise(Node a, Node b, Func<double, double, double> f, Func<double, double, (double DA, double DB)> derivatives)
    {
        var width = b.Value.Length;
        if (a.Columns != b.Columns || (b.Rows != a.Rows && b.Rows != 1))
        {
            throw new ArgumentException($"[{a.Rows}, {a.Columns}] does not combine with [{b.Rows}, {b.Columns}].", nameof(b));
        }

        var value = new double[a.Value.Length];
        for (var i = 0; i < value.Length; i++)
        {
            value[i] = f(a.Value[i], b.Value[i % width]);
        }

        return Record(a.Rows, a.Columns, value, y =>
        {
            for (var i = 0; i < value.Length; i++)
            {
                var (da, db) = derivatives(a.Value[i], b.Value[i % width]);
                a.Gradient[i] += y.Gradient[i] * da;
                b.Gradient[i % width] += y.Gradient[i] * db;
            }
        });
    }

    /// <summary>The product as inference computes it from rounded weights: docs/math.md, "Weight formats".</summary>
    private double[] ReducedProduct(Node x, Node w)
    {
        var (rows, inputs, outputs) = (x.Rows, x.Columns, w.Rows);
        var value = new double[rows * outputs];
        for (var r = 0; r < rows; r++)
        {
            var row = x.Value[(r * inputs)..((r + 1) * inputs)];
            if (w.Format == WeightFormat.Int8)
            {
                (row, var margin) = Rounding.Int8(row);
                RoundingMargin = Math.Min(RoundingMargin, margin);
            }

            for (var n = 0; n < outputs; n++)
            {
                var weights = w.Value[(n * inputs)..((n + 1) * inputs)];
                weights = w.Format == WeightFormat.Int8 ? Rounding.Int8(weights).Values : Array.ConvertAll(weights, Rounding.BFloat16);
                value[(r * outputs) + n] = row.Zip(weights, (p, q) => p * q).Sum();
            }
        }

        return value;
    }

    private void NoteKinks(Node a, ReadOnlySpan<double> kinks)
    {
        foreach (var kink in kinks)
        {
            foreach (var x in a.Value)
            {
                NoteKink(Math.Abs(x - kink));
            }
        }
    }

    private void NoteKink(double distance) => KinkMargin = distance > 0 ? Math.Min(KinkMargin, distance) : KinkMargin;

    private Node Map(Node a, Func<double, double> f, Func<double, double> derivative) =>
        Record(a.Rows, a.Columns, Array.ConvertAll(a.Value, x => f(x)), y =>
        {
            for (var i = 0; i < a.Value.Length; i++)
            {
                a.Gradient[i] += y.Gradient[i] * derivative(a.Value[i]);
            }
        });

    private Node Record(int rows, int columns, double[] value, Action<Node> backward)
    {
        var output = new Node(rows, columns, value);
        _steps.Add((output, () => backward(output)));
        return output;
    }

    private static void Move(
        double[] source, int sourceStride, int sourceFirst, double[] target, int targetStride, int targetFirst, int rows, int count)
    {
        for (var r = 0; r < rows; r++)
        {
            for (var k = 0; k < count; k++)
            {
                target[(r * targetStride) + targetFirst + k] += source[(r * sourceStride) + sourceFirst + k];
            }
        }
    }
}
