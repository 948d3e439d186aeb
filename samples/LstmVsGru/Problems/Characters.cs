using RnnCodegen;

namespace LstmVsGru;

/// <summary>The characters that models of text know: printable ASCII and the end of a line; any other is read as a space.</summary>
internal static class Alphabet
{
    /// <summary>How many.</summary>
    public const int Size = 96;

    /// <summary>The ids of a text.</summary>
    public static int[] Encode(string text) => [.. text.Select(c => c == '\n' ? 95 : c is >= ' ' and <= '~' ? c - ' ' : 0)];
}

/// <summary>
/// Language modelling: say the next character. The first 80 % of a text train, the next 10 % choose the epoch, the last 10 % judge, in
/// pieces of 100 characters, each of which begins without knowing what was before.
/// </summary>
internal sealed class Characters(string text, string name) : Problem
{
    private const int Piece = 100;
    private readonly int[] _tokens = Alphabet.Encode(text);

    public override string Family => $"next character of {name}";

    public override Shape Shape => Shape.Text;

    public override Loss Loss { get; } = new CrossEntropyLoss();

    public override string Score => "nats a character";

    public override bool HigherIsBetter => false;

    public override string Beside => FormattableString.Invariant($"frequencies of pairs of characters: {Pairs():F3}");

    public override ProblemData Create(int seed)
    {
        var (training, validation) = (_tokens.Length * 8 / 10, _tokens.Length * 9 / 10);
        return new(Pieces(0, training), Pieces(training, validation), Pieces(validation, _tokens.Length));
    }

    private TrainingSet Pieces(int from, int to)
    {
        var set = TrainingSet.OfTokens();
        for (var start = from; start + Piece < to; start += Piece)
        {
            set.Add(_tokens.AsMemory(start, Piece), _tokens.AsMemory(start + 1, Piece));
        }

        return set;
    }

    // The mean cost of a character whose probability is its frequency after the one before it, each counted once more than it was seen.
    private double Pairs()
    {
        var counts = new double[Alphabet.Size, Alphabet.Size];
        var sums = new double[Alphabet.Size];
        var (training, test) = (_tokens.Length * 8 / 10, _tokens.Length * 9 / 10);
        for (var t = 1; t < training; t++)
        {
            counts[_tokens[t - 1], _tokens[t]]++;
            sums[_tokens[t - 1]]++;
        }

        var cost = 0.0;
        for (var t = test + 1; t < _tokens.Length; t++)
        {
            cost -= Math.Log((counts[_tokens[t - 1], _tokens[t]] + 1) / (sums[_tokens[t - 1]] + Alphabet.Size));
        }

        return cost / (_tokens.Length - test - 1);
    }
}
