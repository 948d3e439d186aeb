using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Lowering;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Planning;

/// <summary>A product as part of a layer: where its weights' gradient goes, and how it runs backwards.</summary>
/// <param name="Part">Which of its layer's products it is.</param>
/// <param name="Forward">out = start + in W^T.</param>
/// <param name="StartOffset">First float, in the packed weights, of the row that sums start from: biases or zeros.</param>
/// <param name="Backward">d(in) = d(out) W.</param>
/// <param name="Outer">dW += d(out)^T in.</param>
/// <param name="Weight">The tensor.</param>
/// <param name="Rows">Which tensor row each column of out is.</param>
/// <param name="Biases">Bias tensors and which of their rows each column of d(out), summed over rows, is.</param>
/// <param name="WeightGradient">The pointer to the gradient of its weights.</param>
/// <param name="BiasGradient">The pointer to the gradient of its biases.</param>
internal sealed record LayerProduct(
    string Part, ProductPlan Forward, int StartOffset, ProductPlan Backward, OuterPlan Outer, Parameter Weight, GateMap Rows,
    IReadOnlyList<(Parameter Bias, GateMap Map)> Biases, string WeightGradient, string BiasGradient)
{
    /// <summary>Columns of out that hold gates; panels may be wider.</summary>
    public int Columns => Rows.Columns;
}

/// <summary>
/// All weights of a model as the products of training read them, float32,
/// or those of inference, where each layer keeps its weights as it says.
/// </summary>
internal sealed class PackedWeights
{
    private readonly Dictionary<Weights, LayerProduct> _products = [];
    private readonly Dictionary<Lowering.Buffer, int> _vectors = [];
    private readonly ParameterTable _parameters;
    private readonly KernelNames _names;
    private readonly Machine _target;
    private readonly string _suffix;

    /// <param name="program">The model.</param>
    /// <param name="parameters">Its tensors.</param>
    /// <param name="names">Names of what is generated.</param>
    /// <param name="target">The machine.</param>
    /// <param name="isInference">Whether weights have their layers' formats.</param>
    public PackedWeights(ModelProgram program, ParameterTable parameters, KernelNames names, Machine target, bool isInference)
    {
        (_parameters, _names, _target) = (parameters, names, target);

        // Inference has weights of its own where some are rounded.
        _suffix = isInference ? "Rounded" : "";
        var zeros = WidestProduct(program, target);
        ZeroOffset = Forward.Take(zeros);
        Backward.Take(zeros);
        foreach (var node in program.Graph.Nodes)
        {
            foreach (var weights in program.Weights.Where(w => w.Node == node))
            {
                _products.Add(weights, Plan(weights, isInference ? weights.Format : WeightFormatKind.Float32));
            }

            foreach (var vector in program.Vectors.Where(v => v.Node == node && v.IsOfCell))
            {
                var map = MapOf(vector, target);
                var offset = Forward.Take(map.Columns, names.Offset(node, $"{vector.Gradient.Part}{_suffix}"));
                Forward.Items.Add(new PackVector(parameters[(string)vector.Tensor.Owner], map, offset, false));
                _vectors.Add(vector.Tensor, offset);
            }
        }

        Products = [.. program.Weights.Select(w => _products[w])];
    }

    /// <summary>What forward products read. Its first floats are zeros, for sums that start from nothing.</summary>
    public Packing Forward { get; } = new();

    /// <summary>What backward products read; starts with zeros too.</summary>
    public Packing Backward { get; } = new();

    public int ZeroOffset { get; }

    /// <summary>The products, layer by layer.</summary>
    public IReadOnlyList<LayerProduct> Products { get; }

    public LayerProduct this[Weights weights] => _products[weights];

    /// <summary>Where a vector that a cell reads stands among the packed weights.</summary>
    public int OffsetOf(Lowering.Buffer tensor) => _vectors[tensor];

    /// <summary>Where the values of a cell's vectors stand, as packed.</summary>
    public static GateMap MapOf(TrainedVector vector, Machine target)
    {
        var (shape, blocks) = (vector.Tensor.Shape, Blocks.Of(vector.Tensor.Shape.Size, target));
        return GateMap.Of(Enumerable.Range(0, shape.Parts), blocks, shape.Size, shape.Parts * blocks.Padded);
    }

    /// <summary>Plans out[rows, gates x units] = biases + in W^T, its transpose and its weight gradient, and packs the tensors.</summary>
    private LayerProduct Plan(Weights w, WeightFormatKind format)
    {
        var blocks = Blocks.Of(w.Units, _target);
        var columns = w.Blocks.Count * blocks.Padded;
        var (k, part, own, weight) = (w.Inputs, w.Part, _names.For(w.Node), _parameters[w.Tensor]);
        var (inputStride, outputStride) = (Machine.Stride(k), _target.Stride(w.Shape));
        var gates = format == WeightFormatKind.Float32 ? w.Blocks.Count : 1;
        var forward = ProductPlan.Create(part, k, columns, gates, inputStride, outputStride, Forward.Length, _target).As(format, _target);
        forward = Named(forward, forward.Format == WeightFormatKind.Float32 ? part : $"{part}{forward.Format}");
        Forward.Take(forward.PackedLength, _names.Offset(w.Node, $"{part}Weights{_suffix}"));
        Forward.Items.Add(new PackRows(weight, GateMap.Of(w.Blocks, blocks, w.Units, forward.Columns), forward));

        var start = ZeroOffset;
        for (var i = 0; i < w.Biases.Count; i++)
        {
            start = i == 0 ? Forward.Take(forward.Columns, _names.Offset(w.Node, $"{part}Start{_suffix}")) : start;
            Forward.Items.Add(new PackVector(_parameters[w.Biases[i].Tensor],
                GateMap.Of(w.Biases[i].Blocks, blocks, w.Units, forward.Columns), start, i > 0));
        }

        var rows = GateMap.Of(w.Blocks, blocks, w.Units, columns);
        var backward = Named(
            ProductPlan.Create(part, columns, k, 1, outputStride, inputStride, Backward.Length, _target), $"{part}Backward");
        Backward.Take(backward.PackedLength, _names.Offset(w.Node, $"{part}WeightsBack{_suffix}"));
        Backward.Items.Add(new PackColumns(weight, rows, backward));

        var outer = OuterPlan.Create(own[$"{part}Outer"], columns, k, outputStride, inputStride, _target);
        return new LayerProduct(
            part, forward, start, backward, outer, weight, rows,
            [.. w.Biases.Select(b => (_parameters[b.Tensor], GateMap.Of(b.Blocks, blocks, w.Units, columns)))],
            own.Field($"{part}WeightGradient"), own.Field($"{part}BiasGradient"));

        ProductPlan Named(ProductPlan product, string name) => product with { Name = own[name], RowName = own[$"{name}Row"] };
    }

    private static int WidestProduct(ModelProgram program, Machine target) => Machine.Stride(program.Graph.Values.Select(v => v.Width)
        .Concat(program.Weights.Where(w => w.Node is Graph.RecurrentNode && w.Part == "Input")
            .SelectMany(w => new[] { w.Blocks.Count * Blocks.Of(w.Units, target).Padded, w.Inputs }))

        // What windows inside rows see may be more than any row has.
        .Concat(program.Weights.Where(w => w.Node is Graph.DenseNode).Select(w => w.Inputs)).Max());
}
