using RnnCodegen.Generators.Planning;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>Writes the products of a model: which panels meet which tiles.</summary>
internal sealed class ProductEmitter(SourceWriter writer, TileEmitter tiles)
{
    /// <summary>out[rows, columns] = start + in[rows, K] w; a step of one sample calls the row method alone.</summary>
    public void Write(ProductPlan plan, string summary)
    {
        writer.Line();
        writer.Line($"/// <summary>{summary}</summary>");
        using (writer.Block($"private static void {plan.Name}(float* a, float* w, float* start, nint ldStart, float* c, nint rows)"))
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
                writer.Line($"{plan.Name}Row(&a[rows * {plan.InputStride}], w, &start[rows * ldStart], &c[rows * {plan.OutputStride}]);");
            }
        }

        writer.Line();
        writer.Line($"/// <summary>{plan.Name} of one row.</summary>");
        using (writer.Block($"private static void {plan.Name}Row(float* a, float* w, float* start, float* c)"))
        {
            var group = TileShape.RowPanels(plan.PanelColumns / Math.Max(1, tiles.Lanes));
            var grouped = plan.FullPanels / group * group;
            if (grouped > group)
            {
                using (writer.Block($"for (nint p = 0; p < {grouped}; p += {group})"))
                {
                    writer.Line($"{tiles.Row(group, plan.PanelColumns)}(a, &w[p * {plan.PanelColumns * plan.K}], &start[p * {plan.PanelColumns}], &c[p * {plan.PanelColumns}], {plan.K});");
                }
            }
            else if (grouped > 0)
            {
                writer.Line($"{tiles.Row(group, plan.PanelColumns)}(a, w, start, c, {plan.K});");
            }

            if (plan.FullPanels > grouped)
            {
                WriteRow(grouped, plan.FullPanels - grouped, plan.PanelColumns);
            }

            if (plan.LastColumns > 0)
            {
                WriteRow(plan.FullPanels, 1, plan.LastColumns);
            }
        }

        void WriteRow(int panel, int panels, int columns)
        {
            var at = panel == 0 ? "" : $"{panel * plan.PanelColumns}";
            var w = panel == 0 ? "" : $"{panel * plan.PanelColumns * plan.K}";
            writer.Line($"{tiles.Row(panels, columns)}(a, {VectorText.Address("w", w)}, {VectorText.Address("start", at)}, {VectorText.Address("c", at)}, {plan.K});");
        }
    }

    /// <summary>c[M, N] += a[rows, M]^T b[rows, N], in passes that keep a panel of b in the first-level cache.</summary>
    public void Write(OuterPlan plan, string summary)
    {
        writer.Line();
        writer.Line($"/// <summary>{summary}</summary>");
        using (writer.Block($"private static void {plan.Name}(float* a, float* b, float* c, nint rows)"))
        using (writer.Block($"for (nint first = 0; first < rows; first += {OuterPlan.RowsPerPass})"))
        {
            writer.Line($"nint count = Math.Min({OuterPlan.RowsPerPass}, rows - first);");
            writer.Line($"float* left = &a[first * {plan.LeftStride}];");
            writer.Line($"float* right = &b[first * {plan.RightStride}];");
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
