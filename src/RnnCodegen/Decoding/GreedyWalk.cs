using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>Greedy decoding of a model that is known by its core alone.</summary>
internal sealed class GreedyWalk
{
    private readonly TokenScorer _scorer;
    private readonly ModelState _state;

    public GreedyWalk(ModelCore core, int startToken, int endToken)
    {
        _scorer = new TokenScorer(core, startToken, endToken);
        _state = _scorer.CreateState();
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
            token = 0;
            for (var k = 1; k < logProbabilities.Length; k++)
            {
                token = logProbabilities[k] > logProbabilities[token] ? k : token;
            }

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
