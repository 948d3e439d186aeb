using Heartbeat;
using Samples;
using Spectre.Console;

// Finds and names the beats of an electrocardiogram as its samples arrive. It learns from simulated patients and is tested on others; with
// --data, it is tuned to the first half of a real record and tested on its last third. It demonstrates a technique, not a medical device.
return new SampleCommand(
    "Heartbeat", "Recognises normal and premature heart beats in a stream of samples.",
    "ecg-mitbih-100: record 100 of the MIT-BIH Arrhythmia Database (physionet.org), 100.dat, with its beats in beats.tsv.").Run(args, run =>
{
    var (patients, seconds) = run.IsShort ? (16, 60) : (60, 120);
    Recording[] Record(int count, int seed) =>
        [.. Enumerable.Range(0, count).Select(patient => new Patient((1000 * run.Seed) + seed + patient).Record(seconds))];

    AnsiConsole.MarkupLine("[bold]Simulated patients[/]");
    var (training, validation, test) = (Record(patients, 0), Record(patients / 5, 200), Record(patients / 3, 400));
    var model = new HeartNet(run.Seed);
    Learning.Run(model, training, validation, run.IsShort ? 12 : 14, 1e-2, run.Seed);
    var rule = Rule(training);
    if (run.DataFolder is not { } folder)
    {
        Score("other patients", test, Scoring.Of(() => new HeartMonitor(model), test));
        Drawing.Save(run.File("beats.png"), test[0], model);
    }
    else
    {
        var whole = Recording.Read(Path.Combine(folder, "100.dat"), Path.Combine(folder, "beats.tsv"));
        var minute = 60 * Recording.Rate;
        var last = whole.Part(20 * minute, whole.Samples.Length);
        var before = Scoring.Of(() => new HeartMonitor(model), [last]);
        AnsiConsole.MarkupLine("[bold]The record's first 15 minutes[/]");
        Learning.Run(model, [whole.Part(0, 15 * minute)], [whole.Part(15 * minute, 20 * minute)], run.IsShort ? 2 : 10, 1e-3, run.Seed);
        Score("record 100, last 10 minutes", [last], Scoring.Of(() => new HeartMonitor(model), [last]), before);
        Drawing.Save(run.File("beats.png"), last, model);
    }

    model.Save(run.File("heart.safetensors"));
    Console.WriteLine($"picture: {run.File("beats.png")}");

    // The rule's thresholds are the best for the patients to learn from.
    (double Early, double Wide) Rule(Recording[] recordings) => (
        from early in new[] { 0.75, 0.8, 0.85, 0.9 }
        from wide in new[] { 1.05, 1.15, 1.25, 1.4, 1.6 }
        select (early, wide)).MaxBy(rule => Scoring.Of(() => new RuleMonitor(rule.early, rule.wide), recordings).MeanF1);

    void Score(string where, Recording[] recordings, Scoring scoring, Scoring? before = null)
    {
        var simple = Scoring.Of(() => new RuleMonitor(rule.Early, rule.Wide), recordings);
        foreach (var kind in Enum.GetValues<BeatKind>())
        {
            var untuned = before is null ? "" : $"; not tuned: {before.F1(kind)}";
            run.Score(
                $"F1, {kind.ToString().ToLowerInvariant()} beats ({scoring.Count(kind)}), {where}", scoring.F1(kind),
                $"rule of interval and width: {simple.F1(kind)}{untuned}");
        }

        run.Score("time for a sample, one stream", FormattableString.Invariant($"{scoring.Nanoseconds:F0} ns"));
        run.Score("allocated while streaming", $"{scoring.Allocated} bytes", bar: "0", met: scoring.Allocated == 0);
    }
});
