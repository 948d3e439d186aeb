using Xunit;

namespace RnnCodegen.Ranks.Tests;

/// <summary>Several ranks, as threads, train as one process does.</summary>
public sealed class RankTests
{
    public static TheoryData<string, int> Cases()
    {
        var cases = new TheoryData<string, int>();
        foreach (var name in RankTask.All.Keys)
        {
            foreach (var ranks in new[] { 2, 3, 4 })
            {
                cases.Add(name, ranks);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Ranks_find_the_losses_of_the_joined_batch(string name, int ranks)
    {
        var expected = RankTask.All[name].Train(new Way());
        foreach (var repeatable in new[] { false, true })
        {
            var found = ThreadGroup.Run(ranks, world => RankTask.All[name].Train(new Way(world, repeatable)));
            RequireNear(expected, found[0], 1e-6);
            Assert.All(found, rank => Assert.Equal(found[0].Bits, rank.Bits));
            Assert.All(found, rank => Assert.Equal(found[0].Losses, rank.Losses));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Repeatable_ranks_have_the_bits_of_as_many_threads(string name, int ranks)
    {
        var (isEven, train) = RankTask.All[name];
        var found = ThreadGroup.Run(ranks, world => train(new Way(world, Repeatable: true)))[0];
        Assert.Equal(found.Bits, ThreadGroup.Run(ranks, world => train(new Way(world, Repeatable: true)))[0].Bits);
        if (isEven)
        {
            var expected = train(new Way(Threads: ranks));
            Assert.Equal(expected.Losses, found.Losses);
            Assert.Equal(expected.Bits, found.Bits);
        }
    }

    [Theory]
    [InlineData("mse", 2)]
    [InlineData("classes", 1)]
    public void A_world_of_one_has_the_bits_of_a_process_without_a_world(string name, int threads)
    {
        using var world = Mpi.TryStart(out var reason);
        Assert.Contains("no mpirun", reason, StringComparison.Ordinal);
        Assert.Equal(1, world.Size);
        Assert.Equal(RankTask.All[name].Train(new Way(Threads: threads)).Bits,
            RankTask.All[name].Train(new Way(world, true, threads)).Bits);
    }

    [Fact]
    public void An_update_is_one_call_whatever_it_is_made_of()
    {
        var group = new ThreadGroup(2);
        group.Run(world => RankTask.All["accumulation"].Train(new Way(world)));

        // 200 samples in batches of 40, two batches an update: three updates an epoch.
        Assert.Equal(2 * 3, group.Calls[nameof(IProcessGroup.AllReduceSum)]);
        Assert.False(group.Calls.ContainsKey(nameof(IProcessGroup.AllToAll)));
    }

    [Fact]
    public void Ranks_start_from_the_parameters_and_optimizer_state_of_rank_0()
    {
        var expected = Twice(null);
        Assert.All(ThreadGroup.Run(2, Twice), rank => RequireNear(expected, rank, 1e-6));

        static Outcome Twice(IProcessGroup? world)
        {
            // Other ranks begin with other weights, and with an optimizer that has seen other gradients.
            var model = new Regressor(seed: world is { Rank: 1 } ? 99 : 3);
            var optimizer = new AdamW(1e-2);
            var gradients = model.CreateGradients();
            gradients.Edit().Fill(world is { Rank: 1 } ? -1 : 1);
            optimizer.Step(model.Parameters, gradients);
            var trainer = new Trainer<Regressor>(model, Loss.MeanSquaredError, optimizer) { World = world };
            return Outcome.Of(trainer.Fit(RankTask.Rows(40, 5, 9, 1), null, 2), model.Parameters);
        }
    }

    internal static void RequireNear(Outcome expected, Outcome found, double tolerance)
    {
        Assert.Equal(expected.Losses.Length, found.Losses.Length);
        for (var i = 0; i < expected.Losses.Length; i++)
        {
            var difference = Math.Abs(expected.Losses[i] - found.Losses[i]) / Math.Max(1, Math.Abs(expected.Losses[i]));
            Assert.True(difference <= tolerance, $"loss {i}: expected {expected.Losses[i]:R}, found {found.Losses[i]:R}");
        }
    }
}
