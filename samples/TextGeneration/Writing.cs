using RnnCodegen;

namespace TextGeneration;

/// <summary>Lets the model go on with a text.</summary>
static class Writing
{
    /// <summary>The characters that follow a prompt, each as soon as it is drawn.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prompt">What is read first; a line's end where it is empty.</param>
    /// <param name="length">Number of characters to write.</param>
    /// <param name="sampler">Draws them.</param>
    public static IEnumerable<char> Continue(CharacterModel model, string prompt, int length, TokenSampler sampler)
    {
        using var stream = model.CreateStream();
        var scores = new float[Alphabet.Size];
        var read = Alphabet.Encode(prompt);
        foreach (var id in read.Length > 0 ? read : Alphabet.Encode("\n"))
        {
            stream.Step(id, scores);
        }

        for (var n = 0; n < length; n++)
        {
            var id = sampler.Sample(scores);
            yield return Alphabet.Decode(id);
            stream.Step(id, scores);
        }
    }
}
