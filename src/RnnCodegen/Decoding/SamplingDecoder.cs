using static RnnCodegen.TrainingSettings;

namespace RnnCodegen;

/// <summary>
/// Lets a streaming token model run freely: each step draws a token and feeds it to the next step. An instance serves one call at a time;
/// many can share a model, but not a sampler.
/// </summary>
/// <typeparam name="TModel">The model class.</typeparam>
public sealed class SamplingDecoder<TModel>
    where TModel : class, IRnnModel<TModel>
{
    private readonly TokenWalk _walk;
    private int[] _tokens = [];

    /// <summary>A decoder of a model whose outputs are the scores, probabilities or log-probabilities of the next token.</summary>
    /// <param name="model">A token model that can stream, with a row of output per step, no wider than its vocabulary.</param>
    /// <param name="startToken">The token that the first step reads.</param>
    /// <param name="endToken">The token that ends a sequence.</param>
    /// <param name="sampler">Draws the tokens; it goes on with its random numbers from call to call.</param>
    /// <exception cref="ArgumentException">The model cannot decode, or a token is not in its vocabulary; the message says why.</exception>
    public SamplingDecoder(TModel model, int startToken, int endToken, TokenSampler sampler)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(sampler);
        _walk = new TokenWalk(model.Core, startToken, endToken, sampler);
    }

    /// <summary>Most tokens of a sequence, the end token included; 100 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public int MaxLength
    {
        get;
        init => field = RequirePositive(value, nameof(MaxLength));
    } = 100;

    /// <summary>A sequence that follows a state; its log-probability is the model's own, whatever the sampler left out.</summary>
    /// <param name="start">State of one sample before the first step, e.g. an encoder's; it stays as it is. Zeros where null.</param>
    /// <exception cref="ArgumentException">The state is another model's, or of several samples.</exception>
    /// <exception cref="InvalidOperationException">An output of the model is not finite.</exception>
    public Hypothesis Decode(ModelState? start = null)
    {
        if (_tokens.Length == 0)
        {
            _tokens = new int[MaxLength];
        }

        return _walk.Decode(start, _tokens);
    }

    /// <summary>A sequence that follows a state, in the caller's memory. Does not allocate.</summary>
    /// <param name="start">State of one sample before the first step; it stays as it is. Zeros where null.</param>
    /// <param name="tokens">Receives the tokens without the end token; its
    /// length, not <see cref="MaxLength"/>, is the most steps done.</param>
    /// <param name="isComplete">Whether the end token was reached.</param>
    /// <returns>The number of tokens.</returns>
    /// <exception cref="ArgumentException">The state is another model's, or of several samples.</exception>
    /// <exception cref="InvalidOperationException">An output of the model is not finite.</exception>
    public int Decode(ModelState? start, Span<int> tokens, out bool isComplete) => _walk.Decode(start, tokens, out isComplete, out _);
}
