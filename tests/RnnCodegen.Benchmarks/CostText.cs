using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Planning;
using RnnCodegen.Generators.Specs;
using ActivationKind = RnnCodegen.Generators.Specs.Activation;
using ActivationAccuracyKind = RnnCodegen.Generators.Specs.ActivationAccuracy;
using OutputTransformKind = RnnCodegen.Generators.Specs.OutputTransform;
using static RnnCodegen.Benchmarks.ReportSection;

namespace RnnCodegen.Benchmarks;

/// <summary>The section of the cost model: what the plans of this process's vectors expect, beside what is measured.</summary>
internal static unsafe partial class CostText
{
    private const int Trials = 60;
    private const double TrialSeconds = 0.002;

    // Rows, length of the sums and columns.
    private static readonly (int Rows, int K, int Columns)[] Products =
        [(32, 64, 512), (32, 128, 512), (32, 256, 1024), (128, 256, 1024), (32, 512, 2048), (128, 512, 2048)];

    private static readonly Machine Target = Machine.All.First(m => 32 * m.Lanes == Roofline.VectorBits);

    private static readonly Dictionary<string, MethodInfo> Kernels = typeof(CostText).Assembly.GetTypes()
        .Single(t => t.Name.StartsWith($"{Target.Name}Kernels_", StringComparison.Ordinal))
        .GetMethods(BindingFlags.Static | BindingFlags.NonPublic).ToDictionary(m => m.Name);

    /// <summary>The section; takes a few seconds.</summary>
    public static ReportSection Create(Roofline roofline)
    {
        var frequency = roofline.Peak / (2 * Target.Lanes * Target.MultiplyAdds);
        var text = Start("The cost model, predicted and measured");
        text.AppendLine(
            $"""
            What `Planning` is told of a machine with vectors of {Roofline.VectorBits} bits: {Target.Registers} registers, {Target.MultiplyAdds} multiply-adds and {Target.Loads} loads a
            cycle, {Target.Latency} cycles until a sum can be added to again, {Target.FirstCache / 1024} KB and {Target.SecondCache / 1024} KB of caches. A cycle is the peak rate's, {frequency / 1e9:F2} GHz here.
            Chunks have {PlanOf(512).Memory.ChunkRows} rows at 512 units and {PlanOf(128).Memory.ChunkRows} at 128.

            Register tiles, all of whose operands stay in the first-level cache, in cycles for one term of all sums:
            """).AppendLine();
        text.AppendLine(Head(["tile", "multiply-adds", "predicted", "measured", "of the peak"]));
        foreach (var (name, rows, vectors) in Tiles())
        {
            var bound = (double)rows * vectors / Target.MultiplyAdds;
            var measured = TileCycles(name, rows, vectors * Target.Lanes, frequency);
            text.AppendLine(Line([
                $"{rows} x {vectors} vectors", $"{rows * vectors}", Number(TileShape.Cycles(rows, vectors, Target)), Number(measured),
                Percent(bound / measured)]));
        }

        text.AppendLine().AppendLine(
            """
            Products and weight gradients, as shares of the peak: what the tiles alone would come to, as planned, and with the same tiles one panel after the other, all
            rows in one pass, without blocks and without asking for what comes next:
            """).AppendLine();
        text.AppendLine(Head(["what", "rows", "predicted", "measured", "measured, plain"]));
        foreach (var (rows, k, columns) in Products)
        {
            AddProduct(text, roofline, rows, k, columns);
        }

        foreach (var (rows, k, columns) in Products.Where(p => p.Rows == 128).Append((128, 128, 512)))
        {
            AddGradient(text, roofline, rows, k, columns);
        }

        return new ReportSection(BenchmarkOptions.Cost, text.ToString());
    }

    [GeneratedRegex(@"^Tile(\d+)x(\d+)$")]
    private static partial Regex TileName { get; }

    private static IEnumerable<(string Name, int Rows, int Vectors)> Tiles() =>
        from name in Kernels.Keys
        let match = TileName.Match(name)
        where match.Success
        let rows = int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
        let columns = int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture)
        where columns % Target.Lanes == 0
        orderby columns descending, rows descending
        select (name, rows, columns / Target.Lanes);

    private static ModelPlan PlanOf(int units)
    {
        LayerSpec layer = new LstmSpec(
            "E", "public", new[] { ModelSpec.Input }.ToEquatableArray(), units, 1, false, 0, true, true, 0, false, false,
            ActivationKind.Sigmoid, ActivationKind.Tanh);
        var spec = new ModelSpec(
            "", default, "M", units, OutputTransformKind.None, ActivationAccuracyKind.Accurate, new[] { layer }.ToEquatableArray());
        return ModelPlan.Create(ModelGraphBuilder.Build(spec), Target);
    }

    private static double TileCycles(string name, int rows, int columns, double frequency)
    {
        var k = Target.FirstCache / 2 / sizeof(float) / columns;
        using var memory = new Memory();
        float* a = memory.Take(rows * Machine.Stride(k)), w = memory.Take(k * columns), c = memory.Take(rows * columns);
        var tile = (delegate* managed<float*, nint, float*, float*, nint, float*, nint, nint, void>)Pointer(name);
        return Best(() => tile(a, Machine.Stride(k), w, c, columns, c, columns, k)) * frequency / k;
    }

    private static void AddProduct(System.Text.StringBuilder text, Roofline roofline, int rows, int k, int columns)
    {
        var plan = ProductPlan.Create("", k, columns, 1, Machine.Stride(k), Machine.Stride(columns), 0, Target);
        using var memory = new Memory();
        float* a = memory.Take(rows * plan.InputStride), w = memory.Take(plan.PackedLength);
        float* start = memory.Take(columns), c = memory.Take(rows * plan.OutputStride);
        var product = (delegate* managed<float*, float*, float*, nint, float*, nint, int, void>)Pointer($"Multiply{k}x{columns}");
        var planned = Best(() => product(a, w, start, 0, c, rows, 0));
        var sweep = (delegate* managed<float*, nint, float*, float*, nint, float*, nint, nint, nint, void>)Pointer(
            $"Rows{plan.PanelColumns}");
        var plain = Best(() =>
        {
            for (nint p = 0; p < plan.FullPanels; p++)
            {
                sweep(a, plan.InputStride, w + (p * plan.PanelColumns * k), start + (p * plan.PanelColumns), 0,
                    c + (p * plan.PanelColumns), plan.OutputStride, k, rows);
            }
        });
        var vectors = plan.PanelColumns / Target.Lanes;
        var cycles = 0.0;
        var left = rows;
        foreach (var count in TileShape.RowCounts(vectors, Target))
        {
            for (; left >= count && !(count == 6 && left == TileShape.RowsInFours(6, vectors, Target)); left -= count)
            {
                cycles += TileShape.Cycles(count, vectors, Target);
            }
        }

        Add(text, roofline, $"{k} x {columns}", rows, 2.0 * rows * k * columns,
            (double)rows * vectors / Target.MultiplyAdds / cycles, planned, plain);
    }

    private static void AddGradient(System.Text.StringBuilder text, Roofline roofline, int rows, int k, int columns)
    {
        var plan = OuterPlan.Create("", columns, k, Machine.Stride(columns), Machine.Stride(k), Target);
        var vectors = plan.PanelColumns / Target.Lanes;
        var count = TileShape.Rows(vectors, Target);
        using var memory = new Memory();
        float* a = memory.Take(rows * Machine.Stride(columns)), b = memory.Take(rows * Machine.Stride(k));
        var c = memory.Take(plan.M * plan.OutputStride);
        var add = (delegate* managed<float*, float*, float*, nint, nint, void>)Pointer($"AddOuter{columns}x{k}");
        var planned = Best(() => add(a, b, c, rows, 0));
        var tile = (delegate* managed<float*, nint, float*, nint, float*, nint, nint, nint, void>)Pointer(
            $"Outer{count}x{plan.PanelColumns}");
        float* left = plan.IsTransposed ? b : a, right = plan.IsTransposed ? a : b;
        var plain = Best(() =>
        {
            for (nint n = 0; n < plan.FullPanels * plan.PanelColumns; n += plan.PanelColumns)
            {
                for (nint m = 0; m + count <= plan.M; m += count)
                {
                    var at = c + (m * plan.OutputStride) + n;
                    tile(left + m, plan.LeftStride, right + n, plan.RightStride, at, plan.OutputStride, rows, 0);
                }
            }
        });
        Add(text, roofline, $"gradient of {k} x {columns}", rows, 2.0 * rows * k * columns,
            (double)count * vectors / Target.MultiplyAdds / TileShape.Cycles(count, vectors, Target), planned, plain);
    }

    private static void Add(System.Text.StringBuilder text, Roofline roofline, string what, int rows, double flops, double predicted,
        double planned, double plain) => text.AppendLine(Line([
            what, $"{rows}", Percent(predicted), Percent(flops / planned / roofline.Peak), Percent(flops / plain / roofline.Peak)]));

    private static IntPtr Pointer(string name) => Kernels[name].MethodHandle.GetFunctionPointer();

    /// <summary>Seconds of a call, the best of many trials.</summary>
    private static double Best(Action call)
    {
        var calls = 1;
        var best = double.MaxValue;
        for (var trial = 0; trial < Trials;)
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < calls; i++)
            {
                call();
            }

            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (seconds < TrialSeconds)
            {
                calls *= 2;
                continue;
            }

            best = Math.Min(best, seconds / calls);
            trial++;
        }

        return best;
    }

    /// <summary>Zeroed memory, at cache lines.</summary>
    private sealed class Memory : IDisposable
    {
        private readonly List<IntPtr> _blocks = [];

        public float* Take(int floats)
        {
            var bytes = (nuint)floats * sizeof(float);
            var block = NativeMemory.AlignedAlloc(bytes, 64);
            NativeMemory.Clear(block, bytes);
            _blocks.Add((IntPtr)block);
            return (float*)block;
        }

        public void Dispose() => _blocks.ForEach(b => NativeMemory.AlignedFree((void*)b));
    }
}
