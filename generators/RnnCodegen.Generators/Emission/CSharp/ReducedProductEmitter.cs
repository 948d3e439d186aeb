using RnnCodegen.Generators.Planning;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>
/// Writes the products of inference whose weights are not float32. They are called as the others are: with a pointer to the packed weights,
/// whatever these are, and rows of floats.
/// </summary>
internal sealed class ReducedProductEmitter(BFloat16TileEmitter bfloat16, MethodTable methods)
{
    /// <summary>A product of many rows and the same of one row.</summary>
    /// <param name="plan">The product.</param>
    /// <param name="name">How the names of its methods start.</param>
    /// <param name="summary">What it computes.</param>
    public void Add(ProductPlan plan, string name, string summary)
    {
        var isInt8 = plan.Format == WeightFormatKind.Int8;
        (name, summary) = (name + plan.Format, summary + (isInt8 ? ", both in 8 bits" : " in bfloat16"));
        var (shape, row) = (plan.WithoutPlace(), $"{name}Row");
        methods.AddProduct(plan.RowName, row, shape, writer =>
        {
            Header(writer, $"{summary}, of one row.", isInt8);
            using (writer.Method($"internal static void {row}(float* a, float* w, float* start, float* c, int turn)"))
            {
                WriteRow(writer, plan, isInt8);
            }
        });
        methods.AddProduct(plan.Name, name, shape, writer =>
        {
            Header(writer, $"{summary}.", isInt8);
            using (writer.Method(
                $"internal static void {name}(float* a, float* w, float* start, nint ldStart, float* c, nint rows, int turn)"))
            {
                if (isInt8)
                {
                    WriteInt8(writer, plan);
                }
                else
                {
                    WriteBFloat16(writer, plan, row);
                }
            }
        });
    }

    /// <summary>
    /// One row of start + x W^T + h U^T, for cells whose gates are one sum: panel by panel, so that the caches keep what the next step
    /// starts with.
    /// </summary>
    public void AddStep(string planned, string name, ProductPlan input, ProductPlan hidden) => methods.AddProduct(planned, name,
        (input.WithoutPlace(), hidden.WithoutPlace()), writer =>
        {
            var isInt8 = input.Format == WeightFormatKind.Int8;
            Header(writer, "The products with x and h of one row, panel by panel.", isInt8);
            using (writer.Method($"internal static void {name}(float* x, float* w, float* h, float* u, float* start, float* c, int turn)"))
            {
                if (isInt8)
                {
                    writer.Line($"byte* p = stackalloc byte[{Int8Stride(input)}];");
                    writer.Line($"byte* q = stackalloc byte[{Int8Stride(hidden)}];");
                    writer.Line($"ByteScale scaleX = Int8Product.Quantize(x, {input.K}, p);");
                    writer.Line($"ByteScale scaleH = Int8Product.Quantize(h, {hidden.K}, q);");
                    writer.Line(
                        $"Int8Product.MultiplyPair(p, scaleX, w, {input.K}, q, scaleH, u, {hidden.K}, start, c, {input.Columns}, turn);");
                }
                else
                {
                    writer.Line("uint* v = (uint*)w;");
                    writer.Line("uint* t = (uint*)u;");
                    new Serpentine(writer).Write(input, (call, panel) => writer.Line(
                        $"{bfloat16.RowPair(call.Panels, call.Columns)}(x, {ProductEmitter.Panel("v", input, panel, Pairs(input))}, " +
                        $"{input.K}, h, {ProductEmitter.Panel("t", input, panel, Pairs(hidden))}, {hidden.K}, " +
                        $"{ProductEmitter.Panel("start", input, panel, 1)}, {ProductEmitter.Panel("c", input, panel, 1)});"));
                }
            }
        });

    private static int Pairs(ProductPlan plan) => (plan.K + 1) / 2;

    // The runtime's Int8Product.GroupBytes for each 4 values.
    private static int Int8Stride(ProductPlan plan) => (plan.K + 3) / 4 * 8;

    private void WriteRow(SourceWriter writer, ProductPlan plan, bool isInt8)
    {
        if (isInt8)
        {
            writer.Line($"byte* q = stackalloc byte[{Int8Stride(plan)}];");
            writer.Line($"ByteScale scale = Int8Product.Quantize(a, {plan.K}, q);");
            writer.Line($"Int8Product.Multiply(q, 0, &scale, 1, w, start, 0, c, 0, {plan.K}, {plan.Columns}, turn);");
            return;
        }

        writer.Line("uint* pairs = (uint*)w;");
        new Serpentine(writer).Write(plan, (call, panel) => writer.Line(
            $"{bfloat16.Row(call.Panels, call.Columns)}(a, {ProductEmitter.Panel("pairs", plan, panel, Pairs(plan))}, " +
            $"{ProductEmitter.Panel("start", plan, panel, 1)}, {ProductEmitter.Panel("c", plan, panel, 1)}, {plan.K});"));
    }

    private void WriteBFloat16(SourceWriter writer, ProductPlan plan, string row)
    {
        var pairs = Pairs(plan);
        using (writer.Block("if (rows > 1)"))
        {
            writer.Line("uint* pairs = (uint*)w;");
            if (plan.FullPanels > 0)
            {
                using (writer.Block($"for (nint p = 0; p < {plan.FullPanels}; p++)"))
                {
                    Panel(plan.PanelColumns, $"&pairs[p * {plan.PanelColumns * pairs}]", $"p * {plan.PanelColumns}");
                }
            }

            if (plan.LastColumns > 0)
            {
                var column = plan.FullPanels * plan.PanelColumns;
                Panel(plan.LastColumns, VectorText.At("pairs", column * pairs), $"{column}");
            }
        }

        writer.Line();
        using (writer.Block("if ((rows & 1) != 0)"))
        {
            writer.Line("rows--;");
            writer.Line($"{row}(&a[rows * {plan.InputStride}], w, &start[rows * ldStart], &c[rows * {plan.OutputStride}], turn);");
        }

        void Panel(int columns, string w, string column) => writer.Line(
            $"{bfloat16.Sweep(columns)}(a, {plan.InputStride}, {w}, {VectorText.Address("start", column)}, ldStart, " +
            $"{VectorText.Address("c", column)}, {plan.OutputStride}, {plan.K}, rows);");
    }

    /// <summary>Rows are rounded to 8 bits, a few at a time, and each panel of weights passes over them.</summary>
    private static void WriteInt8(SourceWriter writer, ProductPlan plan)
    {
        var (rows, stride) = (plan.Int8Rows, Int8Stride(plan));
        writer.Line($"byte* q = stackalloc byte[{rows * stride}];");
        writer.Line($"ByteScale* scales = stackalloc ByteScale[{rows}];");
        using (writer.Block($"for (nint first = 0; first < rows; first += {rows})"))
        {
            writer.Line($"nint count = Math.Min({rows}, rows - first);");
            using (writer.Block("for (nint r = 0; r < count; r++)"))
            {
                writer.Line($"scales[r] = Int8Product.Quantize(&a[(first + r) * {plan.InputStride}], {plan.K}, &q[r * {stride}]);");
            }

            writer.Line();
            writer.Call("Int8Product.Multiply", [
                "q", $"{stride}", "scales", "count", "w", "&start[first * ldStart]", "ldStart", $"&c[first * {plan.OutputStride}]",
                $"{plan.OutputStride}", $"{plan.K}", $"{plan.Columns}", "turn"]);
        }
    }

    private static void Header(SourceWriter writer, string summary, bool isInt8)
    {
        writer.Line();
        writer.Line($"/// <summary>{summary}</summary>");
        if (isInt8)
        {
            writer.Line("[@SkipLocalsInit]");
        }
    }
}
