using Xunit;

namespace RnnCodegen.Tests.Training;

/// <summary>Which samples, and which of their steps, meet in a batch.</summary>
public sealed class BatchPlanTests
{
    [Fact]
    public void Buckets_use_every_sample_once_and_need_far_less_padding()
    {
        var random = new Random(5);
        var set = StreamData.Set(1, [.. Enumerable.Range(0, 200).Select(_ => random.Next(1, 100))]);
        var (plain, bucketed) = (Padding(set, 1), Padding(set, 8));
        Assert.True(bucketed < plain / 4, $"{bucketed} padded steps with buckets, {plain} without");
    }

    [Fact]
    public void Buckets_are_the_same_for_the_same_generator_and_others_for_the_next_epoch()
    {
        var set = StreamData.Set(1, [.. Enumerable.Range(0, 50).Select(i => 1 + (i % 7))]);
        var settings = new TrainingSettings { BatchSize = 4, BucketBatches = 3 };
        var (a, b) = (new BatchPlan(set, settings, evaluates: false), new BatchPlan(set, settings, evaluates: false));
        var (randomA, randomB) = (new SeededRandom(3), new SeededRandom(3));
        a.Arrange(randomA);
        b.Arrange(randomB);
        var first = Batches(a);
        Assert.Equal(first, Batches(b));
        a.Arrange(randomA);
        Assert.NotEqual(first, Batches(a));
        Assert.Equal(Enumerable.Range(0, 50), Batches(a).SelectMany(batch => batch).Order());
        Assert.Equal(13, a.Count);
    }

    [Fact]
    public void Evaluation_keeps_the_sets_order_without_buckets_and_sorts_all_with_them()
    {
        var set = StreamData.Set(1, 5, 1, 3, 2, 4);
        var plan = new BatchPlan(set, new TrainingSettings { BatchSize = 2 }, evaluates: true);
        plan.Arrange(null);
        Assert.Equal([[0, 1], [2, 3], [4]], Batches(plan));
        plan = new BatchPlan(set, new TrainingSettings { BatchSize = 2, BucketBatches = 2 }, evaluates: true);
        plan.Arrange(null);
        Assert.Equal([[1, 3], [2, 4], [0]], Batches(plan));
        Assert.Equal([2, 4, 5], Enumerable.Range(0, 3).Select(p => plan[p].Steps));
    }

    [Theory]
    [InlineData(7, 3, 3, "0-3+0>3 3-6+0>3 6-7+0>0")]
    [InlineData(6, 3, 3, "0-3+0>3 3-6+0>0")]
    [InlineData(7, 2, 5, "0-2+0>0 0-4+2>1 1-6+3>2 3-7+3>0")]
    [InlineData(2, 3, 4, "0-2+0>0")]
    public void Windows_count_each_step_once_and_reach_back(int length, int steps, int window, string expected)
    {
        var plan = new BatchPlan(
            StreamData.Set(1, length, 1), new TrainingSettings { Truncation = new Truncation(steps, window) }, evaluates: false);
        plan.Arrange(null);
        Assert.Equal(expected, string.Join(' ', Enumerable.Range(0, plan.Count).Select(i => plan[i])
            .Select(p => $"{p.Start}-{p.Start + p.Steps}+{p.Context}>{p.Advance}")));
        Assert.True(plan[0].IsFirst);
        Assert.All(Enumerable.Range(1, plan.Count - 1), i => Assert.False(plan[i].IsFirst));
        Assert.All(Enumerable.Range(0, plan.Count), i => Assert.True(plan[i].Steps <= plan.MaxSteps));
    }

    [Fact]
    public void Windows_of_evaluation_have_no_context()
    {
        var plan = new BatchPlan(StreamData.Set(1, 7), new TrainingSettings { Truncation = new Truncation(3, 6) }, evaluates: true);
        plan.Arrange(null);
        Assert.All(Enumerable.Range(0, plan.Count), i => Assert.Equal(0, plan[i].Context));
    }

    private static int Padding(TrainingSet set, int bucketBatches)
    {
        var plan = new BatchPlan(set, new TrainingSettings { BatchSize = 8, BucketBatches = bucketBatches }, evaluates: false);
        plan.Arrange(new SeededRandom(1));
        Assert.Equal(Enumerable.Range(0, set.Count), Batches(plan).SelectMany(batch => batch).Order());
        return Enumerable.Range(0, plan.Count).Sum(p => (plan[p].Steps * plan[p].Count) - Batches(plan)[p].Sum(i => set[i].Steps));
    }

    private static int[][] Batches(BatchPlan plan) => [.. Enumerable.Range(0, plan.Count).Select(p => plan.Samples(plan[p]).ToArray())];
}
