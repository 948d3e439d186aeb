using static RnnCodegen.TrainingSettings;

namespace RnnCodegen;

/// <summary>
/// Searches for likely sequences of a streaming token model: each step extends the sequences kept so far by every token and keeps the
/// <see cref="Width"/> likeliest; those that end leave the beam. Width 1 is greedy decoding. An instance serves one call at a time; many
/// can share a model.
/// </summary>
/// <typeparam name="TModel">The model class.</typeparam>
public sealed class BeamSearch<TModel>
    where TModel : class, IRnnModel<TModel>
{
    private readonly TokenScorer _scorer;
    private Beams? _beams;

    /// <summary>A search with a model whose outputs are the scores, probabilities or log-probabilities of the next token.</summary>
    /// <param name="model">A token model that can stream, with a row of output per step, no wider than its vocabulary.</param>
    /// <param name="startToken">The token that the first step reads.</param>
    /// <param name="endToken">The token that ends a sequence.</param>
    /// <exception cref="ArgumentException">The model cannot decode, or a token is not in its vocabulary; the message says why.</exception>
    public BeamSearch(TModel model, int startToken, int endToken)
    {
        ArgumentNullException.ThrowIfNull(model);
        _scorer = new TokenScorer(model.Core, startToken, endToken);
    }

    /// <summary>Most sequences that are kept from step to step and returned; 4 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public int Width
    {
        get;
        init => field = RequirePositive(value, nameof(Width));
    } = 4;

    /// <summary>Most tokens of a sequence, the end token included; 100 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public int MaxLength
    {
        get;
        init => field = RequirePositive(value, nameof(MaxLength));
    } = 100;

    /// <summary>
    /// The exponent alpha by which long sequences are favoured: sequences of n tokens, the end token included, are ranked by their
    /// log-probability divided by ((5 + n) / 6)^alpha (Wu et al., 2016). 0, the default, ranks by probability.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or not finite.</exception>
    public double LengthPenalty
    {
        get;
        init => field = value >= 0 && double.IsFinite(value)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(LengthPenalty), value, "Must be a finite number that is not negative.");
    }

    /// <summary>The best sequences found that follow a state, the best first; at least one, at most <see cref="Width"/>.</summary>
    /// <param name="start">State of one sample before the first step, e.g. an encoder's; it stays as it is. Zeros where null.</param>
    /// <exception cref="ArgumentException">The state is another model's, or of several samples.</exception>
    /// <exception cref="InvalidOperationException">
    /// An output of the model is not finite, or <see cref="Width"/> times <see cref="MaxLength"/> is more than an array holds.
    /// </exception>
    public IReadOnlyList<Hypothesis> Search(ModelState? start = null)
    {
        _scorer.CheckStart(start);
        var beams = _beams ??= new Beams(_scorer, Width, MaxLength, LengthPenalty);
        return beams.Search(start);
    }
}
