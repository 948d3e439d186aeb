using RnnCodegen.Tests.Decoding;

namespace RnnCodegen.Tests.Training;

/// <summary>Small encoders and decoders, with attention and without, and sets that they can learn.</summary>
internal static class PairData
{
    public const int Start = 5;
    public const int End = 4;

    public static EncoderDecoder<TokenCell, TokenCell> Models(bool attends, int seed = 1) => new(
        new TokenCell(TokenCell.Define(6, attends ? 3 : 1, 3, name: "Source"), seed),
        new TokenCell(TokenCell.Define(6, 5, 3, name: "Target", attends: attends), seed + 1), Start, End);

    /// <summary>Sources of 1 to 5 tokens and targets of 0 to 4, of several weights.</summary>
    public static TrainingSet Set(int count, int seed)
    {
        var random = new Random(seed);
        var set = TrainingSet.OfTokens();
        for (var i = 0; i < count; i++)
        {
            int[] source = [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => random.Next(4))];
            set.AddLabels(source, source.Take(random.Next(5)).ToArray(), i % 4 == 3 ? 2.5f : 1);
        }

        return set;
    }

    /// <summary>Parameters of both models.</summary>
    public static float[] Weights(EncoderDecoder<TokenCell, TokenCell> models) =>
        [.. models.Encoder.Core.Parameters.Values, .. models.Decoder.Core.Parameters.Values];
}
