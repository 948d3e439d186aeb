using System.CommandLine;
using AmpModel;
using Samples;

// Learns a guitar amplifier from a recording before and after it, and plays through it faster than real time. Out of the box the guitar
// is made of plucked strings, and the amplifier is a simulated circuit.
var dry = new Option<string?>("--dry") { Description = "WAV file of the dry guitar." };
var wet = new Option<string?>("--wet") { Description = "WAV file of the same performance behind the amplifier." };
var play = new Option<string?>("--play") { Description = "WAV file to play through the model; a generated riff unless given." };
return new SampleCommand("AmpModel", "Learns a guitar amplifier and plays through it.", "Not used: see --dry and --wet.")
    .Add(dry).Add(wet).Add(play).Run(args, run =>
{
    var own = (run.Value(dry), run.Value(wet)) switch
    {
        ({ } dryFile, { } wetFile) => Pair.Read(dryFile, wetFile),
        (null, null) => null,
        _ => throw new InvalidDataException("--dry and --wet are two recordings of one performance: give both."),
    };
    var training = own?.Part(0, 0.8) ?? Pair.Simulate(Guitar.Improvise(run.IsShort ? 5 : 30, run.Seed));
    var validation = own?.Part(0.8, 0.9) ?? Pair.Simulate(Guitar.Improvise(run.IsShort ? 1 : 4, run.Seed + 1));
    var test = own?.Part(0.9, 1) ?? Pair.Simulate(Guitar.Improvise(run.IsShort ? 1 : 8, run.Seed + 2));

    var model = new Amplifier(run.Seed);
    Training.Run(model, training, validation, run.IsShort ? 5 : 30, run.Seed);
    var (output, _) = Player.PlayAll(model, test.Dry, test.Rate);
    var shaped = new Waveshaper(training).Play(test.Dry);
    bool? Met(bool met) => own is null && !run.IsShort ? met : null;
    Score("error-to-signal ratio, pre-emphasis 0.85", SignalError.Emphasis);
    Score("error-to-signal ratio, plain", 0);

    var (sound, rate) = run.Value(play) is { } file ? Waves.Read(file) : (Guitar.Riff(), Guitar.Rate);
    var (played, timing) = Player.PlayAll(model, sound, rate);
    run.Score(
        $"speed, blocks of {Player.Block} samples", FormattableString.Invariant($"{timing.RealTime:F0} times real time"),
        bar: "> 1", met: timing.RealTime > 1);
    run.Score(
        "slowest block", FormattableString.Invariant($"{timing.WorstBlock:F2} ms of {timing.BlockLength:F2} ms"),
        FormattableString.Invariant($"99.9 % of blocks: {timing.MostBlocks:F3} ms"));
    run.Score("allocated while playing", FormattableString.Invariant($"{timing.Allocated} bytes"), bar: "0", met: timing.Allocated == 0);

    Waves.Write(run.File("dry.wav"), sound, rate);
    Waves.Write(run.File("amp.wav"), played, rate);
    Drawing.Save(run.File("amp.png"), test, output);
    model.Save(run.File("amp.safetensors"));
    Console.WriteLine($"dry.wav, amp.wav, amp.png and amp.safetensors are in {Path.GetDirectoryName(run.File("amp.wav"))}");

    void Score(string metric, float emphasis)
    {
        var ratio = SignalError.Ratio(output, test.Wet, emphasis);
        run.Score(
            metric, FormattableString.Invariant($"{ratio:F4}"),
            FormattableString.Invariant($"static curve: {SignalError.Ratio(shaped, test.Wet, emphasis):F3}"), "< 0.02", Met(ratio < 0.02));
    }
});
