namespace RnnCodegen.Benchmarks.Engines;

/// <summary>A session of training steps whose batch can be another at each step.</summary>
internal interface ITrainingStep
{
    /// <summary>Replaces x [T, B, I] and what is wanted [T, B, H] from the next step on.</summary>
    void Feed(float[] inputs, float[] targets);
}
