using RnnCodegen.Generators.Planning;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>Writes the products of a model: which panels meet which tiles.</summary>
internal sealed class ProductEmitter(SourceWriter writer, TileEmitter tiles)
{
    /// <summary>
    /// out[rows, columns] = start + in[rows, K] w. A single row walks its panels forwards on even turns and backwards on odd ones, so that what the
    /// last step left in the caches is used first.
    /// </summary>
    public void Write(ProductPlan plan, string summary)
    {
        writer.Line();
        writer.Line($"/// <summary>{summary}</summary>");
        using (writer.Block($"private static void {plan.Name}(float* a, float* w, float* start, nint ldStart, float* c, nint rows, int turn)"))
        {
            using (writer.Block("if (rows > 1)"))
            {
                Panels(plan, (w, at, columns) =>
                    writer.Line($"{tiles.Sweep(columns)}(a, {plan.InputStride}, {w}, {VectorText.Address("start", at)}, ldStart, {VectorText.Address("c", at)}, {plan.OutputStride}, {plan.K}, rows);"));
            }

            writer.Line();
            using (writer.Block("if ((rows & 1) != 0)"))
            {
                writer.Line("rows--;");
                writer.Line($"{plan.Name}Row(&a[rows * {plan.InputStride}], w, &start[rows * ldStart], &c[rows * {plan.OutputStride}], turn);");
            }
        }

        writer.Line();
        writer.Line($"/// <summary>{plan.Name} of one row.</summary>");
        using (writer.Block($"private static void {plan.Name}Row(float* a, float* w, float* start, float* c, int turn)"))
        {
            Serpentine(writer, plan, (call, panel) =>
                $"{tiles.Row(call.Panels, call.Columns)}(a, {Panel("w", plan, panel, plan.K)}, {Panel("start", plan, panel, 1)}, {Panel("c", plan, panel, 1)}, {plan.K});");
        }
    }

    /// <summary>One row of start + x W^T + h U^T, for cells whose gates are one sum.</summary>
    public void WriteStep(string name, ProductPlan input, ProductPlan hidden)
    {
        writer.Line();
        writer.Line($"/// <summary>{input.Name} and {hidden.Name} of one row, panel by panel.</summary>");
        using (writer.Block($"private static void {name}(float* x, float* w, float* h, float* u, float* start, float* c, int turn)"))
        {
            Serpentine(writer, input, (call, panel) =>
                $"{tiles.RowPair(call.Panels, call.Columns)}(x, {Panel("w", input, panel, input.K)}, {input.K}, h, {Panel("u", input, panel, hidden.K)}, {hidden.K}, " +
                $"{Panel("start", input, panel, 1)}, {Panel("c", input, panel, 1)});");
        }
    }

    /// <summary>A place so many panels on, in a matrix with so many floats a column; the panel is a number or the variable p.</summary>
    public static string Panel(string pointer, ProductPlan plan, string panel, int floats)
    {
        var size = plan.PanelColumns * floats;
        return VectorText.Address(pointer, panel == "p" ? $"p * {size}" : $"{int.Parse(panel, System.Globalization.CultureInfo.InvariantCulture) * size}");
    }

    /// <summary>The calls of a single row, forwards on even turns and backwards on odd ones.</summary>
    public static void Serpentine(SourceWriter writer, ProductPlan plan, Func<RowCall, string, string> spell)
    {
        var calls = plan.RowCalls;
        if (calls.Sum(c => c.Repeats) == 1)
        {
            writer.Line(spell(calls[0], "0"));
            return;
        }

        using (writer.Block("if ((turn & 1) == 0)"))
        {
            foreach (var call in calls)
            {
                Repeat(call, $"for (nint p = {call.First}; p < {call.First + (call.Repeats * call.Panels)}; p += {call.Panels})");
            }
        }

        using (writer.Block("else"))
        {
            foreach (var call in calls.Reverse())
            {
                Repeat(call, $"for (nint p = {call.First + ((call.Repeats - 1) * call.Panels)}; p >= {call.First}; p -= {call.Panels})");
            }
        }

        void Repeat(RowCall call, string loop)
        {
            if (call.Repeats == 1)
            {
                writer.Line(spell(call, $"{call.First}"));
                return;
            }

            using (writer.Block(loop))
            {
                writer.Line(spell(call, "p"));
            }
        }
    }

    /// <summary>c += a^T b, or c += b^T a where the plan says so, in passes that keep a panel of the right side in the first-level cache.</summary>
    public void Write(OuterPlan plan, string summary)
    {
        writer.Line();
        writer.Line($"/// <summary>{summary}</summary>");
        using (writer.Block($"private static void {plan.Name}(float* a, float* b, float* c, nint rows)"))
        using (writer.Block($"for (nint first = 0; first < rows; first += {OuterPlan.RowsPerPass})"))
        {
            writer.Line($"nint count = Math.Min({OuterPlan.RowsPerPass}, rows - first);");
            writer.Line($"float* left = &{(plan.IsTransposed ? "b" : "a")}[first * {plan.LeftStride}];");
            writer.Line($"float* right = &{(plan.IsTransposed ? "a" : "b")}[first * {plan.RightStride}];");
            if (plan.FullPanels > 1)
            {
                using (writer.Block($"for (nint n = 0; n < {plan.FullPanels * plan.PanelColumns}; n += {plan.PanelColumns})"))
                {
                    Column("n", plan.PanelColumns);
                }
            }
            else if (plan.FullPanels == 1)
            {
                Column("", plan.PanelColumns);
            }

            if (plan.LastColumns > 0)
            {
                Column(plan.FullPanels == 0 ? "" : $"{plan.FullPanels * plan.PanelColumns}", plan.LastColumns);
            }
        }

        void Column(string at, int columns)
        {
            var m = 0;
            foreach (var rows in TileShape.RowCounts(tiles.VectorCount(columns), tiles.Target).Concat([1]))
            {
                var repeats = (plan.M - m) / rows;
                if (repeats > 1)
                {
                    using (writer.Block($"for (nint m = {m}; m < {m + (repeats * rows)}; m += {rows})"))
                    {
                        writer.Line($"{tiles.Outer(rows, columns)}(&left[m], {plan.LeftStride}, {VectorText.Address("right", at)}, {plan.RightStride}, {VectorText.Address("c", VectorText.Add($"m * {plan.OutputStride}", at))}, {plan.OutputStride}, count);");
                    }
                }
                else if (repeats == 1)
                {
                    var row = m == 0 ? "" : $"{m * plan.OutputStride}";
                    writer.Line($"{tiles.Outer(rows, columns)}({VectorText.At("left", m)}, {plan.LeftStride}, {VectorText.Address("right", at)}, {plan.RightStride}, {VectorText.Address("c", row.Length == 0 ? at : VectorText.Add(row, at))}, {plan.OutputStride}, count);");
                }

                m += repeats * rows;
            }
        }
    }

    private void Panels(ProductPlan plan, Action<string, string, int> write)
    {
        if (plan.FullPanels > 1)
        {
            using (writer.Block($"for (nint p = 0; p < {plan.FullPanels}; p++)"))
            {
                write($"&w[p * {plan.PanelColumns * plan.K}]", $"p * {plan.PanelColumns}", plan.PanelColumns);
            }
        }
        else if (plan.FullPanels == 1)
        {
            write("w", "", plan.PanelColumns);
        }

        if (plan.LastColumns > 0)
        {
            var first = plan.FullPanels == 0;
            write(VectorText.At("w", plan.FullPanels * plan.PanelColumns * plan.K), first ? "" : $"{plan.FullPanels * plan.PanelColumns}", plan.LastColumns);
        }
    }
}
