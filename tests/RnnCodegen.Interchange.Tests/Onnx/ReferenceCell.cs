namespace RnnCodegen.Interchange.Tests.Onnx;

/// <summary>One direction of one recurrent layer, step by step, from the equations in docs/math.md.</summary>
internal sealed class ReferenceCell
{
    private readonly RecurrentAttribute _options;
    private readonly int _units;
    private readonly int _size;
    private readonly float[] _w;
    private readonly float[] _u;
    private readonly float[] _inputBias;
    private readonly float[] _hiddenBias;
    private readonly float[] _h0;
    private readonly float[] _c0 = [];
    private readonly float[]? _projection;
    private readonly float[][] _peepholes = [];

    public ReferenceCell(Func<string, int[], float[]> parameter, string name, string end, RecurrentAttribute options, int width)
    {
        (_options, _units) = (options, options.Units);
        var lstm = options as LstmAttribute;
        var gates = lstm is not null ? (lstm.CoupledInputForget ? 3 : 4) : options is GruAttribute ? 3 : 1;
        _size = lstm is { Projection: > 0 } ? lstm.Projection : _units;
        float[] Get(string kind, params int[] shape) => parameter($"{name}.{kind}_{end}", shape);
        _w = Get("weight_ih", gates * _units, width);
        _u = Get("weight_hh", gates * _units, _size);
        _inputBias = options.Bias ? Get("bias_ih", gates * _units) : new float[gates * _units];
        _hiddenBias = options.Bias ? Get("bias_hh", gates * _units) : new float[gates * _units];
        _h0 = options.LearnedInitialState ? Get("h0", _size) : new float[_size];
        if (lstm is not null)
        {
            _c0 = options.LearnedInitialState ? Get("c0", _units) : new float[_units];
            _projection = lstm.Projection > 0 ? Get("weight_hr", _size, _units) : null;
            var zeros = new float[_units];
            _peepholes = !lstm.Peepholes ? [zeros, zeros, zeros]
                : [Get("weight_ci", _units), lstm.CoupledInputForget ? zeros : Get("weight_cf", _units), Get("weight_co", _units)];
        }
    }

    public Rows Run(Rows x, bool isReverse, bool returnsSequences)
    {
        var output = new double[x.Steps * x.Batch * _size];
        var final = new double[x.Batch * _size];
        for (var b = 0; b < x.Batch; b++)
        {
            double[] h = [.. _h0], c = [.. _c0];
            for (var s = 0; s < x.Steps; s++)
            {
                var t = isReverse ? x.Steps - 1 - s : s;
                var row = Enumerable.Range(0, x.Width).Select(k => x[t, b, k]).ToArray();
                (h, c) = Step(row, h, c);
                h.CopyTo(output, ((t * x.Batch) + b) * _size);
            }

            h.CopyTo(final, b * _size);
        }

        return returnsSequences ? new Rows(output, x.Steps, x.Batch, _size) : new Rows(final, 1, x.Batch, _size);
    }

    private (double[] H, double[] C) Step(double[] x, double[] h, double[] c) => _options switch
    {
        LstmAttribute lstm => Lstm(lstm, x, h, c),
        GruAttribute gru => (Gru(gru, x, h), c),
        var other => ([.. Enumerable.Range(0, _units).Select(j => Apply(((ElmanAttribute)other).Activation, _options.Alpha, Input(j, x) + Hidden(j, h)))], c),
    };

    private (double[] H, double[] C) Lstm(LstmAttribute o, double[] x, double[] h, double[] c)
    {
        var (next, memory) = (new double[_units], new double[_units]);
        var (g, output) = o.CoupledInputForget ? (1, 2) : (2, 3);
        for (var j = 0; j < _units; j++)
        {
            double Gate(int block, double peephole) => Input((block * _units) + j, x) + Hidden((block * _units) + j, h) + peephole;
            var i = Apply(o.GateActivation, o.GateAlpha, Gate(0, _peepholes[0][j] * c[j]));
            var f = o.CoupledInputForget ? 1 - i : Apply(o.GateActivation, o.GateAlpha, Gate(1, _peepholes[1][j] * c[j]));
            next[j] = (f * c[j]) + (i * Apply(o.Activation, o.Alpha, Gate(g, 0)));
            memory[j] = Apply(o.GateActivation, o.GateAlpha, Gate(output, _peepholes[2][j] * next[j])) * DescriptionReference.Apply(o.CellActivation, o.Alpha, next[j]);
        }

        return (_projection is null ? memory : [.. Enumerable.Range(0, _size).Select(p => Enumerable.Range(0, _units).Sum(k => _projection[(p * _units) + k] * memory[k]))], next);
    }

    private double[] Gru(GruAttribute o, double[] x, double[] h)
    {
        double Gate(int block, int j) => Apply(o.GateActivation, o.GateAlpha, Input((block * _units) + j, x) + Hidden((block * _units) + j, h));
        double[] r = [.. Enumerable.Range(0, _units).Select(j => Gate(0, j))];
        double[] reset = [.. h.Zip(r, (a, b) => a * b)];
        return [.. Enumerable.Range(0, _units).Select(j =>
        {
            var row = (2 * _units) + j;
            var n = Apply(o.Activation, o.Alpha, Input(row, x) + (o.ResetAfter ? r[j] * Hidden(row, h) : Hidden(row, reset)));
            var z = Gate(1, j);
            return ((1 - z) * n) + (z * h[j]);
        })];
    }

    private double Input(int row, double[] x) => _inputBias[row] + x.Select((v, k) => v * _w[(row * x.Length) + k]).Sum();

    private double Hidden(int row, double[] h) => _hiddenBias[row] + h.Select((v, k) => v * _u[(row * h.Length) + k]).Sum();

    private double Apply(Activation activation, float alpha, double sum) =>
        DescriptionReference.Apply(activation, alpha, _options.Clip > 0 ? Math.Clamp(sum, -_options.Clip, _options.Clip) : sum);
}
