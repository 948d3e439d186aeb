using RnnCodegen.Interchange.Tests.Onnx;
using RnnCodegen.Interchange.TensorFlow.Graphs;
using RnnCodegen.Numerics.Tests.Conformance;
using Xunit;

namespace RnnCodegen.Interchange.Tests.TensorFlow;

/// <summary>Cells that TensorFlow's graphs spell out in loops are found, however spelled, and compute what the graph does.</summary>
public class GraphImporterTests
{
    private const int Steps = 5;
    private const int Inputs = 3;
    private const int Units = 2;

    private static readonly double[][] s_rows = [.. Enumerable.Range(0, Steps)
        .Select(t => Enumerable.Range(0, Inputs).Select(i => Math.Sin((t * 3) + i)).ToArray())];

    private delegate double[] Step(double[] x, double[] h);

    [Fact]
    public void A_GRUCell_is_a_gru_that_resets_before_the_product()
    {
        var (gates, candidate) = (Values(1, Inputs + Units, 2 * Units), Values(2, Inputs + Units, Units));
        var model = Import(g => g.Loop(Rows(g), [Units], (x, h) =>
        {
            var ru = g.Node("Sigmoid", "ru", [Affine(g, "gates", [x, h[0]], gates, 2 * Units)]);
            var r = g.Node("Split", "split", [g.Number("axis", 1), ru], ("num_split", 2L));
            var n = g.Node("Tanh", "n", [Affine(g, "candidate", [x, g.Node("Mul", "rh", [r, h[0]])], candidate, Units)]);
            var kept = g.Node("Mul", "kept", ["split:1", h[0]]);
            var made = g.Node("Mul", "made", [g.Node("Sub", "complement", [g.Floats("1", [], 1), "split:1"]), n]);
            return [g.Node("Add", "new", [kept, made])];
        }).Ends[0]);

        Assert.False(((GruAttribute)model.Layers.Single().Options).ResetAfter);
        AssertSame(model, (x, h) =>
        {
            var ru = Array.ConvertAll(Times([.. x, .. h], gates, 2 * Units), Sigmoid);
            var (r, u) = (ru[..Units], ru[Units..]);
            var n = Array.ConvertAll(Times([.. x, .. h.Zip(r, (a, b) => a * b)], candidate, Units), Math.Tanh);
            return [.. Enumerable.Range(0, Units).Select(k => (u[k] * h[k]) + ((1 - u[k]) * n[k]))];
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Keras_gru_is_found_with_its_bounds_and_where_it_resets(bool resetsAfter)
    {
        var (w, u) = (Values(1, Inputs, 3 * Units), Values(2, Units, 3 * Units));
        var bias = new float[] { 0.1f, -0.2f, 0.3f };
        var model = Import(g => g.Loop(Rows(g), [Units], (x, h) =>
        {
            g.Floats("W", [Inputs, 3 * Units], w);
            g.Floats("U", [Units, 3 * Units], u);
            var z = Hard(g, "z", g.Node("Add", "z_sum", [Product(g, "xz", x, "W", 0, 1), Product(g, "hz", h[0], "U", 0, -1)]));
            var r = Hard(g, "r", g.Node("Add", "r_sum", [Product(g, "xr", x, "W", 1, 0.5f), Product(g, "hr", h[0], "U", 1, 0)]));
            var inner = resetsAfter
                ? g.Node("Mul", "reset", [r, Product(g, "hn", h[0], "U", 2, 0.25f)])
                : Product(g, "hn", g.Node("Mul", "reset", [r, h[0]]), "U", 2, 0.25f);
            var n = g.Node("Relu", "n", [g.Node("Add", "n_sum", [Product(g, "xn", x, "W", 2, -0.5f), inner])]);
            var made = g.Node("Mul", "made", [g.Node("Sub", "complement", [g.Floats("1", [], 1), z]), n]);
            return [g.Node("Add", "new", [made, g.Node("Mul", "kept", [z, h[0]])])];
        }).Rows);

        var gru = (GruAttribute)model.Layers.Single().Options;
        Assert.Equal((resetsAfter, Activation.HardSigmoidKeras2, Activation.Relu), (gru.ResetAfter, gru.GateActivation, gru.Activation));
        AssertSame(model, (x, h) =>
        {
            double[] Part(double[] v, float[] m, int gate, double shift) =>
                [.. Times(v, m, 3 * Units)[(gate * Units)..((gate + 1) * Units)].Select(a => a + shift)];
            double[] Both(int gate, double a, double b) => [.. Part(x, w, gate, a).Zip(Part(h, u, gate, b), (p, q) => Bound(p + q))];
            var (z, r) = (Both(0, 1, -1), Both(1, 0.5, 0));
            var inner = resetsAfter
                ? Part(h, u, 2, 0.25).Zip(r, (a, b) => a * b).ToArray()
                : Part([.. h.Zip(r, (a, b) => a * b)], u, 2, 0.25);
            var n = Part(x, w, 2, -0.5).Zip(inner, (a, b) => Math.Max(0, a + b)).ToArray();
            return [.. Enumerable.Range(0, Units).Select(k => (z[k] * h[k]) + ((1 - z[k]) * n[k]))];
        }, isSequence: true);
    }

    [Fact]
    public void A_loop_that_was_lowered_from_a_function_carries_its_weights()
    {
        var (w, u, bias) = (Values(1, Inputs, 3 * Units), Values(2, Units, 3 * Units), Values(3, 2, 3 * Units));
        var model = Import(g =>
        {
            g.Floats("W", [Inputs, 3 * Units], w);
            g.Floats("U", [Units, 3 * Units], u);
            g.Node("Unpack", "unstack", [g.Floats("bias", [2, 3 * Units], bias)], ("num", 2L), ("axis", 0L));
            return g.LoweredLoop(Rows(g), Units, (x, h, kept) =>
            {
                string Sums(string name, string vector, string matrix, string shift) => g.Node("Split", name,
                    [
                        g.Number($"{name}/axis", 1),
                        g.Node("BiasAdd", $"{name}/sum", [g.Node("MatMul", $"{name}/MatMul", [vector, kept(matrix)]), kept(shift)]),
                    ], ("num_split", 3L));
                var (xs, hs) = (Sums("x_split", x, "W", "unstack"), Sums("h_split", h, "U", "unstack:1"));
                var z = g.Node("Sigmoid", "z", [g.Node("AddV2", "z_sum", [xs, hs])]);
                var r = g.Node("Sigmoid", "r", [g.Node("AddV2", "r_sum", [$"{xs}:1", $"{hs}:1"])]);
                var reset = g.Node("Mul", "reset", [r, $"{hs}:2"]);
                var n = g.Node("Tanh", "n", [g.Node("AddV2", "n_sum", [$"{xs}:2", reset])]);
                var made = g.Node("Mul", "made", [g.Node("Sub", "complement", [g.Floats("1", [], 1), z]), n]);
                return g.Node("AddV2", "new", [g.Node("Mul", "kept", [z, h]), made]);
            });
        });

        Assert.True(((GruAttribute)model.Layers.Single().Options).ResetAfter);
        AssertSame(model, (x, h) =>
        {
            var xs = Times(x, w, 3 * Units).Select((v, k) => v + bias[k]).ToArray();
            var hs = Times(h, u, 3 * Units).Select((v, k) => v + bias[(3 * Units) + k]).ToArray();
            return [.. Enumerable.Range(0, Units).Select(k =>
            {
                var (z, r) = (Sigmoid(xs[k] + hs[k]), Sigmoid(xs[Units + k] + hs[Units + k]));
                return (z * h[k]) + ((1 - z) * Math.Tanh(xs[(2 * Units) + k] + (r * hs[(2 * Units) + k])));
            })];
        }, isSequence: true);
    }

    [Fact]
    public void Two_BasicLSTM_cells_in_one_loop_are_two_layers_with_their_forget_bias()
    {
        var first = Values(3, Inputs + Units, 4 * Units);
        var second = Values(4, 2 * Units, 4 * Units);
        var model = Import(g => g.Loop(Rows(g), [Units, Units, Units, Units], (x, s) =>
        {
            var (c1, h1) = Lstm(g, "a", x, s[0], s[1], first);
            var (c2, h2) = Lstm(g, "b", h1, s[2], s[3], second);
            return [c1, h1, c2, h2];
        }, output: 3).Rows);

        Assert.All(model.Layers, l => Assert.IsType<LstmAttribute>(l.Options));
        var cells = new double[2][] { new double[Units], new double[Units] };
        var states = new double[2][] { new double[Units], new double[Units] };
        AssertSame(model, (x, _) =>
        {
            for (var k = 0; k < 2; k++)
            {
                var sums = Times([.. k == 0 ? x : states[0], .. states[k]], k == 0 ? first : second, 4 * Units);
                for (var unit = 0; unit < Units; unit++)
                {
                    var (i, j, f, o) = (sums[unit], sums[Units + unit], sums[(2 * Units) + unit], sums[(3 * Units) + unit]);
                    cells[k][unit] = (cells[k][unit] * Sigmoid(f + 1)) + (Sigmoid(i) * Math.Tanh(j));
                    states[k][unit] = Sigmoid(o) * Math.Tanh(cells[k][unit]);
                }
            }

            return states[1];
        }, isSequence: true);

        static (string C, string H) Lstm(TestTensorFlowGraph g, string name, string x, string c, string h, float[] matrix)
        {
            g.Node("Split", name, [g.Number($"{name}/axis", 1), Affine(g, $"{name}/sums", [x, h], matrix, 4 * Units)], ("num_split", 4L));
            var f = g.Node("Sigmoid", $"{name}/f", [g.Node("Add", $"{name}/forget", [$"{name}:2", g.Floats($"{name}/1", [], 1)])]);
            var made = g.Node("Mul", $"{name}/made",
                [g.Node("Sigmoid", $"{name}/i", [name]), g.Node("Tanh", $"{name}/j", [$"{name}:1"])]);
            var cell = g.Node("Add", $"{name}/c", [g.Node("Mul", $"{name}/kept", [c, f]), made]);
            var shown = g.Node("Tanh", $"{name}/shown", [cell]);
            return (cell, g.Node("Mul", $"{name}/h", [shown, g.Node("Sigmoid", $"{name}/o", [$"{name}:3"])]));
        }
    }

    [Fact]
    public void A_simple_cell_and_the_layers_around_it_are_read()
    {
        var (matrix, head) = (Values(5, Inputs + Units, Units), Values(6, Units, 4));
        var model = Import(g =>
        {
            var end = g.Loop(Rows(g), [Units], (x, h) => [g.Node("Tanh", "new", [Affine(g, "cell", [x, h[0]], matrix, Units)])]).Ends[0];
            var product = g.Node("MatMul", "head/MatMul", [end, g.Floats("head/kernel", [Units, 4], head)]);
            var sum = g.Node("BiasAdd", "head/BiasAdd", [product, g.Floats("head/bias", [4], 1, 2, 3, 4)]);
            return g.Node("Softmax", "probabilities", [sum]);
        });

        Assert.Equal(["Rnn", "Head"], model.Layers.Select(l => l.Name));
        Assert.Contains("The loop 'rnn/while/' goes through 5 steps and no more; of longer sequences the model reads all.", model.Notes);
        Assert.Equal(OutputTransform.Softmax, model.Model.Output);
        Assert.Equal([1f, 2, 3, 4], model.Weights["Head.bias"].Values);
    }

    [Fact]
    public void What_is_no_layer_is_refused_by_its_name_with_the_ways_around_it()
    {
        var lookup = Refusal(g => g.Node("Erfinv", "odd", [g.Placeholder("x", -1, Steps, Inputs)]));
        Assert.Contains("'odd' (Erfinv): no layer is written with this operator. Name an output before it with --part", lookup,
            StringComparison.Ordinal);

        var loop = Refusal(g => g.Loop(Rows(g), [Units], (x, h) =>
            [g.Node("Sigmoid", "new", [g.Node("Mul", "odd", [Affine(g, "a", [x], Values(1, Inputs, Units), Units), h[0]])])]).Ends[0]);
        Assert.Contains("'new': the loop's state is not understood", loop, StringComparison.Ordinal);

        var several = Refusal(g =>
        {
            g.Node("Relu", "a", [g.Placeholder("x", -1, Steps, Inputs)]);
            return g.Node("Tanh", "b", ["x"]);
        });
        Assert.Contains("2 nodes are read by no other, 'a' (Relu), 'b' (Tanh); name one: --part NAME", several, StringComparison.Ordinal);

        var variables = Refusal(g => g.Node("Relu", "a", [g.Node("VariableV2", "w", [])]));
        Assert.Contains("the weights of 'w' (VariableV2) are in other files. Freeze the graph", variables, StringComparison.Ordinal);
        var cut = Assert.Throws<InvalidDataException>(() => GraphImporter.Import("g.pb", [10, 255, 255]));
        Assert.Contains("truncated or not a TensorFlow graph", cut.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rows from the last", "it does not read the rows one after the other, from the first on")]
    [InlineData("a list from the last", "it does not take the loop's rows one after the other")]
    [InlineData("whole numbers", "it makes whole numbers or truth values of others")]
    [InlineData("features first", "its features are not the last axis (data_format NCHW)")]
    [InlineData("a table for each sample", "it picks from a table for each sample (batch_dims)")]
    public void What_would_give_other_numbers_is_refused(string way, string message)
    {
        var matrix = Values(5, Inputs + Units, Units);
        var refusal = Refusal(g => way switch
        {
            "whole numbers" => g.Node("Cast", "odd", [Rows(g)], ("SrcT", 1L), ("DstT", 3L)),
            "features first" => g.Node("BiasAdd", "odd", [Rows(g), g.Floats("b", [Inputs], 1, 2, 3)], ("data_format", "NCHW")),
            "a table for each sample" => g.Node("GatherV2", "odd",
                [Rows(g), g.Ints("places", 0, 1), g.Number("axis", 1)], ("batch_dims", 1L)),
            _ => g.Loop(Rows(g), [Units], (x, h) => [g.Node("Tanh", "new", [Affine(g, "cell", [x, h[0]], matrix, Units)])],
                place: way == "rows from the last" ? time => g.Node("Sub", "at", [g.Number("end", Steps - 1), time]) : null,
                order: way == "a list from the last" ? [4, 3, 2, 1, 0] : null).Rows,
        }, isNamed: true);
        Assert.Contains(message, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Changed_bytes_are_refused_or_read_as_what_they_say()
    {
        var graph = new TestTensorFlowGraph();
        var (gates, candidate) = (Values(1, Inputs + Units, 2 * Units), Values(2, Inputs + Units, Units));
        var output = graph.Loop(Rows(graph), [Units], (x, h) =>
        {
            var ru = graph.Node("Sigmoid", "ru", [Affine(graph, "gates", [x, h[0]], gates, 2 * Units)]);
            graph.Node("Split", "split", [graph.Number("axis", 1), ru], ("num_split", 2L));
            var reset = graph.Node("Mul", "rh", ["split", h[0]]);
            var n = graph.Node("Tanh", "n", [Affine(graph, "candidate", [x, reset], candidate, Units)]);
            var made = graph.Node("Mul", "made", [graph.Node("Sub", "complement", [graph.Floats("1", [], 1), "split:1"]), n]);
            return [graph.Node("Add", "new", [graph.Node("Mul", "kept", ["split:1", h[0]]), made])];
        }).Ends[0];
        var good = graph.Bytes;
        var random = new Random(11);
        for (var trial = 0; trial < 3_000; trial++)
        {
            var bytes = good.ToArray();
            for (var k = 0; k < 3; k++)
            {
                // Names turned into each other make nodes that read others, also in circles.
                var (at, from) = (random.Next(bytes.Length), random.Next(bytes.Length));
                bytes[at] = random.Next(2) == 0 ? (byte)random.Next(256) : bytes[from];
            }

            try
            {
                GraphImporter.Import("g.pb", bytes, random.Next(4) == 0 ? null : output);
            }
            catch (InvalidDataException e)
            {
                Assert.StartsWith("'g.pb'", e.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Rows_that_a_graph_turns_around_are_a_reversed_layer()
    {
        var matrix = Values(5, Inputs + Units, Units);
        var model = Import(g =>
        {
            var turned = g.Node("ReverseV2", "turned", [Rows(g), g.Ints("time_axis", 0)]);
            var rows = g.Loop(turned, [Units], (x, h) => [g.Node("Tanh", "new", [Affine(g, "cell", [x, h[0]], matrix, Units)])]).Rows;
            return g.Node("ReverseV2", "back", [rows, "time_axis"]);
        });
        var x = new Rows([.. s_rows.SelectMany(r => r)], Steps, 1, Inputs);
        var h = new double[Units];
        var expected = new double[Steps][];
        for (var t = Steps - 1; t >= 0; t--)
        {
            expected[t] = h = Array.ConvertAll(Times([.. s_rows[t], .. h], matrix, Units), Math.Tanh);
        }

        Assert.All(expected.SelectMany(r => r).Zip(DescriptionReference.Run(model, x).Values), p => Assert.Equal(p.First, p.Second, 1e-6));
    }

    [DataTheory("arm-kws-gru-s/GRU_S.pb")]
    [InlineData("arm-kws-gru-s/GRU_S.pb", 10, 154)]
    [InlineData("precise-hey-mycroft/hey-mycroft.pb", 13, 20)]
    public void Published_graphs_are_read_whole(string file, int inputs, int units)
    {
        var model = ModelFile.Open(SharedData.Find(file)!).Model!;
        Assert.Equal((inputs, units), (model.Model.InputSize, ((GruAttribute)model.Layers[0].Options).Units));
    }

    private static ModelDescription Import(Func<TestTensorFlowGraph, string> build)
    {
        var graph = new TestTensorFlowGraph();
        var output = build(graph);
        return GraphImporter.Import("g.pb", graph.Bytes, output);
    }

    private static string Refusal(Func<TestTensorFlowGraph, string> build, bool isNamed = false)
    {
        var graph = new TestTensorFlowGraph();
        var output = build(graph);
        return Assert.Throws<InvalidDataException>(() => GraphImporter.Import("g.pb", graph.Bytes, isNamed ? output : null)).Message;
    }

    private static string Rows(TestTensorFlowGraph g) =>
        g.Node("Transpose", "transpose", [g.Placeholder("x", -1, Steps, Inputs), g.Ints("perm", 1, 0, 2)]);

    /// <summary>[parts] matrix + 0, as TensorFlow's own cells write it.</summary>
    private static string Affine(TestTensorFlowGraph g, string name, string[] parts, float[] matrix, int columns)
    {
        var rows = matrix.Length / columns;
        var joined = parts.Length == 1 ? parts[0] : g.Node("ConcatV2", $"{name}/concat", [.. parts, g.Number($"{name}/axis", 1)]);
        g.Floats($"{name}/kernel", [rows, columns], matrix);
        return g.Node("BiasAdd", $"{name}/sum",
            [
                g.Node("MatMul", $"{name}/MatMul", [joined, g.Enter($"{name}/kernel", isConstant: true)]),
                g.Floats($"{name}/bias", [columns], new float[columns]),
            ]);
    }

    /// <summary>A vector times a gate's columns of a matrix, as Keras writes it, and a number.</summary>
    private static string Product(TestTensorFlowGraph g, string name, string vector, string matrix, int gate, float bias)
    {
        var columns = g.Node("StridedSlice", $"{name}/part",
            [
                matrix, g.Ints($"{name}/begin", 0, gate * Units), g.Ints($"{name}/end", 0, (gate + 1) * Units),
                g.Ints($"{name}/stride", 1, 1),
            ], ("begin_mask", 1L), ("end_mask", 1L));
        return g.Node("BiasAdd", $"{name}/sum",
            [g.Node("MatMul", name, [vector, columns]), g.Floats($"{name}/bias", [Units], bias, bias)]);
    }

    private static string Hard(TestTensorFlowGraph g, string name, string sum)
    {
        var scaled = g.Node("Mul", $"{name}/scaled", [g.Floats($"{name}/0.2", [], 0.2f), sum]);
        var shifted = g.Node("Add", $"{name}/shifted", [scaled, g.Floats($"{name}/0.5", [], 0.5f)]);
        var upper = g.Node("Minimum", $"{name}/upper", [shifted, g.Floats($"{name}/1", [], 1)]);
        return g.Node("Maximum", name, [upper, g.Floats($"{name}/0", [], 0)]);
    }

    private static void AssertSame(ModelDescription model, Step step, bool isSequence = false)
    {
        var h = new double[Units];
        var expected = new List<double>();
        foreach (var x in s_rows)
        {
            h = [.. step(x, h)];
            expected.AddRange(h);
        }

        var actual = DescriptionReference.Run(model, new Rows([.. s_rows.SelectMany(x => x)], Steps, 1, Inputs));
        var wanted = isSequence ? expected : expected[^Units..];
        Assert.Equal(wanted.Count, actual.Values.Length);
        Assert.All(wanted.Zip(actual.Values), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
    }

    private static double[] Times(double[] row, float[] matrix, int columns) =>
        [.. Enumerable.Range(0, columns).Select(c => row.Select((v, k) => v * matrix[(k * columns) + c]).Sum())];

    private static float[] Values(int seed, int rows, int columns)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows * columns).Select(_ => (float)((random.NextDouble() * 2) - 1))];
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double Bound(double x) => Math.Clamp((0.2 * x) + 0.5, 0, 1);
}
