using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Planning;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Tests.Planning;

/// <summary>Offsets and names of whole models.</summary>
public class ModelPlanTests
{
    private static readonly EquatableArray<int> s_input = new[] { ModelSpec.Input }.ToEquatableArray();

    /// <summary>The texts of exceptions have axes in them, and an axis has the one before it.</summary>
    [Theory]
    [InlineData(64, 128, 8, true)] // 384 KB of 512
    [InlineData(256, 256, 8, false)] // 2 MB
    [InlineData(256, 256, 16, false)]
    [InlineData(64, 128, 1, false)]
    public void A_step_of_a_batch_takes_both_products_at_once_where_both_weights_stay_near(int inputs, int units, int lanes, bool isPair)
    {
        var plan = ModelPlan.Create(
            ModelGraphBuilder.Build(Model(inputs, Lstm(units))), Machine.All.Single(t => t.Lanes == lanes));
        Assert.Equal(isPair, plan.PairOf(plan.Recurrent.Single()) is not null);
    }

    [Fact]
    public void An_axis_can_be_printed()
    {
        var first = TimeAxis.Input.After(new WindowSpec(3, 2, 1, 0, 0));
        var second = first.After(new WindowSpec(2, 2, 1, 0, 0));
        Assert.Equal("input", $"{TimeAxis.Input}");
        Assert.Equal($"{new WindowSpec(2, 2, 1, 0, 0)} of {new WindowSpec(3, 2, 1, 0, 0)}", $"{second}");
        Assert.Contains($"{first}", $"{new ValueShape(4, first)}");
    }

    [Fact]
    public void Parameters_have_PyTorch_s_names_shapes_and_order()
    {
        var spec = Model(8, Lstm(5) with { Layers = 2, Bidirectional = true, Projection = 3 });
        var table = new ParameterTable(spec);
        var expected = new[] { ("l0", 8), ("l0_reverse", 8), ("l1", 6), ("l1_reverse", 6) }.SelectMany(x => new[]
        {
            $"E.weight_ih_{x.Item1} [20, {x.Item2}]", $"E.weight_hh_{x.Item1} [20, 3]", $"E.bias_ih_{x.Item1} [20, 0]",
            $"E.bias_hh_{x.Item1} [20, 0]", $"E.weight_hr_{x.Item1} [3, 5]",
        });
        Assert.Equal(expected, table.Items.Select(p => $"{p.Name} [{p.Rows}, {p.Columns}]"));
        Assert.Equal(2 * ((20 * 8) + (20 * 6) + (2 * ((20 * 3) + 40 + 15))), table.Count);
    }

    [Fact]
    public void Packed_weights_do_not_overlap_and_start_at_cache_lines()
    {
        foreach (var target in Machine.All)
        {
            var plan = ModelPlan.Create(
                ModelGraphBuilder.Build(Model(
                    7,
                    new GruSpec("E", "public", s_input, 33, 2, true, 0, true, true, false, ActivationKind.Sigmoid, ActivationKind.Tanh))),
                target);
            foreach (var packing in new[] { plan.Training.Forward, plan.Training.Backward })
            {
                var ranges = packing.Items.Select(i => (i.Offset, Length: i switch
                {
                    PackRows r => r.Product.PackedLength,
                    PackColumns c => c.Product.PackedLength,
                    _ => i.Map.Columns,
                })).Distinct().OrderBy(r => r.Offset).ToArray();
                Assert.All(ranges, r => Assert.Equal(0, r.Offset % 16));
                Assert.True(ranges[0].Offset > 0, "the zeros that sums start from come first");
                Assert.True(ranges[^1].Offset + ranges[^1].Length <= packing.Length);
                for (var k = 1; k < ranges.Length; k++)
                {
                    Assert.True(ranges[k - 1].Offset + ranges[k - 1].Length <= ranges[k].Offset);
                }
            }
        }
    }

    [Theory]
    [InlineData(WeightFormatKind.Float32, 33 * 4 * 20)] // a twelfth more: 33 units are 36 of 4 lanes
    [InlineData(WeightFormatKind.BFloat16, 33 * 4 * 10)]
    [InlineData(WeightFormatKind.Int8, 33 * 4 * (5 + 2))] // and a scale and an offset for each column
    internal void InferencePacksWeightsInTheirFormatAndTrainingInFloats(WeightFormatKind format, int least)
    {
        foreach (var target in Machine.All)
        {
            var plan = ModelPlan.Create(ModelGraphBuilder.Build(Model(20, Lstm(33) with { WeightFormat = format, Peepholes = true })),
                target);
            var input = plan.Inference.Products[0].Forward;
            Assert.Equal((format, WeightFormatKind.Float32), (input.Format, plan.Training.Products[0].Forward.Format));
            Assert.InRange(input.PackedLength, least, least * 8 / 7);
            Assert.Equal(format == WeightFormatKind.Float32, ReferenceEquals(plan.Training, plan.Inference));

            var ends = plan.Inference.Forward.Items
                .Select(i => (Start: i.Offset, End: i.Offset + (i is PackRows r ? r.Product.PackedLength : i.Map.Columns))).Distinct()
                .OrderBy(r => r.Start).ToArray();
            Assert.All(ends, r => Assert.Equal(0, r.Start % 16));
            Assert.All(ends.Zip(ends.Skip(1)), r => Assert.True(r.First.End <= r.Second.Start));
            Assert.True(ends[^1].End <= plan.Inference.Forward.Length);
        }
    }

    [Theory]
    [InlineData(32, 512)] // 128 columns: 512 rows are 256 KB
    [InlineData(128, 256)] // 512 columns: 512 KB, half of a second-level cache
    [InlineData(512, 128)] // 2048 columns: twice that, as weight gradients are summed over 128 rows at a time
    public void Chunks_of_gates_fit_the_second_level_cache(int units, int rows) => Assert.Equal(
        rows,
        ModelPlan.Create(ModelGraphBuilder.Build(Model(16, Lstm(units))), Machine.Vector512).Memory.ChunkRows);

    [Fact]
    public void Gates_of_the_same_units_share_a_panel()
    {
        var plan = ModelPlan.Create(ModelGraphBuilder.Build(Model(16, Lstm(128))), Machine.Vector512);
        var product = plan.Training.Products[0];
        Assert.Equal((64, 8, 0), (product.Forward.PanelColumns, product.Forward.FullPanels, product.Forward.LastColumns));
        Assert.Equal(new GateMap("0, 1, 2, 3", 128, 16, 0, 512), product.Rows);
    }

    private static LstmSpec Lstm(int units) =>
        new("E", "public", s_input, units, 1, false, 0, true, true, 0, false, false, ActivationKind.Sigmoid, ActivationKind.Tanh);

    private static ModelSpec Model(int inputSize, params LayerSpec[] layers) =>
        new("", default, "M", inputSize, OutputTransformKind.None, ActivationAccuracyKind.Accurate, layers.ToEquatableArray());
}
