using RnnCodegen.Generators.Planning;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>
/// Writes a single row's product and cell in one: a walk over groups of blocks of units, and a kernel for each kind of group.
/// </summary>
internal sealed class FusedEmitter(MethodTable methods, ActivationAccuracyKind accuracy, FusedPlan plan, Machine target)
{
    private readonly int _lanes = target.Lanes;

    /// <summary>The pointer parameters that come before those of the stage.</summary>
    public static IReadOnlyList<string> Parameters(FusedPlan plan, bool takesInput) =>
    [
        "start", .. takesInput ? ["input", "inputWeights"] : Array.Empty<string>(),
        .. plan.HasOwnStart ? ["ownStart"] : Array.Empty<string>(), "operand", "weights",
    ];

    /// <summary>The method, and its kernels.</summary>
    /// <param name="takesInput">Whether x is given (and start is biases), or W x + b is (as start).</param>
    public void Add(bool takesInput)
    {
        var ofProducts = Parameters(plan, takesInput);
        string[] pointers = [.. ofProducts, .. plan.Stage.Buffers.Select(b => b.Name)];
        string[] kernelPointers = plan.HasSumsInMemory ? [.. ofProducts, plan.Stage.Buffers[0].Name] : pointers;
        var cell = StagePlanner.WishOf(plan.Kernel);
        var name = takesInput ? $"{cell}Step{plan.Input!.Forward.K}" : $"{cell}Row";
        var cells = plan.HasSumsInMemory ? [] : plan.Calls.SelectMany(c => c.Lanes).Distinct().ToDictionary(n => n, n => AddCell(cell, n));
        var kernels = plan.Calls.Select(call => methods.AddCell(
            plan.KernelName(call, takesInput), $"{name}From{call.First}",
            (writer, method) => WriteKernel(writer, method, call, cells, kernelPointers, takesInput))).ToArray();
        var ofSums = plan.HasSumsInMemory ? AddCellOfSums(cell) : "";
        methods.AddCell(takesInput ? plan.StepName : plan.RowName, name, (writer, method) =>
        {
            writer.Line();
            writer.Line(
                $"/// <summary>The product with {plan.Product.OperandName}{(takesInput ? ", that with x" : "")} and the cell, of one " +
                "row.</summary>");
            using (writer.Method($"internal static void {method}", [.. pointers.Select(p => $"float* {p}"), "int turn"]))
            {
                new Serpentine(writer).Write(
                    [.. plan.Calls.Select(c => (c.First, c.Lanes.Count, c.Repeats))],
                    (index, block) => writer.Call(kernels[index], [.. kernelPointers.Select(p => Place(p, plan.Calls[index], block))]));
                if (plan.HasSumsInMemory)
                {
                    writer.Line();
                    writer.Call(ofSums, [.. plan.Stage.Buffers.Select(b => b.Name)]);
                }
            }
        });
    }

    /// <summary>A pointer of the call at a block.</summary>
    private string Place(string pointer, FusedCall call, Index block)
    {
        switch (pointer)
        {
            case "input" or "operand":
                return pointer;
            case "inputWeights":
                return Weights(plan.Input!.Forward, plan.Gates);
            case "weights":
                return Weights(plan.Hidden.Forward, plan.Product.Gates.Count);
            default:
                var slots = pointer == "start" ? plan.Gates
                    : pointer == "ownStart" ? plan.Product.Gates.Count
                    : plan.Stage.Buffers.First(b => b.Name == pointer).Slots;
                return At(slots * _lanes);
        }

        string Weights(ProductPlan product, int gates) => block.Variable is not null
            ? At(gates * _lanes * product.K)
            : VectorText.At(pointer, product.PanelOf(call.First * gates * _lanes).First * product.K);

        string At(int size) => VectorText.Address(pointer, block.Times(size));
    }

    private void WriteKernel(
        SourceWriter writer, string name, FusedCall call, IReadOnlyDictionary<int, string> cells, IReadOnlyList<string> pointers,
        bool takesInput)
    {
        writer.Line();
        writer.Line(
            $"/// <summary>{call.Lanes.Sum()} units: {call.Lanes.Count * plan.Sums.Count} sums in registers" +
            $"{(plan.HasSumsInMemory ? "" : ", then the cell")}.</summary>");
        // Inlined into the time loop, a small kernel would compete with it for registers.
        writer.Line("[@MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]");
        using (writer.Method($"internal static void {name}", [.. pointers.Select(p => $"float* {p}")]))
        {
            for (var block = 0; block < call.Lanes.Count; block++)
            {
                foreach (var sum in plan.Sums)
                {
                    var from = sum.InputSlot >= 0
                        ? VectorText.Load(call.Lanes[block], "start", Column(call, block, sum.InputSlot, plan.Gates))
                        : plan.HasOwnStart ? VectorText.Load(call.Lanes[block], "ownStart",
                            Column(call, block, sum.ProductSlot, plan.Product.Gates.Count))
                        : VectorText.Zero(call.Lanes[block]);
                    writer.Line($"{VectorText.Type(call.Lanes[block])} {sum.Name}{block} = {from};");
                }
            }

            var operand = new Factor(plan.Hidden.Forward, plan.Product.Gates.Count, s => s.ProductSlot, "operand", "weights");
            Factor[] factors = takesInput
                ? [new Factor(plan.Input!.Forward, plan.Gates, s => s.InputSlot, "input", "inputWeights"), operand]
                : [operand];
            var chains = (
                from block in Enumerable.Range(0, call.Lanes.Count)
                from sum in plan.Sums
                let count = factors.Where(f => f.SlotOf(sum) >= 0).Select(f => Chains(call, f)).DefaultIfEmpty(1).Max()
                from chain in Enumerable.Range(1, count - 1)
                select (Sum: $"{sum.Name}{block}", Chain: Chain(chain), Lanes: call.Lanes[block])).ToArray();
            foreach (var (sum, chain, width) in chains)
            {
                writer.Line($"{VectorText.Type(width)} {sum}{chain} = {VectorText.Zero(width)};");
            }

            foreach (var factor in factors)
            {
                WriteProduct(writer, call, factor);
            }

            foreach (var (sum, chain, _) in chains)
            {
                writer.Line($"{sum} += {sum}{chain};");
            }

            writer.Line();
            for (var block = 0; block < call.Lanes.Count; block++)
            {
                var number = block;
                if (plan.HasSumsInMemory)
                {
                    for (var slot = 0; slot < plan.Sums.Count; slot++)
                    {
                        writer.Line(VectorText.Store(call.Lanes[block], $"{plan.Sums[slot].Name}{number}", plan.Stage.Buffers[0].Name,
                            Column(call, block, slot, plan.Sums.Count)));
                    }

                    continue;
                }

                writer.Call(cells[call.Lanes[block]], [
                    .. plan.Sums.Select(s => $"{s.Name}{number}"),
                    .. plan.Stage.Buffers.Select(b => VectorText.At(b.Name, block * _lanes * b.Slots))]);
            }
        }
    }

    /// <summary>The equations of one vector of units, which kernels share; inlined, it is what it would be written out.</summary>
    private string AddCell(string cell, int width) => methods.AddCell($"{plan.RowName}/{width}", $"{cell}Of{width}", (writer, method) =>
    {
        writer.Line();
        writer.Line($"/// <summary>The equations of {width} units, whose sums stand in registers.</summary>");
        writer.Line("[@MethodImpl(MethodImplOptions.AggressiveInlining)]");
        using (writer.Method($"internal static void {method}", [
            .. plan.Sums.Select(s => $"{VectorText.Type(width)} {s.Name}"),
            .. plan.Stage.Buffers.Select(b => $"float* {b.Name}")]))
        {
            new StageEmitter(writer, accuracy).WriteEquations(plan.Stage, width, sum => plan.Sums[sum].Name);
        }
    });

    /// <summary>The equations of all units, whose sums stand in memory.</summary>
    private string AddCellOfSums(string cell) => methods.AddCell($"{plan.RowName}/sums", $"{cell}OfSums", (writer, method) =>
        new StageEmitter(writer, accuracy).WriteRow(plan.Stage with
        {
            Name = method, Summary = $"{string.Join(", ", plan.Kernel.Stage.Outputs.Select(o => o.Name))} of one row from its sums.",
        }));

    /// <summary>Where a gate of a block stands after the group's first float.</summary>
    private string Column(FusedCall call, int block, int slot, int gates) =>
        ((block * gates * _lanes) + (slot * call.Lanes[block])) is var column and > 0 ? $"{column}" : "";

    /// <summary>One of the two products of a kernel.</summary>
    private sealed record Factor(ProductPlan Product, int Gates, Func<FusedSum, int> SlotOf, string Row, string Weights);

    private int Chains(FusedCall call, Factor factor) =>
        FusedPlan.Chains(plan.Sums.Count(s => factor.SlotOf(s) >= 0) * call.Lanes.Count, factor.Product.K, target);

    private static string Chain(int chain) => chain == 0 ? "" : $"{(char)('a' + chain)}";

    private void WriteProduct(SourceWriter writer, FusedCall call, Factor factor)
    {
        var (product, gates, slotOf, row, weights) = factor;
        var first = call.First * gates * _lanes;
        var firstPanel = product.PanelOf(first);
        var terms = (
            from block in Enumerable.Range(0, call.Lanes.Count)
            from sum in plan.Sums
            where slotOf(sum) >= 0
            let column = first + (block * gates * _lanes) + (slotOf(sum) * call.Lanes[block])
            let panel = product.PanelOf(column)
            select (Sum: $"{sum.Name}{block}", Lanes: call.Lanes[block], panel.Panel, Offset: column - panel.First, panel.Width)).ToArray();
        var panels = terms.Select(t => (t.Panel, t.Width)).Distinct().ToArray();
        var widths = terms.Select(t => t.Lanes).Distinct().ToArray();

        writer.Line();
        var pointers = panels.ToDictionary(p => p.Panel,
            p => p.Panel == firstPanel.Panel ? weights : $"{weights}{p.Panel - firstPanel.Panel}");
        foreach (var (panel, _) in panels.Where(p => p.Panel != firstPanel.Panel))
        {
            // All panels before the last have the full width.
            writer.Line($"float* {pointers[panel]} = &{weights}[{(panel - firstPanel.Panel) * product.PanelColumns * product.K}];");
        }

        if (product.K <= FusedPlan.TermsWrittenOut)
        {
            for (var k = 0; k < product.K; k++)
            {
                Terms($"{k}", k, "", $"{k}");
            }

            return;
        }

        // One load serves several terms, where a machine takes its factors out of a vector.
        var chains = Chains(call, factor);
        var size = FusedPlan.TermsPerRound(chains, widths[0], target);
        var four = FusedPlan.SharesLoads(widths[0], target) && !target.MultipliesByElement ? $"{row}Four" : null;
        var rounds = product.K / size * size;
        using (writer.Block($"for (nint p = 0; p < {rounds}; {(size == 1 ? "p++" : $"p += {size}")})"))
        {
            if (four is not null)
            {
                writer.Line($"{VectorText.Type(_lanes)} {four} = FourFloats.{(_lanes == 16 ? "LoadToQuarters" : "Load")}(&{row}[p]);");
            }

            var values = $"{row}Values";
            if (target.MultipliesByElement)
            {
                writer.Line($"{VectorText.Type(_lanes)} {values} = {VectorText.Load(_lanes, row, "p")};");
            }

            for (var term = 0; term < size; term++)
            {
                if (target.MultipliesByElement)
                {
                    var element = term;
                    MultiplyAdds(term, Chain(term % chains), (_, load, sum) => VectorText.MultiplyAdd(values, element, load, sum));
                }
                else
                {
                    Terms(term == 0 ? "p" : $"p + {term}", term, Chain(term % chains), size == 1 ? "" : $"{term}", four);
                }
            }

            foreach (var (panel, width) in panels)
            {
                writer.Line($"{pointers[panel]} = &{pointers[panel]}[{size * width}];");
            }
        }

        for (var k = rounds; k < product.K; k++)
        {
            Terms($"{k}", k - rounds, "", $"{k}");
        }

        void MultiplyAdds(int k, string chain, Func<int, string, string, string> multiplyAdd)
        {
            foreach (var (sum, width, panel, offset, panelWidth) in terms)
            {
                var place = (k * panelWidth) + offset;
                var load = VectorText.Load(width, pointers[panel], place == 0 ? "" : $"{place}");
                writer.Line($"{sum}{chain} = {multiplyAdd(width, load, $"{sum}{chain}")};");
            }
        }

        void Terms(string index, int k, string chain, string suffix, string? spread = null)
        {
            foreach (var width in widths)
            {
                writer.Line($"{VectorText.Type(width)} {Value(width)} = {(
                    spread is null ? VectorText.Broadcast(width, $"{row}[{index}]")
                    : width == _lanes ? $"FourFloats.Spread({spread}, {k})"
                    : $"{Value(_lanes)}{(width * 2 < _lanes ? ".GetLower().GetLower()" : ".GetLower()")}")};");
            }

            MultiplyAdds(k, chain, (width, load, sum) => VectorText.MultiplyAdd(width, Value(width), load, sum));

            string Value(int width) => $"{row}{suffix}{(width == widths[0] ? "" : "t")}Value";
        }
    }
}
