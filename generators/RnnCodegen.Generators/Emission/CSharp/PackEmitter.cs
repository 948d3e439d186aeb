using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Planning;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>Writes how parameters are laid out for the kernels, and how gradients are laid back.</summary>
internal sealed class PackEmitter(SourceWriter writer, ModelPlan plan)
{
    private readonly List<GateMap> _maps = [.. plan.Packed.Items.Select(i => i.Map)
        .Concat(plan.PackedInference.Items.Select(i => i.Map))
        .Concat(plan.PackedBackward.Items.Select(i => i.Map))
        .Concat(plan.Products.SelectMany(p => p.Biases.Select(b => b.Map))).Distinct()];

    private readonly List<(int Columns, int Full, int Last)> _panels = [.. plan.Packed.Items.OfType<PackRows>().Select(i => PanelsOf(i.Product))
        .Concat(plan.PackedBackward.Items.OfType<PackColumns>().Select(i => PanelsOf(i.Product))).Distinct()];

    public void WriteForward()
    {
        for (var k = 0; k < _maps.Count; k++)
        {
            var map = _maps[k];
            writer.Line();
            writer.Line($"/// <summary>Tensor row of each packed column: gates {map.Gates} of {map.Units} units, {map.Lanes} units of each at a time.</summary>");
            writer.Line($"private static readonly int[] s_map{k} = GateLayout.Map([{map.Gates}], {map.Units}, {map.Lanes}, {map.Tail}, {map.Columns});");
        }

        for (var k = 0; k < _panels.Count; k++)
        {
            var (columns, full, last) = _panels[k];
            writer.Line();
            writer.Line($"/// <summary>Widths of the panels: {full} of {columns} columns{(last > 0 ? $", one of {last}" : "")}.</summary>");
            writer.Line($"private static readonly int[] s_panels{k} = GateLayout.Panels({columns}, {full}, {last});");
        }

        Write("Pack", "packed", plan.PackedInference.Items);
        if (plan.PackedInference != plan.Packed)
        {
            Write("PackForward", "packed", plan.Packed.Items);
        }
    }

    public void WriteBackward()
    {
        Write("PackBackward", "packed", plan.PackedBackward.Items);
        var calls = new List<string>();
        foreach (var product in plan.Products)
        {
            calls.Add($"PanelPacker.{(product.Outer.IsTransposed ? "UnpackColumnsAdd" : "UnpackRowsAdd")}(m.{product.WeightGradient}, {product.Outer.OutputStride}, {Map(product.Rows)}, {product.Weight.Columns}, {VectorText.At("call.Gradients", product.Weight.Offset)}, share, shares);");
            foreach (var (bias, map) in product.Biases)
            {
                calls.Add($"PanelPacker.UnpackVectorAdd(m.{product.BiasGradient}, {Map(map)}, {VectorText.At("call.Gradients", bias.Offset)}, share, shares);");
            }
        }

        foreach (var r in plan.Recurrent)
        {
            foreach (var (gate, parameter, _) in r.Peepholes)
            {
                calls.Add(AddVector(r.Names.Field($"Peephole{gate.ToUpperInvariant()}Gradient"), parameter.Name));
            }
        }

        foreach (var (node, vector) in plan.Graph.Nodes.SelectMany(n => n.Vectors.Select(v => (n, v))))
        {
            calls.Add(AddVector(plan.Names.VectorGradient(node, vector), $"{node.Name}.{vector}"));
        }

        WriteAdd("AddGradients", "Adds the weight gradients, which stand as the kernels left them, to the tensors'.", calls);
        if (plan.Graph.Nodes.OfType<EmbeddingNode>().SingleOrDefault() is { } embedding)
        {
            WriteAdd("AddTokenGradients", "Adds the gradients of the tokens' rows to the table's.", [new NodeCalls(plan).ScatterAdd(embedding)]);
        }
    }

    private string AddVector(string gradient, string name) =>
        $"PanelPacker.AddVector(m.{gradient}, {plan.Parameters[name].Length}, {VectorText.At("call.Gradients", plan.Parameters[name].Offset)}, share, shares);";

    /// <summary>A method of the runtime's, which knows the memory, and the list of calls that it makes.</summary>
    private void WriteAdd(string name, string summary, IReadOnlyList<string> calls)
    {
        if (calls.Count == 0)
        {
            return;
        }

        writer.Line();
        using (writer.Method($"public override void {name}(in ModelCall call, int share, int shares)"))
        {
            writer.Line("Memory m = default;");
            writer.Line("Memory.Training(ref m, call.Workspace, call.Steps, call.Batch);");
            writer.Line($"{name}(call, m, share, shares);");
        }

        writer.Line();
        writer.Line($"/// <summary>{summary}</summary>");
        const string Parameters = "in ModelCall call, in Memory m, int share, int shares";
        new CallListEmitter(writer, plan.Names).Write($"private static void {name}({Parameters})", $"{name}Part", Parameters, "call, m, share, shares", calls);
    }

    private void Write(string name, string target, IReadOnlyList<PackItem> items)
    {
        writer.Line();
        var calls = items.Select(item => item switch
        {
            PackRows { Product.Format: WeightFormatKind.BFloat16 } r => $"BFloat16Packer.PackRows({VectorText.At("parameters", r.Parameter.Offset)}, {r.Parameter.Columns}, {Map(r.Map)}, {Panels(r.Product)}, (uint*){VectorText.At(target, r.Offset)});",
            PackRows { Product.Format: WeightFormatKind.Int8 } r => $"Int8Packer.PackRows({VectorText.At("parameters", r.Parameter.Offset)}, {r.Parameter.Columns}, {Map(r.Map)}, {VectorText.At(target, r.Offset)});",
            PackRows r => $"PanelPacker.PackRows({VectorText.At("parameters", r.Parameter.Offset)}, {r.Parameter.Columns}, {Map(r.Map)}, {Panels(r.Product)}, {VectorText.At(target, r.Offset)});",
            PackColumns c => $"PanelPacker.PackColumns({VectorText.At("parameters", c.Parameter.Offset)}, {c.Parameter.Columns}, {Map(c.Map)}, {Panels(c.Product)}, {VectorText.At(target, c.Offset)});",
            PackVector v => $"PanelPacker.PackVector({VectorText.At("parameters", v.Parameter.Offset)}, {Map(v.Map)}, {VectorText.At(target, v.Offset)}, {(v.Accumulates ? "true" : "false")});",
            _ => throw new InvalidOperationException($"{item.GetType().Name} is not packed."),
        }).ToList();
        new CallListEmitter(writer, plan.Names).Write($"public override void {name}(float* parameters, float* packed)", $"{name}Part", "float* parameters, float* packed", "parameters, packed", calls);
    }

    private string Map(GateMap map) => $"s_map{_maps.IndexOf(map)}";

    private string Panels(ProductPlan p) => $"s_panels{_panels.IndexOf(PanelsOf(p))}";

    private static (int Columns, int Full, int Last) PanelsOf(ProductPlan p) => (p.PanelColumns, p.FullPanels, p.LastColumns);
}
