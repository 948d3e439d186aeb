using RnnCodegen.Numerics.Tests.Reference;

namespace RnnCodegen.Interchange.Tests.Onnx;

/// <summary>Rows of doubles [T, B, F]; T is 1 where there is a row a sequence.</summary>
internal sealed record Rows(double[] Values, int Steps, int Batch, int Width)
{
    public double this[int step, int sample, int feature] => Values[(((step * Batch) + sample) * Width) + feature];

    public static Rows Of(int steps, int batch, int width, Func<int, int, int, double> value)
    {
        var values = new double[steps * batch * width];
        for (var k = 0; k < values.Length; k++)
        {
            values[k] = value(k / width / batch, k / width % batch, k % width);
        }

        return new Rows(values, steps, batch, width);
    }
}

/// <summary>
/// A plain double-precision evaluation of a description, written from docs/math.md and the attributes' documentation: what a model means, without any
/// of the code that makes one.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="parameter">A parameter's values by name and shape.</param>
internal sealed class DescriptionReference(ModelDescription model, Func<string, int[], float[]> parameter)
{
    public static Rows Run(ModelDescription model, Rows input) => new DescriptionReference(model, (name, shape) =>
    {
        var tensor = model.Weights[name];
        Xunit.Assert.Equal(shape, tensor.Shape);
        return tensor.Values;
    }).Run(input);

    /// <summary>Gives a model random weights of the shapes that its layers ask for.</summary>
    public static ModelDescription Fill(ModelDescription model, int seed)
    {
        var random = new Random(seed);
        new DescriptionReference(model, (name, shape) =>
        {
            float[] values = [.. Enumerable.Range(0, shape.Aggregate((a, b) => a * b)).Select(_ => (float)((random.NextDouble() * 1.4) - 0.7))];
            model.AddWeight(name, shape, values);
            return values;
        }).Run(Rows.Of(12, 1, Math.Max(1, model.Model.InputSize), (_, _, _) => 0));
        return model;
    }

    public Rows Run(Rows input)
    {
        var rows = new Dictionary<string, Rows> { [RnnModelAttribute.Input] = input };
        var last = input;
        foreach (var (name, options) in model.Layers)
        {
            var source = (options as ChainedLayerAttribute)?.From is { } from ? rows[from] : last;
            rows[name] = last = Layer(name, options, source, rows);
        }

        return model.Model.Output switch
        {
            OutputTransform.Softmax => Softmax(last, isLog: false),
            OutputTransform.LogSoftmax => Softmax(last, isLog: true),
            OutputTransform.Sigmoid => Map(last, x => 1 / (1 + Math.Exp(-x))),
            _ => last,
        };
    }

    private Rows Layer(string name, LayerAttribute options, Rows x, Dictionary<string, Rows> all)
    {
        switch (options)
        {
            case RecurrentAttribute recurrent:
                return Recurrent(name, recurrent, x);
            case EmbeddingAttribute e:
                var table = parameter($"{name}.weight", [e.Vocabulary, e.Size]);
                return Rows.Of(x.Steps, x.Batch, e.Size, (t, b, f) => table[((int)x[t, b, 0] * e.Size) + f]);
            case DenseAttribute d:
                var (w, bias) = (parameter($"{name}.weight", [d.Units, x.Width]), d.Bias ? parameter($"{name}.bias", [d.Units]) : new float[d.Units]);
                return Rows.Of(x.Steps, x.Batch, d.Units, (t, b, n) =>
                    Apply(d.Activation, d.Alpha, bias[n] + Enumerable.Range(0, x.Width).Sum(k => (double)w[(n * x.Width) + k] * x[t, b, k])));
            case Conv1dAttribute c:
                return Convolution(name, c, x);
            case Pool1dAttribute p:
                var stride = p.Stride == 0 ? p.Size : p.Stride;
                return Rows.Of(((x.Steps - p.Size) / stride) + 1, x.Batch, x.Width, (t, b, f) => Pool(p.Pooling, Enumerable.Range(t * stride, p.Size).Select(s => x[s, b, f])));
            case GlobalPoolAttribute p:
                return Rows.Of(1, x.Batch, x.Width, (_, b, f) => Pool(p.Pooling, Enumerable.Range(0, x.Steps).Select(s => x[s, b, f])));
            case AttentionPoolAttribute:
                var q = parameter($"{name}.weight", [x.Width]);
                return Rows.Of(1, x.Batch, x.Width, (_, b, f) =>
                {
                    var scores = Enumerable.Range(0, x.Steps).Select(t => Math.Exp(Enumerable.Range(0, x.Width).Sum(k => q[k] * x[t, b, k]))).ToArray();
                    return Enumerable.Range(0, x.Steps).Sum(t => scores[t] * x[t, b, f]) / scores.Sum();
                });
            case LayerNormAttribute n:
                var (scale, shift) = (parameter($"{name}.weight", [x.Width]), parameter($"{name}.bias", [x.Width]));
                return Rows.Of(x.Steps, x.Batch, x.Width, (t, b, f) =>
                {
                    var row = Enumerable.Range(0, x.Width).Select(k => x[t, b, k]).ToArray();
                    var mean = row.Average();
                    return (scale[f] * (row[f] - mean) / Math.Sqrt(row.Average(v => (v - mean) * (v - mean)) + n.Epsilon)) + shift[f];
                });
            case AffineAttribute:
                var (factor, offset) = (parameter($"{name}.weight", [x.Width]), parameter($"{name}.bias", [x.Width]));
                return Rows.Of(x.Steps, x.Batch, x.Width, (t, b, f) => (factor[f] * x[t, b, f]) + offset[f]);
            case PReluAttribute:
                var slope = parameter($"{name}.weight", [x.Width]);
                return Rows.Of(x.Steps, x.Batch, x.Width, (t, b, f) => x[t, b, f] > 0 ? x[t, b, f] : slope[f] * x[t, b, f]);
            case ActivationAttribute a:
                return Map(x, v => Apply(a.Activation, a.Alpha, v));
            case DropoutAttribute:
                return x;
            case ReverseTimeAttribute:
                return Rows.Of(x.Steps, x.Batch, x.Width, (t, b, f) => x[x.Steps - 1 - t, b, f]);
            case ConcatAttribute c:
                var parts = c.Sources.Select(s => all[s]).ToList();
                return Rows.Of(parts[0].Steps, x.Batch, parts.Sum(p => p.Width), (t, b, f) => parts.SelectMany(p => Enumerable.Range(0, p.Width).Select(k => p[t, b, k])).ElementAt(f));
            case AddAttribute a:
                return Rows.Of(all[a.Sources[0]].Steps, x.Batch, all[a.Sources[0]].Width, (t, b, f) => a.Sources.Sum(s => all[s][t, b, f]));
            case MultiplyAttribute m:
                return Rows.Of(all[m.Sources[0]].Steps, x.Batch, all[m.Sources[0]].Width, (t, b, f) => m.Sources.Aggregate(1.0, (product, s) => product * all[s][t, b, f]));
            default:
                throw new NotSupportedException(options.GetType().Name);
        }
    }

    private Rows Convolution(string name, Conv1dAttribute c, Rows x)
    {
        var reach = c.Dilation * (c.Kernel - 1);
        var (left, right) = c.Padding switch
        {
            TimePadding.Causal => (reach, 0),
            TimePadding.Same => (reach / 2, reach - (reach / 2)),
            _ => (c.PadLeft, c.PadRight),
        };
        var w = parameter($"{name}.weight", [c.Filters, x.Width, c.Kernel]);
        var bias = c.Bias ? parameter($"{name}.bias", [c.Filters]) : new float[c.Filters];
        return Rows.Of(((x.Steps + left + right - reach - 1) / c.Stride) + 1, x.Batch, c.Filters, (t, b, n) =>
        {
            double sum = bias[n];
            for (var j = 0; j < c.Kernel; j++)
            {
                var step = (t * c.Stride) + (j * c.Dilation) - left;
                for (var k = 0; k < x.Width && step >= 0 && step < x.Steps; k++)
                {
                    sum += (double)w[(((n * x.Width) + k) * c.Kernel) + j] * x[step, b, k];
                }
            }

            return Apply(c.Activation, c.Alpha, sum);
        });
    }

    private Rows Recurrent(string name, RecurrentAttribute r, Rows x)
    {
        for (var layer = 0; layer < r.Layers; layer++)
        {
            var returns = layer < r.Layers - 1 || r.ReturnSequences;
            var forward = new ReferenceCell(parameter, name, $"l{layer}", r, x.Width).Run(x, r.Reverse, returns);
            if (r.Bidirectional)
            {
                var reverse = new ReferenceCell(parameter, name, $"l{layer}_reverse", r, x.Width).Run(x, isReverse: true, returns);
                x = Rows.Of(forward.Steps, x.Batch, 2 * forward.Width, (t, b, f) => f < forward.Width ? forward[t, b, f] : reverse[t, b, f - forward.Width]);
            }
            else
            {
                x = forward;
            }
        }

        return x;
    }

    private static Rows Softmax(Rows x, bool isLog) => Rows.Of(x.Steps, x.Batch, x.Width, (t, b, f) =>
    {
        var log = x[t, b, f] - Math.Log(Enumerable.Range(0, x.Width).Sum(k => Math.Exp(x[t, b, k])));
        return isLog ? log : Math.Exp(log);
    });

    private static Rows Map(Rows x, Func<double, double> f) => x with { Values = [.. x.Values.Select(f)] };

    private static double Pool(Pooling pooling, IEnumerable<double> values) => pooling == Pooling.Max ? values.Max() : values.Average();

    public static double Apply(Activation activation, float alpha, double x) => ScalarFunction.Value(activation, x, alpha);
}
