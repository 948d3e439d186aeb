namespace RnnCodegen.Tests.Decoding;

/// <summary>What a <see cref="TokenCell"/> computes, in double precision.</summary>
internal sealed class CellReference(double[] parameters, ModelDefinition model)
{
    private readonly int _units = model.State[0].Size;

    public CellReference(TokenCell cell)
        : this([.. cell.Core.Parameters.Values.ToArray().Select(v => (double)v)], cell.Core.Definition)
    {
    }

    public double[] Zeros => new double[_units];

    /// <summary>The state after a token, and the log-probabilities of the next.</summary>
    /// <param name="state">The state before.</param>
    /// <param name="token">The token.</param>
    /// <param name="memory">The mean of the rows that the model attends to; null where it attends to none.</param>
    public (double[] State, double[] LogProbabilities) Step(double[] state, int token, double[]? memory = null)
    {
        var (h, y) = Outputs(state, token, memory);
        var sum = Math.Log(y.Sum(Math.Exp));
        return (h, [.. y.Select(v => v - sum)]);
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
