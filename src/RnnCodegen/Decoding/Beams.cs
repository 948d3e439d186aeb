namespace RnnCodegen;

/// <summary>The memory of a beam search, and its steps. Only the result is allocated in a search.</summary>
internal sealed class Beams
{
    private readonly TokenScorer _scorer;
    private readonly int _width;
    private readonly int _maxLength;
    private readonly double _alpha;

    // Where node n of step t is beam n - t width, its sequence is its token after that of its parent's node; -1 is the start.
    private readonly int[] _tokens;
    private readonly int[] _parents;
    private readonly double[] _logProbabilities;
    private readonly BestList<Extension> _extensions;
    private readonly BestList<Ended> _ended;
    private ModelState[] _states;
    private ModelState[] _nextStates;

    public Beams(TokenScorer scorer, int width, int maxLength, double alpha)
    {
        (_scorer, _width, _maxLength, _alpha) = (scorer, width, maxLength, alpha);
        if ((long)width * maxLength > Array.MaxLength)
        {
            throw new InvalidOperationException(
                $"A beam search of Width {width} and MaxLength {maxLength} keeps more than {Array.MaxLength} tokens; lower one of them.");
        }

        _tokens = new int[width * maxLength];
        _parents = new int[_tokens.Length];
        _logProbabilities = new double[width];
        _extensions = new BestList<Extension>(width);
        _ended = new BestList<Ended>(width);
        _states = CreateStates();
        _nextStates = CreateStates();
    }

    public Hypothesis[] Search(ModelState? start)
    {
        _ended.Clear();
        TokenScorer.Begin(_states[0], start);
        _logProbabilities[0] = 0;
        var live = 1;
        for (var step = 0; step < _maxLength && live > 0 && !IsDone(); step++)
        {
            Extend(step, live);
            live = Advance(step);
        }

        var found = new Hypothesis[_ended.Count];
        for (var i = 0; i < found.Length; i++)
        {
            var (score, ended) = _ended[i];
            found[i] = new Hypothesis(Collect(ended), ended.LogProbability, score, ended.IsComplete);
        }

        return found;
    }

    /// <summary>
    /// Whether nothing that lives can get better than what has ended:
    /// log-probabilities only fall, and the longest sequence's is divided most.
    /// </summary>
    private bool IsDone() => _ended.IsFull && _logProbabilities[0] / Penalty(_maxLength) <= _ended.Worst;

    private void Extend(int step, int live)
    {
        _extensions.Clear();
        for (var beam = 0; beam < live; beam++)
        {
            var last = step == 0 ? _scorer.StartToken : _tokens[((step - 1) * _width) + beam];
            var next = _scorer.Step(last, _states[beam]);
            for (var token = 0; token < next.Length; token++)
            {
                _extensions.Add(_logProbabilities[beam] + next[token], new Extension(beam, token));
            }
        }
    }

    /// <summary>Makes the best extensions the beams of the next step, or ends them; returns how many live on.</summary>
    private int Advance(int step)
    {
        var live = 0;
        var score = 1 / Penalty(step + 1);
        for (var i = 0; i < _extensions.Count; i++)
        {
            var (logProbability, extension) = _extensions[i];
            var parent = step == 0 ? -1 : ((step - 1) * _width) + extension.Beam;
            if (extension.Token == _scorer.EndToken)
            {
                _ended.Add(logProbability * score, new Ended(logProbability, parent, step, true));
                continue;
            }

            var node = (step * _width) + live;
            (_tokens[node], _parents[node], _logProbabilities[live]) = (extension.Token, parent, logProbability);
            if (step + 1 == _maxLength)
            {
                _ended.Add(logProbability * score, new Ended(logProbability, node, step + 1, false));
            }
            else
            {
                _nextStates[live].CopyFrom(_states[extension.Beam]);
            }

            live++;
        }

        (_states, _nextStates) = (_nextStates, _states);
        return live;
    }

    private double Penalty(int length) => Math.Pow((5.0 + length) / 6, _alpha);

    private int[] Collect(Ended ended)
    {
        var tokens = new int[ended.Length];
        for (var (node, i) = (ended.Node, ended.Length - 1); i >= 0; node = _parents[node], i--)
        {
            tokens[i] = _tokens[node];
        }

        return tokens;
    }

    private ModelState[] CreateStates()
    {
        var states = new ModelState[_width];
        for (var i = 0; i < states.Length; i++)
        {
            states[i] = _scorer.CreateState();
        }

        return states;
    }

    private readonly record struct Extension(int Beam, int Token);

    /// <param name="LogProbability">Of the whole sequence.</param>
    /// <param name="Node">The last token's; the end token has none.</param>
    /// <param name="Length">Tokens without the end token.</param>
    /// <param name="IsComplete">Whether the end token was reached.</param>
    private readonly record struct Ended(double LogProbability, int Node, int Length, bool IsComplete);
}
