using System.Numerics.Tensors;
using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>Decoding token by token, of a model that is known by its core alone.</summary>
internal sealed class TokenWalk
{
    private readonly TokenScorer _scorer;
    private readonly ModelState _state;
    private readonly TokenSampler? _sampler;

    /// <param name="core">The model.</param>
    /// <param name="startToken">The token that the first step reads.</param>
    /// <param name="endToken">The token that ends a sequence.</param>
    /// <param name="sampler">Chooses each token; where null, the likeliest is taken, the first of equals.</param>
    public TokenWalk(ModelCore core, int startToken, int endToken, TokenSampler? sampler = null)
    {
        _scorer = new TokenScorer(core, startToken, endToken);
        _sampler = sampler;
        _state = _scorer.CreateState();
    }

    /// <summary>The sequence with its probability, of at most as many tokens as there is memory for.</summary>
    public Hypothesis Decode(ModelState? start, int[] memory)
    {
        var count = Decode(start, memory, out var isComplete, out var logProbability);
        return new Hypothesis(memory[..count], logProbability, logProbability, isComplete);
    }

    /// <summary>At most as many steps as there is room for tokens; the end token is not among them.</summary>
    public int Decode(ModelState? start, Span<int> tokens, out bool isComplete, out double logProbability)
    {
        _scorer.CheckStart(start);
        TokenScorer.Begin(_state, start);
        (isComplete, logProbability) = (false, 0);
        var token = _scorer.StartToken;
        for (var count = 0; count < tokens.Length; count++)
        {
            var logProbabilities = _scorer.Step(token, _state);
            token = _sampler?.Draw(logProbabilities) ?? TensorPrimitives.IndexOfMax(logProbabilities);
            logProbability += logProbabilities[token];
            if (token == _scorer.EndToken)
            {
                isComplete = true;
                return count;
            }

            tokens[count] = token;
        }

        return tokens.Length;
    }
}
