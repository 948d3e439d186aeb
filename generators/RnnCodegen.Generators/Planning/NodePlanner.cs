using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Planning;

/// <summary>Plans the layers that multiply matrices: for training, which is all float32, or for inference, where each keeps its weights as it says.</summary>
internal sealed class NodePlanner(
    ParameterTable parameters, KernelNames names, SimdTarget target, Packing packed, Packing packedBackward, int zeroOffset, bool isInference = false)
{
    public NodePlan Plan(Node node) => node switch
    {
        RecurrentNode r => Recurrent(r),
        DenseNode d => Dense(d),
        ActivationNode a => Activation(a),
        _ => new RowsPlan(node),
    };

    private RecurrentPlan Recurrent(RecurrentNode node)
    {
        var cell = node.Cell;
        var layout = new CellLayout(cell, node.Gradient, node.Output is null ? 0 : SimdTarget.Stride(node.Output.Width), target);
        var all = Enumerable.Range(0, cell.Gates.Count).ToArray();
        var hidden = cell.Stages.OfType<ProductStage>().Where(p => p.Weight == ProductWeight.Hidden).ToArray();
        var ownBlocks = hidden.SelectMany(p => p.Gates.Where(g => p.OwnBias.Contains(g.Gate)).Select(g => g.Block)).ToArray();

        var biases = new List<(Parameter, IReadOnlyList<int>)>();
        if (node.Spec.Bias)
        {
            biases.Add((parameters[$"{node.Spec.Name}.bias_ih_{node.Suffix}"], all));
            biases.Add((parameters[$"{node.Spec.Name}.bias_hh_{node.Suffix}"], [.. all.Select(g => ownBlocks.Contains(g) ? -1 : g)]));
        }

        var input = Product(
            node, "Input", parameters[$"{node.Spec.Name}.weight_ih_{node.Suffix}"], all, cell.Units,
            SimdTarget.Stride(node.Input.Width), layout.GateStride, SimdTarget.Stride(node.Input.Width), biases, node.Spec.WeightFormat);
        var products = layout.Products.ToDictionary(p => p, p => StepProduct(node, layout, p));
        var planner = new StagePlanner(names.For(node), cell, node.Gradient, layout, node.Output is not null, true);
        var peepholes = cell.Peepholes.Distinct().Select(gate => Peephole(node, layout, gate)).ToArray();
        var fused = new FusedPlanner(names.For(node), node, layout, planner, input, zeroOffset, target);
        return new RecurrentPlan(
            names.For(node),
            node,
            layout,
            input,
            [.. cell.Stages.Select(s => s is ProductStage p
                ? new StepPlan(p, products[p], null, null)
                : new StepPlan(null, null, planner.Forward((PointwiseStage)s, false), planner.Forward((PointwiseStage)s, true)))],
            [.. node.Gradient.Stages.Select(s => s is BackwardProduct p
                ? new BackwardStepPlan(p.Forward, products[p.Forward], null)
                : new BackwardStepPlan(null, null, planner.Backward((BackwardPointwise)s)))],
            peepholes,
            input.Forward.Format == WeightFormatKind.Float32 ? [.. layout.Products.Select(p => fused.Plan(p, products[p])).OfType<FusedPlan>()] : []);
    }

    private LayerProduct StepProduct(RecurrentNode node, CellLayout layout, ProductStage p)
    {
        var isHidden = p.Weight == ProductWeight.Hidden;
        var weight = parameters[$"{node.Spec.Name}.weight_{(isHidden ? "hh" : "hr")}_{node.Suffix}"];
        var biases = new List<(Parameter, IReadOnlyList<int>)>();
        if (node.Spec.Bias && p.OwnBias.Count > 0)
        {
            biases.Add((
                parameters[$"{node.Spec.Name}.bias_hh_{node.Suffix}"],
                [.. p.Gates.Select(g => p.OwnBias.Contains(g.Gate) ? g.Block : -1)]));
        }

        return Product(
            node, p.Name, weight, [.. p.Gates.Select(g => g.Block)], p.Size,
            layout.OperandStride(p), layout.StepStride(p), layout.OperandStride(p), biases, node.Spec.WeightFormat);
    }

    private (string Gate, Parameter Parameter, int Offset) Peephole(RecurrentNode node, CellLayout layout, string gate)
    {
        var parameter = parameters[$"{node.Spec.Name}.weight_c{gate}_{node.Suffix}"];
        var offset = packed.Take(layout.Units.Padded);
        packed.Items.Add(new PackVector(parameter, GateMap.Of([0], layout.Units, node.Cell.Units, layout.Units.Padded), offset, false));
        return (gate, parameter, offset);
    }

    private DensePlan Dense(DenseNode node)
    {
        var spec = node.Spec;
        var stride = SimdTarget.Stride(spec.Units);
        var inputStride = SimdTarget.Stride(node.Input.Width);
        List<(Parameter, IReadOnlyList<int>)> biases = spec.Bias ? [(parameters[$"{spec.Name}.bias"], [0])] : [];
        var product = Product(node, "Product", parameters[node.Weight], [0], spec.Units, inputStride, stride, inputStride, biases, spec.WeightFormat);
        if (spec.Activation.Kind == ActivationKind.Linear)
        {
            return new DensePlan(node, product, null, null);
        }

        var layout = new CellLayout(node.Cell, node.Gradient, stride, target);
        var planner = new StagePlanner(names.For(node), node.Cell, node.Gradient, layout, true, false);
        return new DensePlan(
            node, product, planner.Forward(node.Cell.Stages.OfType<PointwiseStage>().Single(), false),
            planner.Backward(node.Gradient.Stages.OfType<BackwardPointwise>().Single()));
    }

    private ActivationPlan Activation(ActivationNode node)
    {
        var layout = new CellLayout(node.Cell, node.Gradient, SimdTarget.Stride(node.Output.Width), target, inPlace: false);
        var planner = new StagePlanner(names.For(node), node.Cell, node.Gradient, layout, true, false);
        return new ActivationPlan(
            node, node.Cell.Stages.OfType<PointwiseStage>().Select(s => planner.Forward(s, false)).SingleOrDefault(),
            node.Gradient.Stages.OfType<BackwardPointwise>().Select(planner.Backward).SingleOrDefault());
    }

    /// <summary>Plans out[rows, gates x units] = biases + in W^T, its transpose and its weight gradient, and packs the tensors.</summary>
    private LayerProduct Product(
        Node node, string part, Parameter weight, IReadOnlyList<int> gates, int units, int inputStride, int outputStride, int inputGradientStride,
        IReadOnlyList<(Parameter Bias, IReadOnlyList<int> Gates)> biases, WeightFormatKind format)
    {
        var blocks = Blocks.Of(units, target);
        var columns = gates.Count * blocks.Padded;
        var k = weight.Columns;
        var own = names.For(node);
        var forward = ProductPlan.Create(part, k, columns, inputStride, outputStride, packed.Length, target)
            .As(isInference ? format : WeightFormatKind.Float32);
        forward = Named(forward, forward.Format == WeightFormatKind.Float32 ? part : $"{part}{forward.Format}");
        packed.Take(forward.PackedLength);
        packed.Items.Add(new PackRows(weight, GateMap.Of(gates, blocks, units, forward.Columns), forward));

        var start = zeroOffset;
        for (var i = 0; i < biases.Count; i++)
        {
            start = i == 0 ? packed.Take(forward.Columns) : start;
            packed.Items.Add(new PackVector(biases[i].Bias, GateMap.Of(biases[i].Gates, blocks, units, forward.Columns), start, i > 0));
        }

        var rows = GateMap.Of(gates, blocks, units, columns);
        var backward = Named(ProductPlan.Create(part, columns, k, outputStride, inputGradientStride, packedBackward.Length, target), $"{part}Backward");
        packedBackward.Take(backward.PackedLength);
        packedBackward.Items.Add(new PackColumns(weight, rows, backward));

        var outer = OuterPlan.Create(own[$"{part}Outer"], columns, k, outputStride, inputStride, target);
        return new LayerProduct(
            forward, start, backward, outer, weight, rows, [.. biases.Select(b => (b.Bias, GateMap.Of(b.Gates, blocks, units, columns)))],
            own.Field($"{part}WeightGradient"), own.Field($"{part}BiasGradient"));

        ProductPlan Named(ProductPlan product, string name) => product with { Name = own[name], RowName = own[$"{name}Row"] };
    }
}
