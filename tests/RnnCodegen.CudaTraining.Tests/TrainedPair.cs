using RnnCodegen.Cuda.Tests;
using Xunit;

namespace RnnCodegen.CudaTraining.Tests;

/// <summary>An encoder and a decoder on the CPU, and where they are trained.</summary>
internal sealed class Pair<TEncoder, TDecoder> : IDisposable
    where TEncoder : class, IRnnModel<TEncoder>
    where TDecoder : class, IRnnModel<TDecoder>
{
    public const int Start = 5, End = 4;

    private readonly TEncoder _encoder = OnDevice.Model<TEncoder>();
    private readonly TDecoder _decoder = OnDevice.Model<TDecoder>();

    /// <param name="encoders">The encoder's device; null where it stays on the CPU.</param>
    /// <param name="decoders">The decoder's.</param>
    public Pair(SoftwareDriver? encoders, SoftwareDriver? decoders) => Models = new(
        encoders is null ? _encoder : OnDevice.Place(_encoder, encoders),
        decoders is null ? _decoder : OnDevice.Place(_decoder, decoders), Start, End);

    public EncoderDecoder<TEncoder, TDecoder> Models { get; }

    /// <summary>The same two on the CPU.</summary>
    public EncoderDecoder<TEncoder, TDecoder> OnCpu => new(_encoder, _decoder, Start, End);

    public ParameterSet[] OnHost => [_encoder.Core.Parameters, _decoder.Core.Parameters];

    /// <summary>Parameters of both models.</summary>
    public float[] Parameters => [.. _encoder.Core.Parameters.Values, .. _decoder.Core.Parameters.Values];

    public void Dispose()
    {
        OnDevice.End(Models.Encoder);
        OnDevice.End(Models.Decoder);
    }
}

/// <summary>What the training of a pair came to.</summary>
internal sealed record TrainedPair(float[] Parameters, float[] Norms, TrainingResult? Result, TrainingDivergedException? Divergence)
{
    public required Optimizer[] Optimizers { get; init; }

    /// <summary>Trains a pair on the CPU, or on a software device that is clean afterwards.</summary>
    public static TrainedPair Of<TEncoder, TDecoder>(
        bool isOnDevice, Func<Optimizer> optimizer, TrainingSet set, TrainingSet? validation, int epochs,
        Func<EncoderDecoder<TEncoder, TDecoder>, Optimizer, Optimizer, SequenceToSequenceTrainer<TEncoder, TDecoder>> create,
        string? resumes = null)
        where TEncoder : class, IRnnModel<TEncoder>
        where TDecoder : class, IRnnModel<TDecoder>
    {
        using var driver = new SoftwareDriver();
        var pair = new Pair<TEncoder, TDecoder>(isOnDevice ? driver : null, isOnDevice ? driver : null);
        Optimizer[] optimizers = [optimizer(), optimizer()];
        var trainer = create(pair.Models, optimizers[0], optimizers[1]);
        List<float> norms = [];
        TrainingResult? result = null;
        TrainingDivergedException? divergence = null;
        var progress = new NormList(norms);
        try
        {
            result = resumes is null
                ? trainer.Fit(set, validation, epochs, progress)
                : trainer.Resume(resumes, set, validation, epochs, progress);
        }
        catch (TrainingDivergedException e)
        {
            divergence = e;
        }

        // All is back with the end of the training.
        Assert.All(pair.OnHost, parameters => Assert.Null(parameters.Holder));
        Assert.All(optimizers, one => Assert.Null(one.Holder));
        pair.Dispose();
        driver.RequireClean();
        return new(pair.Parameters, [.. norms], result, divergence) { Optimizers = optimizers };
    }

    /// <summary>Sources of 1 to 5 tokens or rows and targets of 0 to 4, of several weights.</summary>
    public static TrainingSet Set(bool ofRows, int count = 7, int seed = 1)
    {
        var random = new Random(seed);
        var set = ofRows ? TrainingSet.OfRows(2) : TrainingSet.OfTokens();
        for (var i = 0; i < count; i++)
        {
            int[] source = [.. Enumerable.Range(0, 1 + random.Next(5)).Select(_ => random.Next(4))];
            int[] target = [.. source.Take(random.Next(5))];
            if (ofRows)
            {
                set.AddLabels(source.SelectMany(id => new[] { id - 1.5f, 0.25f * id }).ToArray(), target, i % 4 == 3 ? 2.5f : 1);
            }
            else
            {
                set.AddLabels(source, target, i % 4 == 3 ? 2.5f : 1);
            }
        }

        return set;
    }

    private sealed class NormList(List<float> all) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => all.Add(value.GradientNorm);
    }
}
