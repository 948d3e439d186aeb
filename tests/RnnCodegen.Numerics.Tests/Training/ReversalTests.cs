using RnnCodegen.Numerics.Tests.Models;
using Xunit;

namespace RnnCodegen.Numerics.Tests.Training;

/// <summary>A task that only the encoder's final state can carry: saying a sequence of 3 to 8 of ten tokens backwards.</summary>
public class ReversalTests
{
    private const int Unseen = 500;

    [SweepFact]
    public void Gru_encoder_and_decoder_learn_to_reverse_sequences_they_never_saw() => Learn(new GruReader(1), new GruSpeaker(2));

    [SweepFact]
    public void Lstm_encoder_and_decoder_learn_to_reverse_sequences_they_never_saw() => Learn(new LstmReader(1), new LstmSpeaker(2));

    [Fact]
    public void A_decoder_with_attention_learns_to_reverse_sequences_it_never_saw() => Learn(new AttendedReader(1),
        new AttendingSpeaker(2));

    private static void Learn<TEncoder, TDecoder>(TEncoder encoder, TDecoder decoder)
        where TEncoder : class, IRnnModel<TEncoder>
        where TDecoder : class, IRnnModel<TDecoder>
    {
        const int Epochs = 6, Samples = 20_000, Batch = 64;
        var random = new Random(1);
        var (sources, training, validation) = (new List<int[]>(), TrainingSet.OfTokens(), TrainingSet.OfTokens());
        var unseen = new HashSet<string>();
        while (training.Count < Samples)
        {
            int[] source = [.. Enumerable.Range(0, random.Next(3, 9)).Select(_ => random.Next(10))];
            int[] target = [.. source.Reverse()];
            if (validation.Count < Unseen && unseen.Add(string.Join(' ', source)))
            {
                validation.AddLabels(source, target);
                sources.Add(source);
            }
            else if (!unseen.Contains(string.Join(' ', source)))
            {
                training.AddLabels(source, target);
            }
        }

        var models = new EncoderDecoder<TEncoder, TDecoder>(encoder, decoder, startToken: 11, endToken: 10);
        var trainer = new SequenceToSequenceTrainer<TEncoder, TDecoder>(models, new AdamW(0.004), new AdamW(0.004))
        {
            BatchSize = Batch, BucketBatches = 20, ClipNorm = 1, Seed = 1,
            Schedule = new OneCycleSchedule(Epochs * ((Samples + Batch - 1) / Batch)),
        };
        trainer.Fit(training, null, Epochs);
        Assert.InRange(trainer.Evaluate(validation).ExactMatch, 0.99, 1);

        // The same by beams: the trained model is sure enough for both to agree.
        var (state, exact) = (models.Decoder.Core.CreateState(), 0);
        var search = new BeamSearch<TDecoder>(models.Decoder, 11, 10) { Width = 3, MaxLength = 12 };
        foreach (var source in sources)
        {
            models.Encode(source, state);
            exact += search.Search(state)[0].Tokens.SequenceEqual(source.Reverse()) ? 1 : 0;
        }

        Assert.InRange(exact, 0.99 * Unseen, Unseen);
    }
}
