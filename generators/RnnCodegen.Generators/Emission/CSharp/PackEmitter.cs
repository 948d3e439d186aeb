using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Lowering;
using RnnCodegen.Generators.Planning;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>Writes how parameters are laid out for the kernels, and how gradients are laid back.</summary>
internal sealed class PackEmitter(SourceWriter writer, ModelPlan plan, MethodTable methods)
{
    private static readonly string[] s_share = ["share", "shares"];

    private readonly List<GateMap> _maps = [.. plan.Training.Forward.Items.Select(i => i.Map)
        .Concat(plan.Inference.Forward.Items.Select(i => i.Map))
        .Concat(plan.Training.Backward.Items.Select(i => i.Map))
        .Concat(plan.Training.Products.SelectMany(p => p.Biases.Select(b => b.Map))).Distinct()];

    private readonly List<(int Columns, int Full, int Last)> _panels = [.. plan.Training.Forward.Items
        .Concat(plan.Inference.Forward.Items).OfType<PackRows>().Where(i => i.Product.Format != WeightFormatKind.Int8)
        .Select(i => PanelsOf(i.Product))
        .Concat(plan.Training.Backward.Items.OfType<PackColumns>().Select(i => PanelsOf(i.Product))).Distinct()];

    public void WriteForward()
    {
        for (var k = 0; k < _maps.Count; k++)
        {
            var map = _maps[k];
            writer.Line();
            writer.Line(
                $"/// <summary>Tensor row of each packed column: gates {map.Gates} of {map.Units} units, {map.Lanes} units of each at a " +
                "time.</summary>");
            writer.Line(
                $"private static readonly int[] s_map{k} = " +
                $"GateLayout.Map([{map.Gates}], {map.Units}, {map.Lanes}, {map.Tail}, {map.Columns});");
        }

        for (var k = 0; k < _panels.Count; k++)
        {
            var (columns, full, last) = _panels[k];
            writer.Line();
            writer.Line($"/// <summary>Widths of the panels: {full} of {columns} columns{(last > 0 ? $", one of {last}" : "")}.</summary>");
            writer.Line($"private static readonly int[] s_panels{k} = GateLayout.Panels({columns}, {full}, {last});");
        }

        Constants([.. plan.Training.Forward.Places, .. plan.Inference == plan.Training ? [] : plan.Inference.Forward.Places]);
        Write("Pack", plan.Inference.Forward);
        if (plan.Inference != plan.Training)
        {
            Write("PackForward", plan.Training.Forward);
        }
    }

    public void WriteBackward()
    {
        Constants(plan.Training.Backward.Places);
        Write("PackBackward", plan.Training.Backward);
        var calls = new List<Call>();
        foreach (var product in plan.Training.Products)
        {
            calls.Add(new(product.Outer.IsTransposed ? "PanelPacker.UnpackColumnsAdd" : "PanelPacker.UnpackRowsAdd", [
                $"m.{product.WeightGradient}", $"{product.Outer.OutputStride}", Map(product.Rows), $"{product.Weight.Columns}",
                Gradient(product.Weight), .. s_share]));
            calls.AddRange(
                product.Biases.Select(
                    b => new Call("PanelPacker.UnpackVectorAdd", [$"m.{product.BiasGradient}", Map(b.Map), Gradient(b.Bias), .. s_share])));
        }

        foreach (var vector in plan.Program.Vectors)
        {
            var tensor = plan.Parameters[(string)vector.Tensor.Owner];
            var gradient = $"m.{plan.Names.Of(vector.Gradient)}";
            calls.Add(IsApart(vector)
                ? new("PanelPacker.UnpackVectorAdd", [
                    gradient, Map(PackedWeights.MapOf(vector, plan.Target)), Gradient(tensor), .. s_share])
                : new("PanelPacker.AddVector", [gradient, $"{tensor.Length}", Gradient(tensor), .. s_share]));
        }

        WriteAdd("AddGradients", "Adds the weight gradients, which stand as the kernels left them, to the tensors'.", calls);
        WriteAdd(
            "AddTokenGradients", "Adds the gradients of the tokens' rows to the table's.",
            [.. new InstructionText(new PlaceText(plan, new AxisText(plan), methods, Setting.Backward)).Spell(plan.Program.AfterBackward)]);
    }

    /// <summary>Whether the parts of a tensor stand block by block of units, as the gates do.</summary>
    private static bool IsApart(TrainedVector vector) => vector.IsOfCell && vector.Tensor.Shape.Parts > 1;

    private static string Gradient(Parameter tensor) => PlaceText.At("call.Gradients", tensor);

    /// <summary>A method of the runtime's, which knows the memory, and the list of calls that it makes.</summary>
    private void WriteAdd(string name, string summary, IReadOnlyList<Call> calls)
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
        new CallListEmitter(writer, plan.Names).Write($"private static void {name}({Parameters})", $"{name}Part", Parameters,
            ["call", "m", "share", "shares"], calls);
    }

    private void Constants(IEnumerable<(string Name, int Offset)> places)
    {
        writer.Line();
        writer.Line("// Where packed weights start, in floats.");
        foreach (var (name, offset) in places)
        {
            writer.Line($"private const int {name} = {offset};");
        }
    }

    private void Write(string name, Packing packing)
    {
        writer.Line();
        var calls = packing.Items.Select(item => item switch
        {
            PackRows { Product.Format: WeightFormatKind.BFloat16 } r => Pack("BFloat16Packer.PackRows", r, Panels(r.Product),
                $"(uint*){At(r)}"),
            PackRows { Product.Format: WeightFormatKind.Int8 } r => Pack("Int8Packer.PackRows", r, At(r)),
            PackRows r => Pack("PanelPacker.PackRows", r, Panels(r.Product), At(r)),
            PackColumns c => Pack("PanelPacker.PackColumns", c, Panels(c.Product), At(c)),
            PackVector v => new("PanelPacker.PackVector",
                [PlaceText.At("parameters", v.Parameter), Map(v.Map), At(v), v.Accumulates ? "true" : "false"]),
            _ => throw new InvalidOperationException($"{item.GetType().Name} is not packed."),
        }).ToList();
        const string Parameters = "float* parameters, float* packed";
        new CallListEmitter(writer, plan.Names).Write($"public override void {name}({Parameters})", $"{name}Part", Parameters,
            ["parameters", "packed"], calls);

        string At(PackItem item) => VectorText.Address("packed", packing.NameOf(item.Offset));

        Call Pack(string method, PackItem item, params string[] rest) => new(method,
            [PlaceText.At("parameters", item.Parameter), $"{item.Parameter.Columns}", Map(item.Map), .. rest]);
    }

    private string Map(GateMap map) => $"s_map{_maps.IndexOf(map)}";

    private string Panels(ProductPlan p) => $"s_panels{_panels.IndexOf(PanelsOf(p))}";

    private static (int Columns, int Full, int Last) PanelsOf(ProductPlan p) => (p.PanelColumns, p.FullPanels, p.LastColumns);
}
