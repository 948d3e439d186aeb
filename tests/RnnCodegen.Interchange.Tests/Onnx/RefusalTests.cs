using RnnCodegen.Interchange.Onnx;
using RnnCodegen.Interchange.Onnx.Format;
using Xunit;

namespace RnnCodegen.Interchange.Tests.Onnx;

/// <summary>What no layer does is refused, with the node, the attribute and the cause.</summary>
public class RefusalTests
{
    private static readonly Dictionary<string, (Func<TestGraph> Graph, string Message)> s_cases = new()
    {
        ["an unknown operator"] = (() => Rows().Node("/m/Einsum", "x", "y"), "node '/m/Einsum' (Einsum): this operator has no counterpart"),
        ["a branch without branches"] = (() => Rows().Node("/m/If", "x", "y"), "'/m/If' (If): it lacks its then_branch"),
        ["a loop without a body"] = (() => Rows().Node("/m/Loop", "x", "y"), "'/m/Loop' (Loop): it lacks its body"),
        ["a scan without a body"] = (() => Rows().Node("/m/Scan", "x", "y"), "'/m/Scan' (Scan): it lacks its body"),
        ["an unknown attribute"] = (() => Rows().Node("/m/Relu", "x", "y", ("slope", 0.1f)),
            "'/m/Relu' (Relu): attribute slope has no counterpart"),
        ["an attribute of another kind"] = (() => Rows().Node("/m/LeakyRelu", "x", "y", ("alpha", 1)),
            "attribute alpha is a Integer where a Float is meant"),
        ["a direction"] = (() => Lstm(("direction", "sideways")), "attribute direction is sideways"),
        ["a layout"] = (() => Lstm(("layout", 2)), "attribute layout is 2"),
        ["a wrong hidden size"] = (() => Lstm(("hidden_size", 5)), "its R is [1, 16, 4] where 1 direction(s) of hidden_size 5"),
        ["a negative clip"] = (() => Lstm(("clip", -1f)), "attribute clip is -1"),
        ["too few functions"] = (() => Lstm(("activations", new[] { "Sigmoid", "Tanh" })),
            "attribute activations names 2 functions; 1 direction of LSTM take 3"),
        ["a function without counterpart"] = (() => Lstm(("activations", new[] { "Sigmoid", "Softsign", "Tanh" })),
            "attribute activations: Softsign has no counterpart"),
        ["another hard sigmoid"] = (() => Lstm(("activations", new[] { "HardSigmoid", "Tanh", "Tanh" }),
            ("activation_alpha", new[] { 0.25f })), "HardSigmoid with alpha 0.25 and beta 0.5"),
        ["a linear function without values"] = (() => Lstm(("activations", new[] { "Sigmoid", "Affine", "Tanh" })),
            "Affine with alpha NaN and beta NaN"),
        ["alphas for every function"] = (
            () => Lstm(("activations", new[] { "Sigmoid", "LeakyRelu", "Tanh" }), ("activation_alpha", new[] { 0, 0.1f, 0 })),
            "the alpha of LeakyRelu is 0; a layer's is positive"),
        ["more alphas than functions take"] = (
            () => Lstm(("activations", new[] { "Sigmoid", "LeakyRelu", "Tanh" }), ("activation_alpha", new[] { 0.1f, 0.1f, 0.1f })),
            "activation_alpha has 3 values, of which its functions take 1"),
        ["alphas that differ"] = (
            () => Lstm(("activations", new[] { "Sigmoid", "Elu", "LeakyRelu" }), ("activation_alpha", new[] { 0.5f, 0.25f })),
            "Elu of the candidate and LeakyRelu of the cell have alphas that differ"),
        ["the cell's final state"] = (
            () => new TestGraph().Input("x", 0, 0, 3).Output("y", 1, 0, 4).Weight("W", 1, 16, 3).Weight("R", 1, 16, 4)
                .Node("LSTM", "x W R", "a h c").Node("/m/Relu", "c", "y"),
            "'/m/Relu' (Relu): it takes the final cell state, Y_c, for rows"),
        ["lengths that are constants"] = (
            () => Rows().Weight("W", 1, 16, 3).Weight("R", 1, 16, 4).Constant("n", [2], OnnxDataType.Int32, [1, 0, 0, 0, 2, 0, 0, 0])
                .Node("/m/LSTM", "x W R - n", "y"),
            "its sequence_lens, 'n', are constants other than the input's fixed length"),
        ["lengths that are computed"] = (
            () => Rows().Weight("W", 1, 16, 3).Weight("R", 1, 16, 4).Integers("i0", 1).Integers("i1", 2).Node("Shape", "x", "s")
                .Node("Slice", "s i0 i1", "n").Node("/m/LSTM", "x W R - n", "y"),
            "its sequence_lens, 'n', are computed by the graph"),
        ["a state that depends on rows"] = (
            () => Gru(1).Node("Identity", "h", "h1").Weight("W2", 1, 12, 3).Weight("R2", 1, 12, 4).Output("z", 0, 0, 0, 0).Node("/dec/GRU",
                "x W2 R2 - - h1", "z"),
            "'/dec/GRU' (GRU): its initial_h, 'h1', is computed from rows or another layer's state"),
        ["a state that differs between samples"] = (
            () => Rows().Weight("W", 1, 12, 3).Weight("R", 1, 12, 4).Weight("h0", 1, 2, 4).Node("/m/GRU", "x W R - - h0", "y"),
            "initial_h is a constant that differs between samples"),
        ["one learned state"] = (
            () => Rows().Input("h0", 1, 0, 4).Weight("W", 1, 16, 3).Weight("R", 1, 16, 4).Weight("c0", 1, 1, 4).Node("/m/LSTM",
                "x W R - - h0 c0", "y"),
            "one of initial_h and initial_c is an input and the other a constant"),
        ["weights that are inputs"] = (
            () => Rows().Input("W", 1, 12, 3).Weight("R", 1, 12, 4).Node("/m/GRU", "x W R", "y"),
            "its input weights W, input 'W', is not a constant of the file; it is an input of the graph: give its value in " +
            "OnnxImportOptions.Constants"),
        ["weights that are not finite"] = (
            () => Rows().Constant("m", [3, 1], [1, float.NaN, 2]).Node("/m/MatMul", "x m", "y"),
            "value 1 of its matrix, 'm', is NaN; weights must be finite"),
        ["a constant for each step, as many as features"] = (
            () => new TestGraph().Input("x", 3, 5, 3).Output("y", 3, 5, 3).Weight("m", 3, 3).Weight("c", 3, 1, 1).Node("MatMul", "x m", "d")
                .Node("/m/Add", "d c", "y"),
            "'/m/Add' (Add): it needs 3 features in axis 0 of its input, where there are values of unknown meaning, 3 of them"),
        ["steps and samples that change places"] = (
            () => new TestGraph().Input("x", 0, 0, 3).Output("y", 0, 0, 3).Weight("W", 1, 12, 3).Weight("R", 1, 12, 4).Integers("one", 1)
                .Node("GRU", "x W R", "a").Node("Squeeze", "a one", "b")
                .Node("Transpose", "b", "c", ("perm", new long[] { 1, 0, 2 })).Weight("V", 1, 12, 4).Node("/m/GRU", "c V R", "y"),
            "'/m/GRU' (GRU): it takes axis 0 of its input for steps, where there are samples"),
        ["a variance below zero"] = (
            () => Flat().Constant("m", [3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]).Constant("v", [3], [1, -1, 1]).Weight("s", 3)
                .Node("MatMul", "x m", "d").Node("/m/BatchNormalization", "d s s s v", "y"),
            "'/m/BatchNormalization' (BatchNormalization): its variance -1 of feature 1, with the epsilon 1E-05, gives no number " +
            "to divide by"),
        ["weights that become infinite"] = (
            () => Flat().Constant("m", [3, 1], [1e30f, 1, 2]).Constant("c", [1], [1e30f]).Node("/m/MatMul", "x m", "d").Node("/m/Mul",
                "d c", "y"),
            "value 0 of M.weight comes out as"),
        ["pads beside auto_pad"] = (
            () => new TestGraph().Input("x", 0, 3, 0).Output("y", 0, 2, 0).Weight("k", 2, 3, 3).Node("/m/Conv", "x k", "y",
                ("auto_pad", "VALID"), ("pads", new long[] { 1, 1 })),
            "attribute auto_pad is VALID, beside pads of its own"),
        ["rows that a sum repeats along samples"] = (
            () => new TestGraph { Opset = 12 }.Input("x", 0, 0, 3).Output("y", 0, 0, 4).Weight("W", 1, 16, 3).Weight("R", 1, 16, 4)
                .Node("LSTM", "x W R", "a h")
                .Node("Squeeze", "h", "s", ("axes", new long[] { 0 })).Node("Unsqueeze", "s", "u", ("axes", new long[] { 1 }))
                .Node("/m/Add", "h u", "y"),
            "'/m/Add' (Add): its inputs do not have the same steps and samples in the same axes"),
        ["a bias of another size"] = (
            () => Rows().Weight("W", 1, 12, 3).Weight("R", 1, 12, 4).Weight("B", 1, 12).Node("/m/GRU", "x W R B", "y"),
            "its biases B are [1, 12] where [1, 24]"),
        ["features that do not fit"] = (
            () => Rows().Weight("m", 4, 2).Node("/m/MatMul", "x m", "y"),
            "'/m/MatMul' (MatMul): it needs 4 features in axis 2 of its input, where there are features, 3 of them"),
        ["attention spelt out"] = (() => Rows().Node("Transpose", "x", "t", ("perm", new long[] { 0, 2, 1 })).Node("/m/MatMul", "x t", "y"),
            "it multiplies rows by rows"),
        ["a softmax inside"] = (() => Rows().Node("/a/Softmax", "x", "s").Weight("m", 3, 2).Node("MatMul", "s m", "y"),
            "Softmax 'a' of features is not at the output"),
        ["an old softmax over two axes"] = (() => Rows(opset: 12).Node("/a/Softmax", "x", "y"),
            "attribute axis is 1: up to operator set 12"),
        ["groups"] = (() => Image().Weight("k", 2, 1, 3).Node("/c/Conv", "x k", "y", ("group", 2)), "attribute group is 2"),
        ["same padding with a stride"] = (
            () => Image().Weight("k", 3, 2, 3).Node("/c/Conv", "x k", "y", ("auto_pad", "SAME_UPPER"), ("strides", new long[] { 2 })),
            "attribute auto_pad: with a stride"),
        ["padding with something else than zeros"] = (
            () => Image().Integers("p", 0, 0, 1, 0, 0, 1).Weight("k", 3, 2, 3).Node("/p/Pad", "x p", "q", ("mode", "edge")).Node("Conv",
                "q k", "y"), "'/p/Pad' (Pad): attribute mode is edge"),
        ["padding that no convolution reads"] = (() => Image().Integers("p", 0, 0, 1, 0, 0, 1).Node("Pad", "x p", "q").Node("/r/Relu", "q",
            "y"), "to which a Pad adds steps; only a convolution can read those"),
        ["a padded pooling"] = (
            () => Image().Node("/p/AveragePool", "x", "y", ("kernel_shape", new long[] { 3 }), ("pads", new long[] { 1, 1 })),
            "a pooling layer's windows are whole, without padding"),
        ["a rounded-up pooling"] = (() => Image().Node("/p/MaxPool", "x", "y", ("kernel_shape", new long[] { 3 }), ("ceil_mode", 1)),
            "attribute ceil_mode is 1"),
        ["a sum over time"] = (() => Gru(1).Output("z", 0, 4).Integers("a", 0).Node("/s/ReduceSum", "y a", "z"),
            "'/s/ReduceSum' (ReduceSum): it sums"),
        ["a norm over two axes"] = (() => Rows().Weight("w", 3).Node("/n/LayerNormalization", "x w", "y", ("axis", 1)),
            "attribute axis is 1; a layer normalises the features alone"),
        ["training"] = (() => Image().Weight("w", 2).Node("/n/BatchNormalization", "x w w w w", "y", ("training_mode", 1)),
            "attribute training_mode is 1"),
        ["the first step of a forward layer"] = (
            () => Gru(1).Integers("a", 1).Node("Squeeze", "y a", "r").Integer("i", 0).Output("z", 0, 4).Node("/g/Gather", "r i", "z"),
            "it takes the first step of a forward layer, which is not its final state"),
        ["the last step of both directions"] = (
            () => Gru(2, ("direction", "bidirectional")).Node("Transpose", "y", "t", ("perm", new long[] { 0, 2, 1, 3 }))
                .Integers("j", 0, 0, -1).Node("Reshape", "t j", "r")
                .Integer("i", -1).Output("z", 0, 8).Node("/g/Gather", "r i", "z"),
            "it takes the last step of a bidirectional layer"),
        ["a step in the middle"] = (
            () => Gru(1).Integers("a", 1).Node("Squeeze", "y a", "r").Integer("i", 3).Output("z", 0, 4).Node("/g/Gather", "r i", "z"),
            "it takes a part of axis 0 (steps), which no layer does"),
        ["some of the features"] = (() => Rows().Integers("a", 2).Integers("b", 0).Node("/s/Slice", "x b a a", "y"),
            "it takes a part of axis 2"),
        ["steps and features mixed"] = (
            () => Gru(1).Integers("shape", -1, 16).Output("z", 0, 16).Node("/r/Reshape", "y shape", "z"), "'/r/Reshape' (Reshape):"),
        ["features of all steps in one row"] = (
            () => new TestGraph().Input("x", 2, 5, 3).Output("y", 2, 4).Node("/f/Flatten", "x", "z").Weight("m", 15, 4).Node("/d/MatMul",
                "z m", "y"), "'/d/MatMul' (MatMul): it needs 15 features"),
        ["two inputs of rows"] = (() => Rows().Input("x2", 0, 0, 3).Node("/a/Add", "x x2", "y"),
            "layers read both 'x' and 'x2'; a model has one input of rows"),
        ["rows repeated along time"] = (
            () => Gru(1).Integers("a", 0).Node("Squeeze", "h a", "f").Node("/a/Add", "f x", "z").Output("z", 0, 0, 4),
            "do not have the same steps and samples in the same axes"),
        ["division of rows"] = (() => Rows().Node("/d/Div", "x x", "y"), "'/d/Div' (Div): it needs rows that are combined by Divide"),
        ["division by rows"] = (() => Rows().Constant("one", [], [1]).Node("/d/Div", "one x", "y"), "it needs Reciprocal of rows"),
        ["bounds"] = (() => Rows().Constant("a", [], [0]).Constant("b", [], [6]).Node("/c/Clip", "x a b", "y"),
            "it needs Clip of rows, which no layer computes"),
        ["a constant that differs between steps"] = (() => Rows().Weight("w", 5, 1, 3).Node("/a/Add", "x w", "y"),
            "its constant [5, 1, 3] differs along more than the features"),
        ["a negative slope's alpha"] = (() => Rows().Node("/l/LeakyRelu", "x", "y", ("alpha", -0.5f)), "the alpha of LeakyRelu is -0.5"),
        ["another hard sigmoid node"] = (() => Rows().Node("/h/HardSigmoid", "x", "y", ("alpha", 0.5f)),
            "attributes alpha 0.5 and beta 0.5"),
        ["tokens as numbers"] = (() => new TestGraph().Input("ids", OnnxDataType.Int64, 0, 0).Output("y", 0, 0).Node("/r/Relu", "ids", "y"),
            "it reads the integers of 'ids', which only a Gather from a table can"),
        ["two tables"] = (
            () => new TestGraph().Input("ids", OnnxDataType.Int64, 0, 0).Output("y", 0, 0, 3).Weight("a", 5, 3).Weight("b", 5, 3)
                .Node("Gather", "a ids", "p").Node("Gather", "b ids", "q").Node("Add", "p q", "y"),
            "it has 2 tables for 'ids'"),
        ["an input without a fixed width"] = (
            () => new TestGraph().Input("x", 0, 0, 0).Output("y", 0, 0, 0).Node("/r/Relu", "x", "y"),
            "the size of the features of 'x' is not fixed"),
        ["an input of texts"] = (() => new TestGraph().Input("x", OnnxDataType.Text, 0, 0, 3).Output("y", 0, 0, 3).Node("Relu", "x",
            "y"), "input 'x' is Text; rows are reals, token ids integers"),
        ["no layer at all"] = (() => Rows().Node("Identity", "x", "y"), "none of its outputs is made by layers"),
        ["two outputs of rows"] = (() => Rows().Output("z", 0, 0, 3).Node("Relu", "x", "y").Node("Tanh", "x", "z"),
            "several of its outputs are rows: 'y', 'z'; name one in OnnxImportOptions.Output"),
        ["an output beside one that is refused"] = (
            () => Rows().Output("z", 0, 0, 3).Node("Relu", "x", "y").Node("/e/Erf", "x", "z"),
            "output 'z': node '/e/Erf' (Erf): it needs Erf of rows, which no layer computes; recognised are the functions and " +
            "normalisations that layers have, however they are spelt (another output can be named"),
        ["an old operator set"] = (() => Rows(opset: 6).Node("Relu", "x", "y"), "it uses version 6 of ONNX's operators; 7 to 25 are read"),
        ["a new operator set"] = (() => Rows(opset: 26).Node("Relu", "x", "y"), "it uses version 26 of ONNX's operators"),
        ["a missing value"] = (() => Rows().Node("/r/Relu", "nothing", "y"),
            "node '/r/Relu' (Relu) reads 'nothing', which no input, initializer or earlier node makes"),
        ["a circle"] = (() => Rows().Node("/a/Add", "x b", "a").Node("/b/Relu", "a", "b").Node("Relu", "b", "y"),
            "node '/a/Add' (Add) reads 'b', which no input, initializer or earlier node makes: the graph is incomplete, out of order or " +
            "goes in a circle"),
        ["a value made twice"] = (() => Rows().Node("Relu", "x", "y").Node("/t/Tanh", "x", "y"),
            "node '/t/Tanh' (Tanh) makes 'y', which is there already"),
        ["a constant made twice"] = (() => Rows().Weight("w", 3).Weight("w", 3).Node("Relu", "x", "y"), "'w' is made twice"),
        ["an output that nothing makes"] = (() => Rows(), "its output 'y' is made by no node"),
        ["an attribute that occurs twice"] = (() => Rows().Node("/l/LeakyRelu", "x", "y", ("alpha", 0.5f), ("alpha", 0.25f)),
            "attribute alpha occurs twice"),
        ["a constant that grows without end"] = (
            () => Rows().Integers("s", 1 << 20, 1 << 10).Node("/c/ConstantOfShape", "s", "c").Node("Add", "x c", "y"),
            "many times as large as those in the file"),
    };

    public static TheoryData<string> Names() => [.. s_cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Is_refused(string name)
    {
        var (graph, message) = s_cases[name];
        var error = Assert.Throws<InvalidDataException>(() => graph().Read());
        Assert.True(error.Message.Contains(message, StringComparison.Ordinal), error.Message);
        Assert.StartsWith("'test.onnx': ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Operators_of_another_domain_are_refused()
    {
        var graph = Rows().Node("/f/FusedMatMul", "x", "y");
        graph.Proto.Nodes[0].Domain = "com.microsoft";
        Assert.Contains("node '/f/FusedMatMul' (FusedMatMul) is of the operators of 'com.microsoft', not of ONNX's own: ONNX Runtime's " +
            "optimisations make such; give the file that it was made of",
            Assert.Throws<InvalidDataException>(() => graph.Read()).Message);
    }

    [Fact]
    public void An_output_can_be_named()
    {
        var graph = Rows().Output("z", 0, 0, 3).Node("Relu", "x", "y").Node("Tanh", "x", "z");
        var model = graph.Read(new OnnxImportOptions { Output = "z" });
        Assert.Equal(Activation.Tanh, ((ActivationAttribute)Assert.Single(model.Layers).Options).Activation);
        Assert.Contains("it has no output 'w', but 'y', 'z'",
            Assert.Throws<InvalidDataException>(() => graph.Read(new OnnxImportOptions { Output = "w" })).Message);
    }

    private static TestGraph Rows(int opset = 17) => new TestGraph { Opset = opset }.Input("x", 0, 0, 3).Output("y", 0, 0, 0);

    private static TestGraph Flat() => new TestGraph().Input("x", 0, 3).Output("y", 0, 3);

    private static TestGraph Image() => new TestGraph().Input("x", 0, 2, 0).Output("y", 0, 0, 0);

    private static TestGraph Lstm(params (string, object)[] attributes) =>
        Rows().Weight("W", 1, 16, 3).Weight("R", 1, 16, 4).Node("/m/LSTM", "x W R", "y h c", attributes);

    private static TestGraph Gru(int directions, params (string, object)[] attributes) =>
        Rows().Weight("W", directions, 12, 3).Weight("R", directions, 12, 4).Node("/m/GRU", "x W R", "y h", attributes);
}
