using Samples;
using Spectre.Console;
using SpokenDigits;

// Hears which digit is said: in clips of one digit, where the test's speakers are known and where they are not, and in strings of digits
// whose places nobody marked. Out of the box, the digits are synthesised.
return new SampleCommand(
    "SpokenDigits", "Recognises spoken digits from log-mel rows, single ones and strings of them.",
    "A folder of WAV files named digit_speaker_number.wav, 8 kHz: the Free Spoken Digit Dataset's recordings.").Run(args, run =>
{
    var takes = run.DataFolder is { } folder ? Take.Read(folder) : Voices.Speak(speakers: 8, takes: run.IsShort ? 9 : 12, run.Seed);
    var isReal = run.DataFolder is not null && !run.IsShort;
    var epochs = run.IsShort ? 3 : isReal ? 30 : 6;

    AnsiConsole.MarkupLine("[bold]Speakers known, other takes of theirs[/]");
    var known = Parts.ByTake(takes);
    var matrix = Classification.Run(known, run.Seed, epochs);
    run.Score(
        $"accuracy, other takes of known speakers ({known.Test.Count} clips)", Percent(matrix.Value),
        $"nearest clip by time warping: {Percent(Classification.Nearest(known).Value)}", isReal ? ">= 95 %" : null,
        isReal ? matrix.Value >= 0.95 : null);

    var folds = Enumerable.Range(0, run.IsShort ? 1 : Parts.Folds).Select(fold => Parts.BySpeaker(takes, fold)).ToArray();
    var apart = folds.Select((parts, fold) =>
    {
        AnsiConsole.MarkupLine($"[bold]Speakers unknown, fold {fold + 1} of {folds.Length}[/]");
        return Classification.Run(parts, run.Seed, epochs).Value;
    }).ToArray();
    run.Score(
        $"accuracy, unknown speakers (mean of {folds.Length} folds)",
        $"{Percent(apart.Average())} ({Percent(apart.Min())} to {Percent(apart.Max())})",
        $"nearest clip by time warping: {Percent(folds.Average(parts => Classification.Nearest(parts).Value))}");

    AnsiConsole.MarkupLine("[bold]Strings of three to six digits, by CTC[/]");
    var (greedy, beam) = Strings.Run(known, run.Seed, isReal ? 15 : 2 * epochs, count: isReal ? 2000 : run.IsShort ? 300 : 1000);
    run.Score("errors per digit of strings, known speakers", $"beam {Percent(beam)}", $"greedy {Percent(greedy)}");

    var picture = run.File("confusion.png");
    Drawing.Save(matrix, picture);
    Console.WriteLine($"picture: {picture}");
});

static string Percent(double part) => FormattableString.Invariant($"{100 * part:F1} %");
