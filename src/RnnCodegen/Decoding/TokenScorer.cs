using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>Asks a streaming token model for the log-probabilities of the next token.</summary>
internal sealed class TokenScorer
{
    private readonly ModelCore _core;
    private readonly float[] _row;
    private readonly double[] _logProbabilities;

    public TokenScorer(ModelCore core, int startToken, int endToken)
    {
        Check(core.Definition, startToken, endToken);
        (_core, StartToken, EndToken) = (core, startToken, endToken);
        _row = new float[core.Definition.OutputSize];
        _logProbabilities = new double[core.Definition.OutputSize];
    }

    public int StartToken { get; }

    public int EndToken { get; }

    public ModelDefinition Model => _core.Definition;

    /// <summary>Refuses a model that cannot continue its own outputs, and tokens that it does not have.</summary>
    public static void Check(ModelDefinition model, int startToken, int endToken)
    {
        if (!model.TakesTokens || !model.CanStream || !model.OutputIsSequence)
        {
            throw new ArgumentException(
                $"{model.Name} cannot decode: " +
                (!model.TakesTokens ? "it takes rows of features, not tokens. Start it with an embedding."
                : !model.CanStream ? "it needs the whole sequence. Use layers of one direction, forward."
                : "its output is one row per sequence, not one per step. Remove ReturnSequences = false."), nameof(model));
        }

        if (model.OutputSize > model.Vocabulary)
        {
            throw new ArgumentException(
                $"{model.Name} cannot decode: it has {model.OutputSize} outputs, but takes only the tokens 0 to {model.Vocabulary - 1}. " +
                $"Give its embedding at least {model.OutputSize} rows.", nameof(model));
        }

        if (model.Output == OutputTransform.Sigmoid)
        {
            throw new ArgumentException(
                $"{model.Name} cannot decode: the sigmoids of its output are no distribution over tokens. Use softmax, " +
                "log-softmax or none.", nameof(model));
        }

        RequireToken(startToken, model.Vocabulary, $"token that {model.Name} takes", nameof(startToken));
        RequireToken(endToken, model.OutputSize, $"output of {model.Name}", nameof(endToken));
    }

    /// <summary>Sets a state to a start; the model's own where it is null.</summary>
    public static void Begin(ModelState state, ModelState? start)
    {
        if (start is null)
        {
            state.Reset();
        }
        else
        {
            state.CopyFrom(start);
        }
    }

    public ModelState CreateState() => _core.CreateState();

    /// <summary>Refuses a start that is another model's, or of several samples.</summary>
    public void CheckStart(ModelState? start) => ModelChecks.OptionalState(Model, start, 1, nameof(start));

    /// <summary>Feeds a token, and gives the log-probability of each token to follow; valid until the next call.</summary>
    public ReadOnlySpan<double> Step(int token, ModelState state)
    {
        _core.Step(token, _row, state);
        if (GradientGuard.IndexOfBad(_row) is >= 0 and var bad)
        {
            throw new InvalidOperationException(
                FormattableString.Invariant(
                    $"Output {bad} of {Model.Name} after token {token} is {_row[bad]}, with which nothing can be decoded."));
        }

        SoftmaxRow.Logs(_row, Model.Output, _logProbabilities);
        return _logProbabilities;
    }

    private static void RequireToken(int token, int bound, string what, string name)
    {
        if ((uint)token >= (uint)bound)
        {
            throw new ArgumentOutOfRangeException(name, token, $"Is no {what}: they run from 0 to {bound - 1}.");
        }
    }
}
