using RnnCodegen;

namespace Translation;

/// <summary>An encoder and a decoder with their words.</summary>
/// <typeparam name="TSpeaker">The decoder, with or without attention.</typeparam>
sealed class Translator<TSpeaker>
    where TSpeaker : class, IRnnModel<TSpeaker>
{
    private readonly WordList _english, _french;
    private readonly EncoderDecoder<Reader, TSpeaker> _models;
    private readonly BeamSearch<TSpeaker> _search;
    private readonly ModelState _state;

    /// <summary>A translator that has learned nothing yet.</summary>
    public Translator(Division division, TSpeaker speaker, int seed)
    {
        _english = new WordList(division.Training.Select(pair => pair.English), Sizes.English, least: 2);
        _french = new WordList(division.Training.Select(pair => pair.French), Sizes.French, least: 1);
        _models = new(new Reader(seed), speaker, Sizes.Start, WordList.End);
        _search = new(speaker, Sizes.Start, WordList.End) { Width = 4, LengthPenalty = 0.6, MaxLength = 30 };
        _state = speaker.Core.CreateState();
    }

    /// <summary>
    /// Learns the training pairs. The last epoch is kept: on the validation pairs BLEU still rises when the loss no longer falls.
    /// </summary>
    public TrainingResult Fit(Division division, int epochs, double rate, int seed)
    {
        var trainer = new SequenceToSequenceTrainer<Reader, TSpeaker>(_models, new AdamW(rate), new AdamW(rate))
        {
            BatchSize = 16, BucketBatches = 20, ClipNorm = 1, Seed = seed, Metrics = [],
            Schedule = new CosineSchedule(epochs, 0.1) { Unit = ScheduleUnit.Epoch },
        };
        return TrainingConsole.Run(progress => trainer.Fit(Set(division.Training), Set(division.Validation), epochs, progress));
    }

    /// <summary>The likeliest French that a beam of four finds.</summary>
    public string[] Translate(string[] english)
    {
        _models.Encode(_english.Encode(english), _state);
        return _french.Decode(_search.Search(_state)[0].Tokens);
    }

    /// <summary>How much each French word, and the end after them, has looked at each English one: [French + 1, English].</summary>
    public float[,] Attention(string[] english, string[] french)
    {
        _models.Encode(_english.Encode(english), _state);
        int[] fed = [Sizes.Start, .. _french.Encode(french)];
        var tape = _models.Decoder.Core.CreateTape(fed.Length, 1);
        (tape.Training, tape.KeepsAttention) = (false, true);
        _models.Decoder.Core.Forward(fed, new float[fed.Length * Sizes.French], tape, initialState: _state);
        return tape.AttentionOf();
    }

    private TrainingSet Set(IEnumerable<Pair> pairs)
    {
        var set = TrainingSet.OfTokens();
        foreach (var pair in pairs)
        {
            set.AddLabels(_english.Encode(pair.English), _french.Encode(pair.French));
        }

        return set;
    }
}
