using RnnCodegen.Generators.Planning;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>Writes the products of a model: which panels meet which tiles.</summary>
internal sealed class ProductEmitter(TileEmitter tiles, MethodTable methods)
{
    private readonly OuterTileEmitter _outer = new(tiles);

    /// <summary>
    /// out[rows, columns] = start + in[rows, K] w. A single row walks its panels forwards on even turns and backwards on odd ones, so that
    /// what the last step left in the caches is used first.
    /// </summary>
    /// <param name="plan">The product.</param>
    /// <param name="name">How the names of its methods start.</param>
    /// <param name="summary">What it computes.</param>
    public void Add(ProductPlan plan, string name, string summary)
    {
        var (shape, row) = (plan.WithoutPlace(), $"{name}Row");
        methods.AddProduct(plan.RowName, row, shape, writer =>
        {
            writer.Line();
            writer.Line($"/// <summary>{summary}, of one row.</summary>");
            using (writer.Method($"internal static void {row}(float* a, float* w, float* start, float* c, int turn)"))
            {
                new Serpentine(writer).Write(plan, (call, panel) => writer.Line(
                    $"{tiles.Row(call.Panels, call.Columns)}(a, {Panel("w", plan, panel, plan.K)}, {Panel("start", plan, panel, 1)}, " +
                    $"{Panel("c", plan, panel, 1)}, {plan.K});"));
            }
        });
        methods.AddProduct(plan.Name, name, shape, writer =>
        {
            writer.Line();
            writer.Line($"/// <summary>{summary}.</summary>");
            using (writer.Method(
                $"internal static void {name}(float* a, float* w, float* start, nint ldStart, float* c, nint rows, int turn)"))
            {
                using (writer.Block("if (rows > 1)"))
                {
                    Panels(writer, plan, (panel, at, columns) =>
                    {
                        // One narrow panel at the end is soon read.
                        var ahead = plan.IsFar && columns == plan.PanelColumns;
                        var next = ahead ? $", &w[next * {plan.PanelColumns * plan.K}]" : "";
                        writer.Line(
                            $"{tiles.Sweep(columns, ahead)}(a, {plan.InputStride}, {panel("w", plan.K)}, " +
                            $"{VectorText.Address("start", at)}, ldStart, {VectorText.Address("c", at)}, {plan.OutputStride}, {plan.K}, " +
                            $"rows{next});");
                    });
                }

                writer.Line();
                using (writer.Block("if ((rows & 1) != 0)"))
                {
                    writer.Line("rows--;");
                    writer.Line($"{row}(&a[rows * {plan.InputStride}], w, &start[rows * ldStart], &c[rows * {plan.OutputStride}], turn);");
                }
            }
        });
    }

    /// <summary>What the method of a forward product is called; that of its single row has Row behind it.</summary>
    public static string NameOf(ProductPlan plan) => $"Multiply{plan.Size}";

    /// <summary>out[rows, columns] = start + x[rows, X.K] w + h[rows, H.K] u, where start is one row.</summary>
    public void Add(PairPlan plan)
    {
        var (x, h) = (plan.X, plan.H);
        var name = $"MultiplyPair{x.K}x{h.Size}";
        methods.AddProduct(plan.Name, name, plan.Shape, writer =>
        {
            writer.Line();
            writer.Line($"/// <summary>out[rows, {x.Columns}] = start + x[rows, {x.K}] W^T + h[rows, {h.K}] U^T.</summary>");
            using (writer.Method(
                $"internal static void {name}(float* x, float* w, float* h, float* u, float* start, float* c, nint rows, int turn)"))
            {
                Panels(writer, x with { IsFar = false }, (panel, at, columns) => writer.Line(
                    $"{tiles.PairSweep(columns)}(x, {x.InputStride}, {panel("w", x.K)}, {x.K}, h, {h.InputStride}, {panel("u", h.K)}, " +
                    $"{h.K}, {VectorText.Address("start", at)}, {VectorText.Address("c", at)}, {x.OutputStride}, rows);"));
                writer.Line();
                using (writer.Block("if ((rows & 1) != 0)"))
                {
                    writer.Line("rows--;");
                    writer.Line($"c = &c[rows * {x.OutputStride}];");
                    writer.Line($"{NameOf(x)}Row(&x[rows * {x.InputStride}], w, start, c, turn);");
                    writer.Line($"{NameOf(h)}Row(&h[rows * {h.InputStride}], u, c, c, turn);");
                }
            }
        });
    }

    /// <summary>A place so many panels on, in a matrix with so many floats a column.</summary>
    public static string Panel(string pointer, ProductPlan plan, Index panel, int floats) => VectorText.Address(pointer,
        panel.Times(plan.PanelColumns * floats));

    /// <summary>
    /// c += a^T b, or c += b^T a where the plan says so, in passes that keep a panel of the right side in the first-level cache.
    /// </summary>
    /// <param name="plan">The product.</param>
    /// <param name="name">What its method is to be called.</param>
    /// <param name="summary">What it computes.</param>
    public void Add(OuterPlan plan, string name, string summary) => methods.AddProduct(plan.Name, name, plan with { Name = "" }, writer =>
    {
        writer.Line();
        writer.Line($"/// <summary>{summary}.</summary>");
        using (writer.Method($"internal static void {name}(float* a, float* b, float* c, nint rows, nint low)"))
        using (writer.Block($"for (nint first = 0; first < rows; first += {OuterPlan.RowsPerPass})"))
        {
            writer.Line($"nint count = Math.Min({OuterPlan.RowsPerPass}, rows - first);");
            writer.Line($"float* left = &{(plan.IsTransposed ? "b" : "a")}[first * {plan.LeftStride}];");
            writer.Line($"float* right = &{(plan.IsTransposed ? "a" : "b")}[first * {plan.RightStride}];");
            if (plan.M <= plan.BlockM)
            {
                Block(writer, plan, "c", plan.M);
                return;
            }

            var (blocks, rest) = (plan.M / plan.BlockM, plan.M % plan.BlockM);
            writer.Line("float* sums = c;");
            using (writer.Block($"for (nint block = 0; block < {blocks}; block++)"))
            {
                Block(writer, plan, "sums", plan.BlockM);
                writer.Line($"left = &left[{plan.BlockM}];");
                writer.Line($"sums = &sums[{plan.BlockM * plan.OutputStride}];");
            }

            if (rest > 0)
            {
                writer.Line();
                Block(writer, plan, "sums", rest);
            }
        }
    });

    /// <summary>All panels of the right side, and so many columns of the left one.</summary>
    private void Block(SourceWriter writer, OuterPlan plan, string sums, int width)
    {
        if (plan.FullPanels > 1)
        {
            using (writer.Block($"for (nint n = 0; n < {plan.FullPanels * plan.PanelColumns}; n += {plan.PanelColumns})"))
            {
                Column(writer, plan, sums, width, "n", plan.PanelColumns);
            }
        }
        else if (plan.FullPanels == 1)
        {
            Column(writer, plan, sums, width, "", plan.PanelColumns);
        }

        if (plan.LastColumns > 0)
        {
            Column(writer, plan, sums, width, plan.FullPanels == 0 ? "" : $"{plan.FullPanels * plan.PanelColumns}", plan.LastColumns);
        }
    }

    private void Column(SourceWriter writer, OuterPlan plan, string sums, int width, string at, int columns)
    {
        var m = 0;
        foreach (var rows in TileShape.RowCounts(tiles.VectorCount(columns), tiles.Target).Concat([1]))
        {
            var repeats = (width - m) / rows;
            if (repeats > 1)
            {
                using (writer.Block($"for (nint m = {m}; m < {m + (repeats * rows)}; m += {rows})"))
                {
                    Tile(rows, "&left[m]", $"m * {plan.OutputStride}");
                }
            }
            else if (repeats == 1)
            {
                Tile(rows, VectorText.At("left", m), m == 0 ? "" : $"{m * plan.OutputStride}");
            }

            m += repeats * rows;
        }

        void Tile(int rows, string left, string row) => writer.Line(
            $"{_outer.Tile(rows, columns, plan.IsFar)}({left}, {plan.LeftStride}, {VectorText.Address("right", at)}, {plan.RightStride}, " +
            $"{VectorText.Address(sums, row.Length == 0 ? at : VectorText.Add(row, at))}, {plan.OutputStride}, count, low);");
    }

    /// <summary>Walks the panels: each is a place among weights with so many rows, its first column and its width.</summary>
    private static void Panels(SourceWriter writer, ProductPlan plan, Action<Func<string, int, string>, string, int> write)
    {
        if (plan.FullPanels > 1)
        {
            var index = plan.IsFar ? "i" : "p";
            using (writer.Block($"for (nint {index} = 0; {index} < {plan.FullPanels}; {index}++)"))
            {
                if (plan.IsFar)
                {
                    writer.Line($"nint p = (turn & 1) == 0 ? i : {plan.FullPanels - 1} - i;");
                    writer.Line("nint next = (turn & 1) == 0 ? p + 1 : p - 1;");
                }

                write((w, k) => $"&{w}[p * {plan.PanelColumns * k}]", $"p * {plan.PanelColumns}", plan.PanelColumns);
            }
        }
        else if (plan.FullPanels == 1)
        {
            write((w, _) => w, "", plan.PanelColumns);
        }

        if (plan.LastColumns > 0)
        {
            var first = plan.FullPanels * plan.PanelColumns;
            write((w, k) => VectorText.At(w, first * k), first == 0 ? "" : $"{first}", plan.LastColumns);
        }
    }
}
