namespace RnnCodegen.Reference;

/// <summary>
/// A small model of tokens for tests of decoders and trainers, and what decoders find of it: h = tanh(d h + e(token)), y = W (h + m).
/// </summary>
/// <param name="parameters">d [H], then e [V, H], then W [F, H].</param>
/// <param name="model">Its sizes.</param>
public sealed class TokenCellReference(double[] parameters, ModelDefinition model)
{
    private readonly int _units = model.State[0].Size;

    public double[] Zeros => new double[_units];

    /// <summary>The state after a token, and the log-probabilities of the next.</summary>
    /// <param name="state">The state before.</param>
    /// <param name="token">The token.</param>
    /// <param name="memory">The mean of the rows that the model attends to; null where it attends to none.</param>
    public (double[] State, double[] LogProbabilities) Step(double[] state, int token, double[]? memory = null)
    {
        var (h, y) = Outputs(state, token, memory);
        return (h, RowTransform.LogSoftmax(y));
    }

    /// <summary>The state after a token, and the outputs.</summary>
    public (double[] State, double[] Outputs) Outputs(double[] state, int token, double[]? memory)
    {
        double[] h = [.. state.Select((v, j) => Math.Tanh((parameters[j] * v) + parameters[_units + (token * _units) + j]))];
        double[] seen = [.. h.Select((v, j) => v + (memory?[j] ?? 0))];
        var head = _units + (_units * model.Vocabulary);
        return (h,
            [.. Enumerable.Range(0, model.OutputSize).Select(k => seen.Select((v, j) => parameters[head + (k * _units) + j] * v).Sum())]);
    }

    /// <summary>All sequences of at most so many tokens, the end token included, with their log-probabilities.</summary>
    public IEnumerable<(int[] Tokens, double LogProbability, bool IsComplete)> Enumerate(int start, int end, int maxLength) =>
        Follow(Zeros, start, [], 0, end, maxLength);

    /// <summary>The likeliest token of each step, until the end token or so many tokens.</summary>
    public (int[] Tokens, double LogProbability, bool IsComplete) Greedy(int start, int end, int maxLength)
    {
        var (state, token, tokens, sum) = (Zeros, start, new List<int>(), 0.0);
        while (tokens.Count < maxLength)
        {
            (state, var next) = Step(state, token);
            token = Array.IndexOf(next, next.Max());
            sum += next[token];
            if (token == end)
            {
                return ([.. tokens], sum, true);
            }

            tokens.Add(token);
        }

        return ([.. tokens], sum, false);
    }

    private IEnumerable<(int[] Tokens, double LogProbability, bool IsComplete)> Follow(
        double[] state, int token, int[] tokens, double logProbability, int end, int maxLength)
    {
        var (next, logProbabilities) = Step(state, token);
        for (var k = 0; k < logProbabilities.Length; k++)
        {
            var sum = logProbability + logProbabilities[k];
            if (k == end)
            {
                yield return (tokens, sum, true);
            }
            else if (tokens.Length + 1 == maxLength)
            {
                yield return ([.. tokens, k], sum, false);
            }
            else
            {
                foreach (var found in Follow(next, k, [.. tokens, k], sum, end, maxLength))
                {
                    yield return found;
                }
            }
        }
    }
}
