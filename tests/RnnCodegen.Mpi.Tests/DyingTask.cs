namespace RnnCodegen.Ranks.Tests;

/// <summary>A training that goes on until a rank dies.</summary>
internal static class DyingTask
{
    public static TrainingSet Data { get; } = RankTask.Rows(64, 10, 20, 41);

    public static Trainer<Regressor> Create(IProcessGroup? world, string checkpoint) =>
        new(new Regressor(seed: 1), Loss.MeanSquaredError, new AdamW(1e-4))
        {
            World = world, Checkpoint = new CheckpointOptions(checkpoint) { EveryUpdates = 1 },
        };
}
