using RnnCodegen.Interchange.Tests.Onnx;
using RnnCodegen.Interchange.TensorFlow.Lite;
using RnnCodegen.Numerics.Tests.Conformance;
using Xunit;

namespace RnnCodegen.Interchange.Tests.TensorFlow;

/// <summary>TensorFlow Lite's recurrent operators and the layers around them come out as what the format says that they compute.</summary>
public class LiteImporterTests
{
    private const int Steps = 4;
    private const int Inputs = 3;
    private const int Units = 2;
    private const int Lstm = 44;
    private const int Simple = 35;
    private const int FullyConnected = 9;
    private const int Reshape = 22;
    private const int Softmax = 25;
    private const byte Tanh = 4;

    private static readonly double[][] s_rows = [.. Enumerable.Range(0, Steps)
        .Select(t => Enumerable.Range(0, Inputs).Select(i => 2 * Math.Sin((t * 3) + i)).ToArray())];

    [Theory]
    [InlineData(false, 0f)]
    [InlineData(false, 0.4f)]
    [InlineData(true, 0f)]
    public void An_lstm_has_its_gates_its_bound_and_what_stands_for_an_input_gate(bool isCoupled, float clip)
    {
        var weights = new LstmWeights(1);
        var b = new LiteBuilder();
        var x = b.Value("x", LiteBuilder.Float32, 1, Steps, Inputs);
        var y = AddLstm(b, x, weights, isCoupled, clip);
        var model = LiteImporter.Import("m.tflite", b.Build([x], [y]));

        var options = (LstmAttribute)model.Layers.Single().Options;
        Assert.Equal((Units, clip), (options.Units, options.CellClip));
        AssertSame(weights.Run(isCoupled, clip), model);
    }

    [Fact]
    public void The_last_row_and_rows_turned_around_are_a_layers_options()
    {
        var weights = new LstmWeights(5);
        var last = new LiteBuilder();
        var x = last.Value("x", LiteBuilder.Float32, 1, Steps, Inputs);
        var y = last.Value("last", LiteBuilder.Float32, 1, Units);
        last.Operator(45, [AddLstm(last, x, weights, false, 0), last.Ints(0, -1, 0), last.Ints(0, 0, 0), last.Ints(1, 1, 1)], y,
            (0, 5L), (1, 5L), (4, 2L));
        var model = LiteImporter.Import("m.tflite", last.Build([x], [y]));
        Assert.False(((LstmAttribute)model.Layers.Single().Options).ReturnSequences);
        AssertSame([weights.Run(false, 0)[^1]], model);

        var turned = new LiteBuilder();
        x = turned.Value("x", LiteBuilder.Float32, 1, Steps, Inputs);
        var start = turned.Value("start", LiteBuilder.Float32, 1, Steps, Inputs);
        var end = turned.Value("end", LiteBuilder.Float32, 1, Steps, Units);
        turned.Operator(105, [x, turned.Ints(1)], start);
        turned.Operator(105, [AddLstm(turned, start, weights, false, 0), turned.Ints(1)], end);
        AssertSame([.. weights.Run(false, 0, [.. s_rows.Reverse()]).Reverse()], LiteImporter.Import("m.tflite", turned.Build([x], [end])));
    }

    [Fact]
    public void A_dense_layer_over_all_steps_is_a_convolution_of_as_many()
    {
        var weights = new LstmWeights(2);
        float[] matrix = Values(3, 3 * Steps * Units), bias = [0.5f, -0.5f, 0.25f];
        var b = new LiteBuilder();
        var x = b.Value("x", LiteBuilder.Float32, 1, Steps, Inputs);
        var flat = b.Value("flat", LiteBuilder.Float32, 1, Steps * Units);
        b.Operator(Reshape, [AddLstm(b, x, weights, false, 0), b.Ints(-1, Steps * Units)], flat);
        var sums = b.Value("sequential/digits/MatMul;sequential/digits/BiasAdd", LiteBuilder.Float32, 1, 3);
        b.Operator(FullyConnected, [flat, b.Floats([3, Steps * Units], matrix), b.Floats([3], bias)], sums);
        var y = b.Value("probabilities", LiteBuilder.Float32, 1, 3);
        b.Operator(Softmax, [sums], y, (0, 1f));

        var bytes = b.Build([x], [y]);
        var model = LiteImporter.Import("m.tflite", bytes);
        Assert.Equal(["Lstm", "Digits"], model.Layers.Select(l => l.Name));
        Assert.Equal(OutputTransform.Softmax, model.Model.Output);

        var h = weights.Run(false, 0).SelectMany(row => row).ToArray();
        var exact = Enumerable.Range(0, 3).Select(k => bias[k] + h.Select((v, i) => v * matrix[(k * h.Length) + i]).Sum()).ToArray();
        var total = exact.Sum(Math.Exp);
        AssertSame([[.. exact.Select(v => Math.Exp(v) / total)]], model);

        var part = LiteImporter.Import("m.tflite", bytes, "lstm");
        Assert.Equal(["Lstm"], part.Layers.Select(l => l.Name));
    }

    [Fact]
    public void A_simple_cell_reads_8_bit_weights_as_what_they_stand_for()
    {
        var b = new LiteBuilder();
        var x = b.Value("x", LiteBuilder.Float32, 1, Steps, Inputs);
        var y = b.Value("rnn", LiteBuilder.Float32, 1, Steps, Units);
        b.Operator(Simple,
            [
                x, b.Bytes([Units, Inputs], 0.25f, 1, -2, 3, -4, 5, -6), b.Floats([Units, Units], 0.5f, 0, 0, -0.5f),
                b.Floats([Units], 0.125f, 0),
            ],
            y, (0, false), (1, (int)Tanh));
        var model = LiteImporter.Import("m.tflite", b.Build([x], [y]));

        Assert.Equal([0.25f, -0.5f, 0.75f, -1, 1.25f, -1.5f], model.Weights["Rnn.weight_ih_l0"].Values);
        Assert.Contains(model.Notes, n => n.StartsWith("The weights are 8-bit numbers times a scale", StringComparison.Ordinal));
        Assert.Equal(Activation.Tanh, ((ElmanAttribute)model.Layers.Single().Options).Activation);
    }

    [Fact]
    public void What_is_not_read_is_named_with_the_ways_around_it()
    {
        var b = new LiteBuilder();
        var x = b.Value("x", LiteBuilder.Float32, 1, Steps, Inputs);
        var y = b.Value("gru/while", LiteBuilder.Float32, 1, Units);
        b.Operator(119, [x], y);
        var bytes = b.Build([x], [y]);
        AssertRefused("WHILE 'gru/while': loops and branches are not read here, and a GRU is always written as one. Name an output " +
            "before it with --part, convert the file with tf2onnx", bytes);
        AssertRefused("truncated or not a TensorFlow Lite model", bytes[..(bytes.Length / 2)]);
        Assert.Contains("no operator makes 'nothing'; the last are 'gru/while'",
            Assert.Throws<InvalidDataException>(() => LiteImporter.Import("m.tflite", bytes, "nothing")).Message, StringComparison.Ordinal);

        var quantised = new LiteBuilder();
        var q = quantised.Value("q", LiteBuilder.Int8, 1, Steps, Inputs);
        var z = quantised.Value("z", LiteBuilder.Int8, 1, Steps, Inputs);
        quantised.Operator(19, [q], z);
        AssertRefused("its input 'q' is int8: a quantised model", quantised.Build([q], [z]));
    }

    [Theory]
    [InlineData("whole numbers", "CAST 'odd': it makes int32 of float32, which no layer does")]
    [InlineData("a table for each sample", "GATHER 'odd': it picks from a table for each sample (batch_dims 1)")]
    [InlineData("ends from the starts", "its ellipsis, new axes or ends that are counted from the starts are not read")]
    public void What_would_give_other_numbers_is_refused(string way, string message)
    {
        var b = new LiteBuilder();
        var x = b.Value("x", LiteBuilder.Float32, 1, Steps, Inputs);
        var odd = b.Value("odd", way == "whole numbers" ? LiteBuilder.Int32 : LiteBuilder.Float32, 1, Steps, Inputs);
        var y = b.Value("y", LiteBuilder.Float32, 1, Steps, Inputs);
        switch (way)
        {
            case "whole numbers":
                b.Operator(53, [x], odd);
                break;
            case "a table for each sample":
                b.Operator(36, [x, b.Ints(0)], odd, (0, 1L), (1, 1L));
                break;
            default:
                b.Operator(45, [x, b.Ints(0, 1, 0), b.Ints(1, 2, 3), b.Ints(1, 1, 1)], odd, (0, 5L), (1, 5L), (5, true));
                break;
        }

        b.Operator(53, [odd], y);
        AssertRefused(message, b.Build([x], [y]));
    }

    [Fact]
    public void What_is_in_a_refused_file_is_shown_with_its_weights()
    {
        var b = new LiteBuilder();
        var x = b.Value("x", LiteBuilder.Float32, 1, Steps, Inputs);
        var sums = b.Value("dense", LiteBuilder.Float32, 1, Steps, 6);
        var y = b.Value("gru/while", LiteBuilder.Float32, 1, Units);
        float[] matrix = Values(1, 6 * Inputs);
        b.Operator(FullyConnected, [x, b.Floats([6, Inputs], matrix), -1], sums, (2, true));
        b.Operator(119, [sums], y);
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, b.Build([x], [y]));
            var file = ModelFile.Open(path);
            Assert.Null(file.Model);
            Assert.StartsWith("WHILE 'gru/while': loops and branches", file.Reason, StringComparison.Ordinal);
            Assert.Equal("FULLY_CONNECTED 1, WHILE 1", file.Metadata["operators"]);
            Assert.Equal("x float32 [1, 4, 3]", file.Metadata["inputs"]);
            Assert.Equal(matrix, file.Tensors.Single().Values);

            // What is before the loop is a model, whose file still has its own tensors.
            var part = ModelFile.Open(path, "dense");
            Assert.Equal(["Dense"], part.Model!.Layers.Select(l => l.Name));
            Assert.Empty(part.Tensors);
            Assert.Equal(matrix, FileFormat.TensorsOf(part).Single().Values);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Changed_bytes_are_refused_or_read_as_what_they_say()
    {
        var b = new LiteBuilder();
        var x = b.Value("x", LiteBuilder.Float32, 1, Steps, Inputs);
        var y = AddLstm(b, x, new LstmWeights(4), false, 0);
        var good = b.Build([x], [y]);
        var random = new Random(7);
        for (var trial = 0; trial < 2_000; trial++)
        {
            var bytes = good.ToArray();
            for (var k = 0; k < 3; k++)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                LiteImporter.Import("m.tflite", bytes);
            }
            catch (InvalidDataException e)
            {
                Assert.StartsWith("'m.tflite'", e.Message, StringComparison.Ordinal);
            }
        }
    }

    [DataTheory("mnist-lstm-tflite/trained_lstm.tflite")]
    [InlineData("mnist-lstm-tflite/trained_lstm.tflite")]
    public void A_published_file_is_read_whole(string file)
    {
        var model = ModelFile.Open(SharedData.Find(file)!).Model!;
        Assert.Equal(["Lstm", "Output"], model.Layers.Select(l => l.Name));
        Assert.Equal(9_610, model.Weights.Values.Sum(w => w.Values.Length));
    }

    private static int AddLstm(LiteBuilder b, int x, LstmWeights w, bool isCoupled, float clip)
    {
        var y = b.Value("lstm", LiteBuilder.Float32, 1, Steps, Units);
        int[] Gates(float[][] values, params int[] shape) =>
            [.. values.Select((v, gate) => isCoupled && gate == 0 ? -1 : b.Floats(shape, v))];
        b.Operator(Lstm,
            [
                x, .. Gates(w.Kernels, Units, Inputs), .. Gates(w.Recurrents, Units, Units), -1, -1, -1, .. Gates(w.Biases, Units), -1, -1,
                b.Value("h", LiteBuilder.Float32, 1, Units), b.Value("c", LiteBuilder.Float32, 1, Units), -1, -1, -1, -1,
            ],
            y, (0, (int)Tanh), (1, clip));
        return y;
    }

    private static void AssertRefused(string message, byte[] bytes) => Assert.Contains(message,
        Assert.Throws<InvalidDataException>(() => LiteImporter.Import("m.tflite", bytes)).Message, StringComparison.Ordinal);

    private static void AssertSame(double[][] expected, ModelDescription model)
    {
        var actual = DescriptionReference.Run(model, new Rows([.. s_rows.SelectMany(r => r)], Steps, 1, Inputs)).Values;
        var wanted = expected.SelectMany(row => row).ToArray();
        Assert.Equal(wanted.Length, actual.Length);
        Assert.All(wanted.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
    }

    private static float[] Values(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 2) - 1))];
    }

    /// <summary>An LSTM's weights, gates i, f, c, o, and what the format says that they compute.</summary>
    private sealed class LstmWeights(int seed)
    {
        public float[][] Kernels { get; } = [.. Enumerable.Range(0, 4).Select(g => Values(seed + g, Units * Inputs))];

        public float[][] Recurrents { get; } = [.. Enumerable.Range(0, 4).Select(g => Values(seed + 10 + g, Units * Units))];

        public float[][] Biases { get; } = [.. Enumerable.Range(0, 4).Select(g => Values(seed + 20 + g, Units))];

        public double[][] Run(bool isCoupled, float clip, double[][]? rows = null)
        {
            var (h, c, result) = (new double[Units], new double[Units], new List<double[]>());
            foreach (var x in rows ?? s_rows)
            {
                double Sum(int gate, int unit) => Biases[gate][unit]
                    + x.Select((v, i) => v * Kernels[gate][(unit * Inputs) + i]).Sum()
                    + h.Select((v, i) => v * Recurrents[gate][(unit * Units) + i]).Sum();
                double Sigmoid(double v) => 1 / (1 + Math.Exp(-v));
                var sums = Enumerable.Range(0, Units).Select(u => Enumerable.Range(0, 4).Select(g => Sum(g, u)).ToArray()).ToArray();
                for (var u = 0; u < Units; u++)
                {
                    var f = Sigmoid(sums[u][1]);
                    c[u] = (f * c[u]) + ((isCoupled ? 1 - f : Sigmoid(sums[u][0])) * Math.Tanh(sums[u][2]));
                    c[u] = clip > 0 ? Math.Clamp(c[u], -clip, clip) : c[u];
                }

                h = [.. sums.Select((s, u) => Sigmoid(s[3]) * Math.Tanh(c[u]))];
                result.Add(h);
            }

            return [.. result];
        }
    }
}
