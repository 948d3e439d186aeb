using RnnCodegen.Interchange.Tests.Keras;
using Xunit;

namespace RnnCodegen.Interchange.Tests.Recipes;

/// <summary>Weights of other layouts come to the same places as where a reader of that layout's own files puts them.</summary>
public class WeightRecipeTests
{
    private const int Inputs = 3;
    private const int Units = 2;

    public static TheoryData<string, LayerAttribute, object, int> KerasLayers => new()
    {
        { "LSTM", new LstmAttribute(Units), new { units = Units }, 4 },
        { "GRU", new GruAttribute(Units), new { units = Units, reset_after = true }, 3 },
        { "GRU", new GruAttribute(Units) { ResetAfter = false }, new { units = Units, reset_after = false }, 3 },
        { "SimpleRNN", new ElmanAttribute(Units), new { units = Units }, 1 },
    };

    [Theory]
    [MemberData(nameof(KerasLayers))]
    public void Keras_layouts_are_those_of_its_own_files(string className, LayerAttribute options, object config, int gates)
    {
        int[] bias = options is GruAttribute { ResetAfter: true } ? [2, gates * Units] : [gates * Units];
        FileTensor[] tensors =
        [
            Tensor("cell/kernel:0", 1, Inputs, gates * Units), Tensor("cell/recurrent_kernel:0", 2, Units, gates * Units),
            Tensor("cell/bias:0", 3, bias),
        ];
        var expected = KerasTestFile.FromLayer(className, config, Inputs,
            [.. tensors.Select(t => new NamedTensor(t.Name, t.Shape, t.Values!))]);

        var model = WeightRecipe.Fill("w", Model(("Cell", options)), tensors, WeightLayout.Keras);

        Assert.Equal(expected.Weights.Values.Select(w => w.Values), model.Weights.Values.Select(w => w.Values));
        Assert.All(model.Weights.Keys, name => Assert.StartsWith("Cell.", name));
    }

    [Fact]
    public void Keras_other_layers_are_turned_around_where_they_have_to()
    {
        FileTensor[] tensors =
        [
            Tensor("conv.kernel", 1, 2, Inputs, 4), Tensor("conv.bias", 2, 4), Tensor("norm.gamma", 3, 4), Tensor("norm.beta", 4, 4),
            Tensor("head.kernel", 5, 4, Units),
        ];
        var model = WeightRecipe.Fill("w",
            Model(("Conv", new Conv1dAttribute(4, 2)), ("Norm", new LayerNormAttribute()),
                ("Head", new DenseAttribute(Units) { Bias = false })),
            tensors, WeightLayout.Keras);

        Assert.Equal([4, Inputs, 2], model.Weights["Conv.weight"].Shape);
        Assert.Equal(At(tensors[0], 1, 2, 3), model.Weights["Conv.weight"].Values[(((3 * Inputs) + 2) * 2) + 1]);
        Assert.Equal(tensors[2].Values, model.Weights["Norm.weight"].Values);
        Assert.Equal(tensors[3].Values, model.Weights["Norm.bias"].Values);
        Assert.Equal(At(tensors[4], 3, 1), model.Weights["Head.weight"].Values[(1 * 4) + 3]);
    }

    [Theory]
    [InlineData(1f)]
    [InlineData(0f)]
    public void TensorFlows_lstm_has_one_matrix_and_a_forget_bias(float forgetBias)
    {
        var (kernel, bias) = (Tensor("rnn/basic_lstm_cell/kernel", 1, Inputs + Units, 4 * Units),
            Tensor("rnn/basic_lstm_cell/bias", 2, 4 * Units));
        var model = WeightRecipe.Fill("w", Model(("Rnn", new LstmAttribute(Units))), [kernel, bias], WeightLayout.TensorFlow, forgetBias);

        // i, j, f, o to i, f, g, o.
        foreach (var (own, theirs) in new[] { (0, 0), (1, 2), (2, 1), (3, 3) })
        {
            for (var unit = 0; unit < Units; unit++)
            {
                var (row, column) = ((own * Units) + unit, (theirs * Units) + unit);
                Assert.Equal(At(kernel, 2, column), model.Weights["Rnn.weight_ih_l0"].Values[(row * Inputs) + 2]);
                Assert.Equal(At(kernel, Inputs + 1, column), model.Weights["Rnn.weight_hh_l0"].Values[(row * Units) + 1]);
                Assert.Equal(bias.Values![column] + (own == 1 ? forgetBias : 0), model.Weights["Rnn.bias_ih_l0"].Values[row]);
            }
        }
    }

    [Fact]
    public void TensorFlows_gru_has_gates_and_a_candidate()
    {
        var gates = Tensor("gates.kernel", 1, Inputs + Units, 2 * Units);
        var candidate = Tensor("candidate.kernel", 2, Inputs + Units, Units);
        var model = WeightRecipe.Fill("w",
            Model(("Rnn", new GruAttribute(Units) { ResetAfter = false }), ("Out", new DenseAttribute(5))),
            [
                gates, Tensor("gates.bias", 3, 2 * Units), candidate, Tensor("candidate.bias", 4, Units), Tensor("out.kernel", 5, Units, 5),
                Tensor("out.bias", 6, 5),
            ], WeightLayout.TensorFlow);

        var (w, u) = (model.Weights["Rnn.weight_ih_l0"].Values, model.Weights["Rnn.weight_hh_l0"].Values);
        Assert.Equal(At(gates, 1, 0), w[1]);
        Assert.Equal(At(gates, 1, Units), w[(Units * Inputs) + 1]);
        Assert.Equal(At(candidate, 1, 1), w[(((2 * Units) + 1) * Inputs) + 1]);
        Assert.Equal(At(candidate, Inputs, 1), u[((2 * Units) + 1) * Units]);
    }

    [Fact]
    public void Rnnoises_are_whole_numbers_over_256_with_the_update_gate_first()
    {
        var weights = new FileTensor("vad_gru.weights", "I8", [Inputs, 3 * Units],
            [.. Enumerable.Range(-9, Inputs * 3 * Units).Select(v => (float)v)]);
        var model = WeightRecipe.Fill("w",
            Model(("VadGru", new GruAttribute(Units) { ResetAfter = false })),
            [weights, Tensor("vad_gru.recurrent", 2, Units, 3 * Units), Tensor("vad_gru.bias", 3, 3 * Units)], WeightLayout.Rnnoise);

        var w = model.Weights["VadGru.weight_ih_l0"].Values;
        Assert.Equal(At(weights, 2, Units) / 256, w[2]);
        Assert.Equal(At(weights, 2, 0) / 256, w[(Units * Inputs) + 2]);
        Assert.Equal(At(weights, 2, 2 * Units) / 256, w[(2 * Units * Inputs) + 2]);
    }

    [Fact]
    public void Tensors_are_found_by_name_before_shape_and_by_shape_where_only_one_fits()
    {
        var model = Model(("First", new DenseAttribute(3)), ("Second", new DenseAttribute(3)), ("Last", new DenseAttribute(4)));
        FileTensor[] tensors =
        [
            Tensor("net/second/kernel", 1, 3, 3), Tensor("net/second/bias", 2, 3), Tensor("first_kernel", 3, 3, 3),
            Tensor("first_bias", 4, 3), Tensor("kernel", 5, 3, 4), Tensor("bias", 6, 4),
        ];
        var filled = WeightRecipe.Fill("w", model, tensors, WeightLayout.Keras);
        Assert.Equal(tensors[1].Values, filled.Weights["Second.bias"].Values);
        Assert.Equal(tensors[3].Values, filled.Weights["First.bias"].Values);
        Assert.Equal(tensors[5].Values, filled.Weights["Last.bias"].Values);
        Assert.Contains("Last has its weights of 'kernel' [3, 4], 'bias' [4].", filled.Notes);
    }

    public static TheoryData<string, FileTensor[]> Misfits => new()
    {
        { "several tensors may be those of First", [Tensor("a.kernel", 1, 3, 3), Tensor("a.bias", 2, 3), Tensor("b.kernel", 3, 3, 3),
            Tensor("b.bias", 4, 3)] },
        { "no tensors are those of Second, kernel [3, 3], bias [3]; none are left",
            [Tensor("first.kernel", 1, 3, 3), Tensor("first.bias", 2, 3)] },
        { "First takes kernel [3, 3], bias [3], but the tensors of its name are 'first.kernel' [3, 4]",
            [Tensor("first.kernel", 1, 3, 4), Tensor("second.kernel", 2, 3, 3), Tensor("second.bias", 3, 3)] },
        { "no layer of the class has the tensors 'more.kernel' [1]",
            [Tensor("first.kernel", 1, 3, 3), Tensor("first.bias", 2, 3), Tensor("second.kernel", 3, 3, 3), Tensor("second.bias", 4, 3),
                Tensor("more.kernel", 5, 1)] },
        { "the tensor 'first.values' does not end with what it is", [Tensor("first.values", 1, 3)] },
        { "'first.kernel' and 'first/weights' are the same part", [Tensor("first/weights", 1, 3), Tensor("first.kernel", 1, 3)] },
    };

    [Theory]
    [MemberData(nameof(Misfits))]
    public void What_does_not_fit_is_named(string message, FileTensor[] tensors)
    {
        var model = Model(("First", new DenseAttribute(3)), ("Second", new DenseAttribute(3)));
        var error = Assert.Throws<InvalidDataException>(() => WeightRecipe.Fill("w", model, tensors, WeightLayout.Keras));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tensors_are_those_of_one_layer()
    {
        var model = Model(("Dense", new DenseAttribute(3)), ("InputDense", new DenseAttribute(3)));
        FileTensor[] tensors = [Tensor("input_dense.kernel", 1, 3, 3), Tensor("input_dense.bias", 2, 3)];
        var error = Assert.Throws<InvalidDataException>(() => WeightRecipe.Fill("w", model, tensors, WeightLayout.Keras));
        Assert.Contains("no tensors are those of Dense", error.Message, StringComparison.Ordinal);
    }

    public static TheoryData<WeightLayout, LayerAttribute, string> Unknown => new()
    {
        { WeightLayout.Keras, new GruAttribute(Units) { Bidirectional = true }, "stacks or two directions" },
        { WeightLayout.TensorFlow, new GruAttribute(Units), "ResetAfter = false" },
        { WeightLayout.Rnnoise, new GruAttribute(Units), "ResetAfter = false" },
        { WeightLayout.Rnnoise, new LstmAttribute(Units), "its layers are Dense and Gru" },
        { WeightLayout.TensorFlow, new LstmAttribute(Units) { Bias = false }, "recurrent layers without a bias" },
    };

    [Theory]
    [MemberData(nameof(Unknown))]
    public void A_layer_that_the_layout_does_not_know_is_refused(WeightLayout layout, LayerAttribute options, string message)
    {
        var model = Model(("Cell", options));
        var error = Assert.Throws<InvalidDataException>(() => WeightRecipe.Fill("w", model, [], layout));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private static ModelDescription Model(params (string Name, LayerAttribute Options)[] layers)
    {
        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = Inputs } };
        foreach (var (name, options) in layers)
        {
            model.Add(name, options);
        }

        return model;
    }

    private static FileTensor Tensor(string name, int seed, params int[] shape) =>
        new(name, "F32", shape, KerasTestFile.Values(shape.Aggregate(1, (a, b) => a * b), seed));

    private static float At(FileTensor tensor, params int[] index) =>
        tensor.Values![index.Zip(tensor.Shape).Aggregate(0, (at, axis) => (at * axis.Second) + axis.First)];
}
