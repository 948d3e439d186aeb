namespace RnnCodegen.Aot.Tests;

/// <summary>One recurrent layer and a dense one, in double and in plain loops, over the model's flat parameters.</summary>
abstract class NaiveModel(ModelDefinition definition, int gates, WeightFormat format = WeightFormat.Float32)
{
    private readonly int _units = definition.Parameters.Single(p => p.Name == "Memory.weight_hh_l0").Columns;

    /// <summary>How near an activation came to where its 8-bit integer changes, in steps between integers.</summary>
    public double RoundingMargin { get; private set; } = 0.5;

    /// <summary>
    /// The model's outputs [T, B, F] before any output transform; in inference, with weights rounded to the model's format.
    /// </summary>
    public double[] Run(double[] parameters, double[] x, int steps, int batch, bool inference = false)
    {
        var format = inference ? Format : WeightFormat.Float32;
        var (inputs, outputs) = (definition.InputSize, definition.OutputSize);
        var y = new double[steps * batch * outputs];
        for (var b = 0; b < batch; b++)
        {
            var h = new double[_units];
            var c = new double[_units];
            for (var t = 0; t < steps; t++)
            {
                var row = x.AsSpan(((t * batch) + b) * inputs, inputs);
                var fromInput = Affine(parameters, "Memory.weight_ih_l0", "Memory.bias_ih_l0", gates * _units, row, format);
                var fromHidden = Affine(parameters, "Memory.weight_hh_l0", "Memory.bias_hh_l0", gates * _units, h, format);
                for (var j = 0; j < _units; j++)
                {
                    Cell(fromInput, fromHidden, _units, j, ref h[j], ref c[j]);
                }

                Affine(parameters, "Head.weight", "Head.bias", outputs, h, format).CopyTo(y, ((t * batch) + b) * outputs);
            }
        }

        return y;
    }

    /// <summary>The rows after the model's output transform.</summary>
    public double[] Transform(double[] y)
    {
        if (definition.Output == OutputTransform.None)
        {
            return y;
        }

        var size = definition.OutputSize;
        return [.. y.Select((value, i) => Math.Exp(value) / y.Skip(i / size * size).Take(size).Sum(Math.Exp))];
    }

    /// <summary>Unit j's next state, from what input and state give its gates (gate g's value at [g * units + j]).</summary>
    protected abstract void Cell(double[] fromInput, double[] fromHidden, int units, int j, ref double h, ref double c);

    protected static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private WeightFormat Format { get; } = format;

    private double[] Affine(double[] parameters, string weight, string bias, int rows, ReadOnlySpan<double> input, WeightFormat format)
    {
        var (w, b) = (Offset(weight), Offset(bias));
        var x = format == WeightFormat.Int8 ? Activations(input.ToArray()) : input.ToArray();
        var y = new double[rows];
        for (var r = 0; r < rows; r++)
        {
            var weights = Round(parameters.AsSpan(w + (r * x.Length), x.Length).ToArray(), format);
            y[r] = parameters[b + r] + weights.Zip(x, (p, q) => p * q).Sum();
        }

        return y;
    }

    private double[] Activations(double[] row)
    {
        var largest = row.Max(Math.Abs);
        foreach (var value in row)
        {
            var step = Math.Abs(value) * 127 / Math.Max(largest, double.Epsilon);
            RoundingMargin = Math.Min(RoundingMargin, Math.Abs(step - Math.Floor(step) - 0.5));
        }

        return Round(row, WeightFormat.Int8);
    }

    /// <summary>A row as the format keeps it: docs/math.md, "Weight formats".</summary>
    private static double[] Round(double[] row, WeightFormat format)
    {
        var largest = row.Max(Math.Abs);
        return format switch
        {
            WeightFormat.BFloat16 => Array.ConvertAll(row, v => Nearest(v, Math.Pow(2, Math.Floor(Math.Log2(Math.Abs(v))) - 7))),
            WeightFormat.Int8 => Array.ConvertAll(row, v => Nearest(v, largest / 127)),
            _ => row,
        };

        static double Nearest(double value, double unit) => unit > 0 ? Math.Round(value / unit, MidpointRounding.ToEven) * unit : 0;
    }

    private int Offset(string name) => definition.Parameters.Single(p => p.Name == name).Offset;
}

/// <summary>PyTorch's LSTM; gates i, f, g, o.</summary>
sealed class NaiveLstm(ModelDefinition definition, WeightFormat format = WeightFormat.Float32) : NaiveModel(definition, 4, format)
{
    protected override void Cell(double[] fromInput, double[] fromHidden, int units, int j, ref double h, ref double c)
    {
        double Gate(int g) => fromInput[(g * units) + j] + fromHidden[(g * units) + j];
        c = (Sigmoid(Gate(1)) * c) + (Sigmoid(Gate(0)) * Math.Tanh(Gate(2)));
        h = Sigmoid(Gate(3)) * Math.Tanh(c);
    }
}

/// <summary>PyTorch's GRU; gates r, z, n.</summary>
sealed class NaiveGru(ModelDefinition definition, WeightFormat format = WeightFormat.Float32) : NaiveModel(definition, 3, format)
{
    protected override void Cell(double[] fromInput, double[] fromHidden, int units, int j, ref double h, ref double c)
    {
        var r = Sigmoid(fromInput[j] + fromHidden[j]);
        var z = Sigmoid(fromInput[units + j] + fromHidden[units + j]);
        var n = Math.Tanh(fromInput[(2 * units) + j] + (r * fromHidden[(2 * units) + j]));
        h = ((1 - z) * n) + (z * h);
    }
}
