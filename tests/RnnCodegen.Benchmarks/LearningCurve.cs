using RnnCodegen.Benchmarks.Engines;

namespace RnnCodegen.Benchmarks;

/// <summary>
/// The losses of one training, ours and a peer's, from the same weights, with the same batches in the same order and AdamW.
/// </summary>
/// <param name="Workload">The model, and the shape of a batch.</param>
/// <param name="Own">Our loss of each step.</param>
/// <param name="Peer">The peer's.</param>
internal sealed record LearningCurve(Workload Workload, float[] Own, float[] Peer)
{
    /// <summary>The step at which the losses should still agree; later, roundings that differ may have grown.</summary>
    public const int AgreeingSteps = 50;

    /// <summary>How far they should be apart then at the most, relative to the loss.</summary>
    public const double Tolerance = 1e-4;

    private const int Steps = 200;
    private const int Batches = 20;
    private const float Rate = 0.3f;

    /// <summary>The trainings: as many outputs as inputs, for each output follows an input.</summary>
    public static IReadOnlyList<Workload> Workloads { get; } =
        [.. Enum.GetValues<Cell>().Select(cell => new Workload(Call.TrainingStep, cell, 32, 32, 28, 16))];

    /// <summary>The largest relative difference up to a step, counted from 1.</summary>
    public double LargestDifference(int steps) => Enumerable.Range(1, steps).Max(Difference);

    /// <summary>The relative difference of the losses at a step, counted from 1.</summary>
    public double Difference(int step) => Math.Abs(Own[step - 1] - Peer[step - 1]) / (double)Peer[step - 1];

    /// <summary>Trains with both.</summary>
    /// <exception cref="InvalidOperationException">The losses do not fall, or have nothing to do with each other.</exception>
    public static LearningCurve Measure(Workload workload, Engine peer)
    {
        var random = new Random(3);
        var batches = new (float[] Inputs, float[] Targets)[Batches];
        for (var k = 0; k < Batches; k++)
        {
            var inputs = LayerData.Fill(random, workload.Steps * workload.Batch * workload.Inputs);
            batches[k] = (inputs, Follow(inputs, workload.Batch * workload.Inputs));
        }

        var order = new List<(float[], float[])>();
        while (order.Count < Steps)
        {
            random.Shuffle(batches);
            order.AddRange(batches);
        }

        var curve = new LearningCurve(workload, Train(Engine.Own, workload, order), Train(peer, workload, order));
        var difference = curve.LargestDifference(AgreeingSteps);
        return difference <= Tolerance && curve.Own[Steps - 1] < 0.9f * curve.Own[0]
            ? curve
            : throw new InvalidOperationException(string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"{workload.Name}: losses of the first {AgreeingSteps} steps differ by up to {difference:0.0E+0}; ours goes from " +
                $"{curve.Own[0]} to {curve.Own[Steps - 1]}; nothing was written."));
    }

    private static float[] Train(Engine engine, Workload workload, IReadOnlyList<(float[] Inputs, float[] Targets)> batches)
    {
        using var session = engine.Open(workload, LayerData.Of(workload));
        var losses = new float[Steps];
        for (var step = 0; step < Steps; step++)
        {
            ((ITrainingStep)session).Feed(batches[step].Inputs, batches[step].Targets);
            session.Invoke();
            losses[step] = session.Output()[0];
        }

        return losses;
    }

    /// <summary>The moving average of each input, which is what there is to learn: y += rate (x - y) at each time step.</summary>
    private static float[] Follow(float[] inputs, int rowSize)
    {
        var targets = new float[inputs.Length];
        for (var k = 0; k < inputs.Length; k++)
        {
            var before = k < rowSize ? 0 : targets[k - rowSize];
            targets[k] = before + (Rate * (inputs[k] - before));
        }

        return targets;
    }
}
