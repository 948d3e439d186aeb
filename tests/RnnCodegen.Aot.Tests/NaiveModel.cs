namespace RnnCodegen.Aot.Tests;

/// <summary>One recurrent layer and a dense one, in double and in plain loops, over the model's flat parameters.</summary>
abstract class NaiveModel(ModelDefinition definition, int gates)
{
    private readonly int _units = definition.Parameters.Single(p => p.Name == "Memory.weight_hh_l0").Columns;

    /// <summary>The model's outputs [T, B, F] before any output transform.</summary>
    public double[] Run(double[] parameters, double[] x, int steps, int batch)
    {
        var (inputs, outputs) = (definition.InputSize, definition.OutputSize);
        var y = new double[steps * batch * outputs];
        for (var b = 0; b < batch; b++)
        {
            var h = new double[_units];
            var c = new double[_units];
            for (var t = 0; t < steps; t++)
            {
                var row = x.AsSpan(((t * batch) + b) * inputs, inputs);
                var fromInput = Affine(parameters, "Memory.weight_ih_l0", "Memory.bias_ih_l0", gates * _units, row);
                var fromHidden = Affine(parameters, "Memory.weight_hh_l0", "Memory.bias_hh_l0", gates * _units, h);
                for (var j = 0; j < _units; j++)
                {
                    Cell(fromInput, fromHidden, _units, j, ref h[j], ref c[j]);
                }

                Affine(parameters, "Head.weight", "Head.bias", outputs, h).CopyTo(y, ((t * batch) + b) * outputs);
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

    private double[] Affine(double[] parameters, string weight, string bias, int rows, ReadOnlySpan<double> x)
    {
        var (w, b) = (Offset(weight), Offset(bias));
        var y = new double[rows];
        for (var r = 0; r < rows; r++)
        {
            y[r] = parameters[b + r];
            for (var k = 0; k < x.Length; k++)
            {
                y[r] += parameters[w + (r * x.Length) + k] * x[k];
            }
        }

        return y;
    }

    private int Offset(string name) => definition.Parameters.Single(p => p.Name == name).Offset;
}

/// <summary>PyTorch's LSTM; gates i, f, g, o.</summary>
sealed class NaiveLstm(ModelDefinition definition) : NaiveModel(definition, 4)
{
    protected override void Cell(double[] fromInput, double[] fromHidden, int units, int j, ref double h, ref double c)
    {
        double Gate(int g) => fromInput[(g * units) + j] + fromHidden[(g * units) + j];
        c = (Sigmoid(Gate(1)) * c) + (Sigmoid(Gate(0)) * Math.Tanh(Gate(2)));
        h = Sigmoid(Gate(3)) * Math.Tanh(c);
    }
}

/// <summary>PyTorch's GRU; gates r, z, n.</summary>
sealed class NaiveGru(ModelDefinition definition) : NaiveModel(definition, 3)
{
    protected override void Cell(double[] fromInput, double[] fromHidden, int units, int j, ref double h, ref double c)
    {
        var r = Sigmoid(fromInput[j] + fromHidden[j]);
        var z = Sigmoid(fromInput[units + j] + fromHidden[units + j]);
        var n = Math.Tanh(fromInput[(2 * units) + j] + (r * fromHidden[(2 * units) + j]));
        h = ((1 - z) * n) + (z * h);
    }
}
