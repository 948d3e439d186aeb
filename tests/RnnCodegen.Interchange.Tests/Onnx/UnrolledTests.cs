using RnnCodegen.Interchange.Onnx;
using RnnCodegen.Interchange.Onnx.Format;
using Xunit;

namespace RnnCodegen.Interchange.Tests.Onnx;

/// <summary>Cells that are spelled out for each step of a sequence of fixed length.</summary>
public class UnrolledTests
{
    private const double Tolerance = 1e-5;
    private const int Steps = 4;

    public static TheoryData<string, bool> Cells()
    {
        var rows = new TheoryData<string, bool>();
        foreach (var name in SpelledCells.Names)
        {
            rows.Add(name, true);
            rows.Add(name, false);
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_cell_that_is_written_down_for_each_step(string name, bool isFinal)
    {
        var graph = Unrolled(name, isFinal);
        var model = graph.Read();
        var expected = SpelledCells.Layer(name);
        expected.ReturnSequences = !isFinal;
        try
        {
            Assert.Equal([Same.Text(expected), Same.Text(new DenseAttribute(2) { Bias = false })],
                model.Layers.Select(l => Same.Text(l.Options)));
        }
        finally
        {
            expected.ReturnSequences = true;
        }

        var input = OnnxRuntimeModel.Input(model, Steps, 3);
        Assert.InRange(OnnxRuntimeModel.Difference(DescriptionReference.Run(model, input),
            OnnxRuntimeModel.Run(graph.ToBytes(), model.Signature!, input)), 0, Tolerance);
    }

    [Fact]
    public void A_step_with_weights_of_its_own_is_refused()
    {
        var graph = Unrolled("Elman", isFinal: true);
        graph.Weight("other", 3, 4);
        var last = graph.Proto.Nodes.FindLast(n => n.Inputs.Contains("kx"))!;
        last.Inputs[last.Inputs.IndexOf("kx")] = "other";
        Assert.Throws<InvalidDataException>(() => graph.Read());
    }

    private static TestGraph Unrolled(string name, bool isFinal)
    {
        var graph = new TestGraph().Input("x", 0, Steps, 3).Integers("batchAt", 0).Integers("batchEnd", 1).Integers("unitCount", 4)
            .Weight("last", 4, 2).Integers("a1", 1).Node("Shape", "x", "xShape").Node("Slice", "xShape batchAt batchEnd", "batches")
            .Node("Concat", "batches unitCount", "h0Shape", ("axis", 0)).Node("ConstantOfShape", "h0Shape", "zeros");
        var body = SpelledCells.AddTo(new TestGraph(), name).Proto;
        var made = body.Nodes.SelectMany(n => n.Outputs).ToHashSet();
        graph.Proto.Initializers.AddRange(body.Initializers.Where(i => graph.Proto.Initializers.TrueForAll(own => own.Name != i.Name)));
        for (var t = 0; t < Steps; t++)
        {
            graph.Integer($"at{t}", t).Node("Gather", $"x at{t}", $"xt_{t}", ("axis", 1));
            foreach (var node in body.Nodes)
            {
                var copy = new NodeProto { Op = node.Op };
                copy.Inputs.AddRange(node.Inputs.Select(i => i is "h" or "c" ? t == 0 ? "zeros" : $"{i}n_{t - 1}"
                    : made.Contains(i) || i == "xt" ? $"{i}_{t}" : i));
                copy.Outputs.AddRange(node.Outputs.Select(o => $"{o}_{t}"));
                copy.Attributes.AddRange(node.Attributes);
                graph.Proto.Nodes.Add(copy);
            }
        }

        if (isFinal)
        {
            return graph.Node("/last/MatMul", $"hn_{Steps - 1} last", "y").Output("y", 0, 2);
        }

        foreach (var t in Enumerable.Range(0, Steps))
        {
            graph.Node("Unsqueeze", $"hn_{t} a1", $"row_{t}");
        }

        return graph.Node("Concat", string.Join(' ', Enumerable.Range(0, Steps).Select(t => $"row_{t}")), "rows", ("axis", 1))
            .Node("/last/MatMul", "rows last", "y").Output("y", 0, Steps, 2);
    }
}
