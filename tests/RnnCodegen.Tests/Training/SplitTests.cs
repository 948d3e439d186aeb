using Xunit;

namespace RnnCodegen.Tests.Training;

public sealed class SplitTests
{
    [Theory]
    [InlineData(10, 0.2, 2)]
    [InlineData(10, 0.01, 1)]
    [InlineData(10, 0.99, 9)]
    [InlineData(2, 0.5, 1)]
    [InlineData(101, 0.33, 33)]
    public void Each_sample_is_in_one_part_and_the_seed_says_in_which(int count, double part, int expected)
    {
        var set = Numbers(count);
        var (training, validation) = set.Split(part, seed: 3);
        Assert.Equal((count - expected, expected), (training.Count, validation.Count));
        Assert.Equal(Enumerable.Range(0, count), Values(training).Concat(Values(validation)).Order());
        Assert.Equal(Values(validation).Order(), Values(validation));
        Assert.Equal(Values(validation), Values(set.Split(part, seed: 3).Validation));
        Assert.True(count < 10 || Enumerable.Range(0, 5).Any(s =>
            !Values(set.Split(part, s).Validation).SequenceEqual(Values(validation))));
    }

    [Fact]
    public void The_first_samples_are_to_train_with_and_the_last_to_validate_with_and_a_gap_lies_between()
    {
        var (training, validation) = Numbers(10).SplitInOrder(0.3);
        Assert.Equal(Enumerable.Range(0, 7), Values(training));
        Assert.Equal([7, 8, 9], Values(validation));
        (training, validation) = Numbers(10).SplitInOrder(0.3, gap: 4);
        Assert.Equal([0, 1, 2], Values(training));
        Assert.Equal([7, 8, 9], Values(validation));
        Assert.Contains(
            "none to train with", Assert.Throws<InvalidOperationException>(() => Numbers(10).SplitInOrder(0.3, gap: 7)).Message);
    }

    [Fact]
    public void No_group_is_in_both_parts_and_their_sizes_are_close_to_what_is_wanted()
    {
        var random = new Random(1);
        string[] groups = [.. Enumerable.Range(0, 100).Select(_ => $"patient {random.Next(17)}")];
        var largest = groups.CountBy(g => g).Max(pair => pair.Value);
        for (var seed = 0; seed < 20; seed++)
        {
            var (training, validation) = Numbers(100).SplitByGroup(groups, 0.25, seed);
            Assert.Equal(Enumerable.Range(0, 100), Values(training).Concat(Values(validation)).Order());
            Assert.Empty(Values(training).Select(i => groups[i]).Intersect(Values(validation).Select(i => groups[i])));
            Assert.InRange(validation.Count, 25 - largest, 25 + largest);
        }

        // Each part has a group, however unlike they are.
        int[] unlike = [.. Enumerable.Range(0, 20).Select(i => i == 0 ? 1 : 2)];
        foreach (var part in new[] { 0.01, 0.5, 0.99 })
        {
            var (training, validation) = Numbers(20).SplitByGroup(unlike, part, seed: 1);
            Assert.Equal([1, 19], new[] { training.Count, validation.Count }.Order());
        }
    }

    [Fact]
    public void Parts_keep_kinds_weights_and_sizes()
    {
        var set = TrainingSet.OfTokens();
        set.AddLabels(new[] { 1 }, new[] { 1, 2, 3 });
        set.AddLabels(new[] { 1, 2 }, new[] { 1 }, 0.5f);
        var last = set.Subset([1]);
        Assert.Equal((1, 2, 1, TargetKind.Labels), (last.Count, last.MaxSteps, last.MaxLabels, last.TargetKind));
        Assert.Equal(0.5f, last[0].Weight);
        Assert.Equal(2, set.Subset([1, 1]).Count);
    }

    [Fact]
    public void Parts_that_cannot_be_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("validation", () => Numbers(3).Split(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>("validation", () => Numbers(3).Split(1, 1));
        Assert.Throws<ArgumentOutOfRangeException>("validation", () => Numbers(3).Split(double.NaN, 1));
        Assert.Throws<InvalidOperationException>(() => Numbers(1).Split(0.5, 1));
        Assert.Throws<ArgumentOutOfRangeException>("gap", () => Numbers(3).SplitInOrder(0.5, -1));
        Assert.Throws<ArgumentException>("groups", () => Numbers(3).SplitByGroup([1, 2], 0.5, 1));
        Assert.Throws<InvalidOperationException>(() => Numbers(3).SplitByGroup([1, 1, 1], 0.5, 1));
        Assert.Throws<ArgumentOutOfRangeException>("samples", () => Numbers(3).Subset([3]));
    }

    private static TrainingSet Numbers(int count)
    {
        var set = TrainingSet.OfRows(1);
        for (var i = 0; i < count; i++)
        {
            set.Add(new float[] { i }, new float[] { i });
        }

        return set;
    }

    private static int[] Values(TrainingSet set) => [.. Enumerable.Range(0, set.Count).Select(i => (int)set[i].Values.Span[0])];
}
