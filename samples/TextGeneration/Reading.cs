using System.Numerics.Tensors;

namespace TextGeneration;

/// <summary>How well a model foresees a text.</summary>
static class Reading
{
    /// <summary>The mean of -log p over a text from its second character on, in nats: one stream, one character at a time.</summary>
    public static double Loss(CharacterModel model, ReadOnlySpan<int> text)
    {
        using var stream = model.CreateStream();
        var scores = new float[Alphabet.Size];
        var sum = 0.0;
        for (var at = 1; at < text.Length; at++)
        {
            stream.Step(text[at - 1], scores);
            sum -= LogProbability(scores, text[at]);
        }

        return sum / (text.Length - 1);
    }

    private static double LogProbability(ReadOnlySpan<float> scores, int id)
    {
        var largest = TensorPrimitives.Max(scores);
        var sum = 0.0;
        foreach (var score in scores)
        {
            sum += Math.Exp(score - largest);
        }

        return scores[id] - largest - Math.Log(sum);
    }
}
