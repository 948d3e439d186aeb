using Xunit;

namespace RnnCodegen.Tests.Threading;

public class BatchPartitionTests
{
    // flops a step, T, B, threads; parts
    public static TheoryData<long, int, int, int, int> Choices => new()
    {
        // a small call is done before a worker is awake
        { 10_000, 10, 32, 2, 1 }, { 10_000, 24, 32, 2, 1 }, { 10_000, 25, 32, 2, 2 },
        { 10_000, 37, 32, 8, 2 }, { 10_000, 38, 32, 8, 3 },

        // eight samples a part
        { 1_000_000, 100, 1, 8, 1 }, { 1_000_000, 100, 15, 8, 1 }, { 1_000_000, 100, 16, 8, 2 }, { 1_000_000, 100, 23, 8, 2 },
        { 1_000_000, 100, 24, 8, 3 }, { 1_000_000, 100, 64, 8, 8 }, { 1_000_000, 100, 1024, 64, 64 },

        // no more than there are threads
        { 1_000_000, 100, 64, 1, 1 }, { 1_000_000, 100, 64, 3, 3 },

        // operations unknown
        { 0, 1000, 1000, 8, 1 },

        // more operations than a long counts
        { 1_000_000_000, 1_000_000, 1_000_000, 8, 8 }, { 1_000_000_000, int.MaxValue, int.MaxValue, 8, 8 },
    };

    [Theory]
    [MemberData(nameof(Choices))]
    public void As_many_parts_as_pay(long flopsPerStep, int steps, int batch, int threads, int parts)
    {
        var model = new ModelDefinition
        {
            Name = "Shape",
            InputSize = 1,
            Vocabulary = 0,
            OutputSize = 1,
            OutputIsSequence = true,
            CanStream = true,
            FlopsPerStep = flopsPerStep,
            Output = OutputTransform.None,
            Parameters = [],
            State = [],
        };
        Assert.Equal(parts, BatchPartition.Choose(model, steps, batch, threads).Parts);
    }

    [Theory]
    [InlineData(1, new[] { 1 })]
    [InlineData(32, new[] { 32 })]
    [InlineData(32, new[] { 16, 16 })]
    [InlineData(33, new[] { 18, 15 })]
    [InlineData(30, new[] { 16, 14 })]
    [InlineData(32, new[] { 12, 10, 10 })]
    [InlineData(27, new[] { 10, 10, 7 })]
    [InlineData(25, new[] { 10, 8, 7 })]
    public void Parts_are_even_and_follow_each_other(int batch, int[] counts)
    {
        var partition = new BatchPartition(batch, counts.Length);
        Assert.Equal(counts, Enumerable.Range(0, counts.Length).Select(partition.Count));
        Assert.Equal(counts.Select((_, part) => counts[..part].Sum()), Enumerable.Range(0, counts.Length).Select(partition.First));
    }

    [Fact]
    public void Every_sample_is_in_one_part()
    {
        for (var parts = 1; parts <= BatchPartition.MaxParts; parts++)
        {
            for (var batch = 2 * parts; batch < 12 * parts; batch++)
            {
                var partition = new BatchPartition(batch, parts);
                Assert.Equal((0, batch), (partition.First(0), partition.First(parts)));
                Assert.All(Enumerable.Range(0, parts), part => Assert.InRange(partition.Count(part), 1, (batch / parts) + 2));
            }
        }
    }
}
