using RnnCodegen.Generators.Lowering;

namespace RnnCodegen.Generators.Emission.Cuda;

/// <content>Products as launches of their own: what of their operands the tiles of the prelude read and write.</content>
internal sealed partial class CudaPass
{
    private static int Columns(Weights w) => w.Units * w.Blocks.Count;

    // The weight of a result's column c and an operand's column k.
    private static string WeightAt(Weights w) => WeightAt(w, "c", "k");

    /// <summary>The weight of a result's column and an operand's column.</summary>
    public static string WeightAt(Weights w, string column, string input) =>
        $"weights[(size_t){RowOf(w, $"({column})")} * {w.Inputs} + {input}]";

    /// <summary>The biases of column c.</summary>
    public string BiasesOf(Weights w) => string.Join(" + ", w.Biases.Select(b => Bias(w, b)).DefaultIfEmpty("0.f"));

    /// <summary>A tile of the result of a product.</summary>
    /// <param name="instruction">The product.</param>
    /// <param name="hasFewRows">Whether a warp makes a column of few rows, rather than a block a tile.</param>
    public void WriteProduct(Instruction instruction, bool hasFewRows)
    {
        var precision = plan.PrecisionOf(instruction, scope);
        switch (instruction)
        {
            case Multiply m:
                DeclareProduct(m);
                writer.Line($"const int rows = {Count(m.Rows)};");
                writer.Line($"auto a = [&](int r, int k) {{ return in[(size_t)r * {Width(m.In)} + k]; }};");
                writer.Line($"auto b = [&](int c, int k) {{ return {WeightAt(m.Weights)}; }};");
                using (writer.Block("auto store = [&](int r, int c, float sum)", "};"))
                {
                    writer.Line($"float& y = out[(size_t)r * {Width(m.Out)} + c];");
                    writer.Line($"y = {Start(m)} + sum;");
                }

                writer.Line(hasFewRows
                    ? $"few_rows<{m.Weights.Inputs}>(rows, {Columns(m.Weights)}, a, b, store);"
                    : $"tile<{precision}, false, false>(rows, {Columns(m.Weights)}, 0, {m.Weights.Inputs}, a, b, store);");
                break;
            case MultiplyBack m:
                DeclareProduct(m);
                writer.Line($"const int rows = {Count(m.Rows)};");
                writer.Line($"auto a = [&](int r, int c) {{ return out[(size_t)r * {Width(m.Out)} + c]; }};");
                writer.Line($"auto b = [&](int k, int c) {{ return {WeightAt(m.Weights)}; }};");
                using (writer.Block("auto store = [&](int r, int k, float sum)", "};"))
                {
                    writer.Line($"float& x = in[(size_t)r * {Width(m.In)} + k];");
                    writer.Line($"x = {(m.Adds ? "x + " : "")}sum;");
                }

                writer.Line($"tile<{precision}, false, true>(rows, {m.Weights.Inputs}, 0, {Columns(m.Weights)}, a, b, store);");
                break;
        }
    }

    /// <summary>A tile of a weight's gradient, of one part of the rows; with the biases' where it is the first of its row.</summary>
    public void WriteWeightGradient(AddWeightGradients g)
    {
        var w = g.Weights;
        writer.Line($"const float* const out = {At(g.Out)}, * const in = {At(g.In)};");
        writer.Line($"const long long rows = {Count(g.Rows)};");
        writer.Line("const int first = rows * blockIdx.z / gridDim.z, end = rows * (blockIdx.z + 1) / gridDim.z;");
        writer.Line($"auto a = [&](int c, int r) {{ return out[(size_t)r * {Width(g.Out)} + c]; }};");
        writer.Line($"auto b = [&](int k, int r) {{ return in[(size_t)r * {Width(g.In)} + k]; }};");
        var target = $"gradients[{offsetOf(w.Tensor)} + {RowOf(w, "c")} * {w.Inputs} + k]";
        writer.Line($"auto store = [&](int c, int k, float sum) {{ {target} += sum; }};");
        using (writer.Block("auto storeSum = [&](int c, float sum)", "};"))
        {
            foreach (var bias in w.Biases)
            {
                var block = Pick(bias.Blocks, $"c / {w.Units}");
                var guard = bias.Blocks.Any(b => b < 0) ? $"if ({block} >= 0) " : "";
                writer.Line($"{guard}gradients[{offsetOf(bias.Tensor)} + {block} * {w.Units} + c % {w.Units}] += sum;");
            }
        }

        writer.Line($"tile<{plan.PrecisionOf(g, scope)}, true, true>({Columns(w)}, {w.Inputs}, first, end, a, b, store, storeSum);");
    }

    private void DeclareProduct(Multiply m)
    {
        writer.Line($"const float* const in = {At(m.In)}, * const weights = call.parameters + {offsetOf(m.Weights.Tensor)};");
        writer.Line($"float* const out = {At(m.Out)};");
    }

    private void DeclareProduct(MultiplyBack m)
    {
        writer.Line($"const float* const out = {At(m.Out)}, * const weights = call.parameters + {offsetOf(m.Weights.Tensor)};");
        writer.Line($"float* const in = {At(m.In)};");
    }

    /// <summary>What a product's sum is added to: what is there, as y, or the biases of column c.</summary>
    private string Start(Multiply m) => m.Adds ? "y" : BiasesOf(m.Weights);

    private string Bias(Weights w, BiasShare bias)
    {
        var isInOrder = bias.Blocks.Select((block, i) => block == i).All(isSame => isSame);
        var tensor = $"call.parameters[{offsetOf(bias.Tensor)} + ";
        if (isInOrder)
        {
            return $"{tensor}c]";
        }

        var block = Pick(bias.Blocks, $"c / {w.Units}");
        return $"({block} < 0 ? 0.f : {tensor}{block} * {w.Units} + c % {w.Units}])";
    }
}
