using RnnCodegen.Interchange.Onnx.Format;

namespace RnnCodegen.Interchange.Tests.Onnx;

/// <summary>
/// Cells as programs spell them, from 3 inputs "xt" and states "h" and "c" of 4 units to "hn" and "cn"; with the layer that each is.
/// </summary>
internal static class SpelledCells
{
    private static readonly Dictionary<string, (Func<TestGraph, TestGraph> Spell, RecurrentAttribute Layer)> s_cells = new()
    {
        ["Elman"] = (g => g.Weight("kx", 3, 4).Weight("kh", 4, 4).Weight("kb", 4)
            .Node("MatMul", "xt kx", "a").Node("MatMul", "h kh", "b").Node("Add", "a b", "s").Node("Add", "s kb", "p")
            .Node("Tanh", "p", "hn"), new ElmanAttribute(4)),
        ["TensorFlow's LSTM, of one matrix"] = (g => g.Weight("k", 7, 16).Weight("kb", 16).Constant("one", [], [1])
            .Node("Concat", "xt h", "xh", ("axis", 1)).Node("MatMul", "xh k", "m").Node("Add", "m kb", "s")
            .Node("Split", "s", "pi pg pf po", [("axis", 1), .. Outputs(g, 4)]).Node("Add", "pf one", "pf1")
            .Node("Sigmoid", "pi", "i").Node("Tanh", "pg", "g").Node("Sigmoid", "pf1", "f").Node("Sigmoid", "po", "o")
            .Node("Mul", "c f", "fc").Node("Mul", "i g", "ig").Node("Add", "fc ig", "cn")
            .Node("Tanh", "cn", "ct").Node("Mul", "ct o", "hn"), new LstmAttribute(4)),
        ["PyTorch's LSTM cell, by Gemm"] = (g => g.Weight("wi", 16, 3).Weight("wh", 16, 4).Weight("bi", 16).Weight("bh", 16)
            .Integers("a1", 1).Integers("p0", 0).Integers("p4", 4).Integers("p8", 8).Integers("p12", 12).Integers("p16", 16)
            .Node("Gemm", "xt wi bi", "gi", ("transB", 1)).Node("Gemm", "h wh bh", "gh", ("transB", 1)).Node("Add", "gi gh", "s")
            .Node("Slice", "s p0 p4 a1", "pi").Node("Slice", "s p4 p8 a1", "pf").Node("Slice", "s p8 p12 a1", "pg")
            .Node("Slice", "s p12 p16 a1", "po").Node("Sigmoid", "pi", "i").Node("Sigmoid", "pf", "f").Node("Relu", "pg", "g")
            .Node("Sigmoid", "po", "o").Node("Mul", "f c", "fc").Node("Mul", "i g", "ig").Node("Add", "fc ig", "cn")
            .Node("Tanh", "cn", "ct").Node("Mul", "o ct", "hn"),
            new LstmAttribute(4) { Activation = Activation.Relu, CellActivation = Activation.Tanh }),
        ["an LSTM whose forget gate is what the input gate leaves"] = (g => g
            .Weight("kx", 3, 12).Weight("kh", 4, 12).Constant("one", [], [1])
            .Node("MatMul", "xt kx", "a").Node("MatMul", "h kh", "b").Node("Add", "a b", "s")
            .Node("Split", "s", "pi pg po", [("axis", 1), .. Outputs(g, 3)])
            .Node("Sigmoid", "pi", "i").Node("Tanh", "pg", "g").Node("Sigmoid", "po", "o").Node("Sub", "one i", "f")
            .Node("Mul", "f c", "fc")
            .Node("Mul", "i g", "ig").Node("Add", "fc ig", "cn").Node("Tanh", "cn", "ct").Node("Mul", "o ct", "hn"),
            new LstmAttribute(4) { CoupledInputForget = true }),
        ["PyTorch's GRU cell"] = (g => g.Weight("kx", 3, 12).Weight("kh", 4, 12).Weight("bx", 12).Weight("bh", 12).Constant("one", [], [1])
            .Node("MatMul", "xt kx", "a").Node("Add", "a bx", "a1").Node("MatMul", "h kh", "b").Node("Add", "b bh", "b1")
            .Node("Split", "a1", "xr xz xn", [("axis", 1), .. Outputs(g, 3)])
            .Node("Split", "b1", "hr hz hm", [("axis", 1), .. Outputs(g, 3)])
            .Node("Add", "xr hr", "pr").Node("Sigmoid", "pr", "r").Node("Add", "xz hz", "pz").Node("Sigmoid", "pz", "z")
            .Node("Mul", "r hm", "rh").Node("Add", "xn rh", "pn").Node("Tanh", "pn", "n").Node("Sub", "one z", "z1")
            .Node("Mul", "z1 n", "zn").Node("Mul", "z h", "zh").Node("Add", "zn zh", "hn"), new GruAttribute(4)),
        ["a GRU of hard sigmoids that resets before the product"] = (g => g.Weight("kx", 3, 12).Weight("kb", 12).Weight("kzr", 4, 8)
            .Weight("kn", 4, 4).Constant("fifth", [], [0.2f]).Constant("half", [], [0.5f]).Constant("zero", [], [0])
            .Constant("one", [], [1])
            .Node("MatMul", "xt kx", "a").Node("Add", "a kb", "a1").Node("Split", "a1", "xz xr xn", [("axis", 1), .. Outputs(g, 3)])
            .Node("MatMul", "h kzr", "b").Node("Split", "b", "hz hr", [("axis", 1), .. Outputs(g, 2)])
            .Node("Add", "xz hz", "pz").Node("Mul", "pz fifth", "mz").Node("Add", "mz half", "sz").Node("Clip", "sz zero one", "z")
            .Node("Add", "xr hr", "pr").Node("Mul", "fifth pr", "mr").Node("Add", "half mr", "sr").Node("Max", "sr zero", "ur")
            .Node("Min", "ur one", "r").Node("Mul", "r h", "q").Node("MatMul", "q kn", "qn").Node("Add", "xn qn", "n")
            .Node("Mul", "z h", "zh").Node("Sub", "one z", "z1").Node("Mul", "z1 n", "zn").Node("Add", "zh zn", "hn"),
            new GruAttribute(4)
            {
                ResetAfter = false, GateActivation = Activation.HardSigmoidKeras2, Activation = Activation.Linear,
            }),
        ["a GRU whose update gate weighs the candidate"] = (g => g.Weight("k", 7, 8).Weight("kb", 8).Weight("kn", 7, 4).Weight("bn", 4)
            .Node("Concat", "xt h", "xh", ("axis", 1)).Node("MatMul", "xh k", "m").Node("Add", "m kb", "s").Node("Sigmoid", "s", "g")
            .Node("Split", "g", "r z", [("axis", 1), .. Outputs(g, 2)]).Node("Mul", "h r", "rh").Node("Concat", "xt rh", "xrh", ("axis", 1))
            .Node("MatMul", "xrh kn", "mn").Node("Add", "mn bn", "pn").Node("Tanh", "pn", "n").Node("Sub", "n h", "nh")
            .Node("Mul", "z nh", "znh").Node("Add", "h znh", "hn"), new GruAttribute(4) { ResetAfter = false }),
        ["minGRU"] = (g => g.Weight("kz", 3, 4).Weight("kn", 3, 4).Constant("one", [], [1])
            .Node("MatMul", "xt kz", "pz").Node("Sigmoid", "pz", "z").Node("MatMul", "xt kn", "n").Node("Sub", "one z", "z1")
            .Node("Mul", "z1 h", "zh").Node("Mul", "z n", "zn").Node("Add", "zh zn", "hn"), new MinGruAttribute(4)),
        ["minLSTM"] = (g => g.Weight("kf", 3, 4).Weight("ki", 3, 4).Weight("kg", 3, 4)
            .Node("MatMul", "xt kf", "pf").Node("Sigmoid", "pf", "f").Node("MatMul", "xt ki", "pi").Node("Sigmoid", "pi", "i")
            .Node("MatMul", "xt kg", "g").Node("Add", "f i", "fi").Node("Div", "f fi", "f1").Node("Div", "i fi", "i1")
            .Node("Mul", "f1 h", "fh").Node("Mul", "i1 g", "ig").Node("Add", "fh ig", "hn"), new MinLstmAttribute(4)),
    };

    public static IReadOnlyCollection<string> Names => s_cells.Keys;

    public static bool HasCell(string name) => s_cells[name].Layer is LstmAttribute;

    public static RecurrentAttribute Layer(string name) => s_cells[name].Layer;

    /// <summary>Adds the nodes of a cell, and its weights to the graph around.</summary>
    public static TestGraph AddTo(TestGraph graph, string name) => s_cells[name].Spell(graph);

    // How many outputs there are has to be said from operator set 18 on.
    private static (string, object)[] Outputs(TestGraph graph, int count) => graph.Opset >= 18 ? [("num_outputs", count)] : [];
}
