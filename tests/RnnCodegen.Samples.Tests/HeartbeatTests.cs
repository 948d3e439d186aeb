using Heartbeat;
using Samples;
using Xunit;

namespace RnnCodegen.Samples.Tests;

/// <summary>The monitor of samples/Heartbeat, trained for seconds.</summary>
public sealed class HeartbeatTests
{
    [Fact]
    public void A_patients_beats_are_where_the_signal_is_highest_and_the_same_for_the_same_seed()
    {
        var recording = new Patient(seed: 1).Record(60);
        Assert.Equal(recording.Samples, new Patient(seed: 1).Record(60).Samples);
        Assert.NotEqual(recording.Samples, new Patient(seed: 2).Record(60).Samples);
        Assert.InRange(recording.Beats.Count, 40, 110);
        foreach (var beat in recording.Beats.Where(beat => beat.Kind == BeatKind.Normal).Skip(1).SkipLast(1))
        {
            var around = recording.Samples.AsSpan(beat.Sample - 60, 121).ToArray();
            Assert.InRange(Array.IndexOf(around, around.Max()), 50, 70);
        }
    }

    [Fact]
    public void Format_212_has_two_samples_of_twelve_bits_in_three_bytes()
    {
        var folder = Directory.CreateTempSubdirectory("heart").FullName;
        try
        {
            // 1224 and 1024; -1024 and 0.
            File.WriteAllBytes(Path.Combine(folder, "a.dat"), [0xC8, 0x44, 0x00, 0x00, 0x0C, 0x00]);
            File.WriteAllText(Path.Combine(folder, "beats.tsv"), "0\t+\n1\tA\n");
            var recording = Recording.Read(Path.Combine(folder, "a.dat"), Path.Combine(folder, "beats.tsv"));
            Assert.Equal([1f, -10.24f], recording.Samples);
            Assert.Equal([new Beat(1, BeatKind.Atrial)], recording.Beats);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Scores_count_what_is_missed_mistaken_and_invented()
    {
        Recording recording = new(new float[3600], [new(500, BeatKind.Normal), new(1000, BeatKind.Atrial), new(2000, BeatKind.Normal)]);
        Queue<Beat> said = new([new(510, BeatKind.Normal), new(1010, BeatKind.Normal), new(3000, BeatKind.Ventricular)]);
        var scoring = Scoring.Of(() => new Script(said), [recording]);
        Assert.Equal(1, scoring.Matrix[(int)BeatKind.Normal, (int)BeatKind.Normal]);
        Assert.Equal(1, scoring.Matrix[(int)BeatKind.Atrial, (int)BeatKind.Normal]);
        Assert.Equal(1, scoring.Matrix[(int)BeatKind.Normal, 0]);
        Assert.Equal(1, scoring.Matrix[0, (int)BeatKind.Ventricular]);
        Assert.Equal(2, scoring.Count(BeatKind.Normal));
    }

    [Fact]
    public void Seconds_of_training_find_the_beats_of_other_patients_without_allocating()
    {
        Recording[] Record(int count, int seed) => [.. Enumerable.Range(seed, count).Select(patient => new Patient(patient).Record(60))];
        var model = new HeartNet(seed: 1);
        Learning.Run(model, Record(12, 1), Record(3, 100), epochs: 12, rate: 1e-2, seed: 1);
        var test = Record(4, 200);
        var scoring = Scoring.Of(() => new HeartMonitor(model), test);
        Assert.InRange(scoring.Matrix.F1((int)BeatKind.Normal), 0.85, 1);
        Assert.Equal(0, scoring.Allocated);
        Assert.InRange(Scoring.Of(() => new RuleMonitor(0.8, 1.25), test).Matrix.F1((int)BeatKind.Normal), 0.85, 1);
    }

    [PublicDataFact("ecg-mitbih-100")]
    public void Record_100_has_the_beats_that_its_directory_counts()
    {
        var folder = SampleData.Folder("ecg-mitbih-100");
        var recording = Recording.Read(Path.Combine(folder, "100.dat"), Path.Combine(folder, "beats.tsv"));
        Assert.Equal(650_000, recording.Samples.Length);
        int[] counts = [.. Enum.GetValues<BeatKind>().Select(kind => recording.Beats.Count(beat => beat.Kind == kind))];
        Assert.Equal([2239, 33, 1], counts);
        Assert.Equal(-0.145f, recording.Samples[0], 1e-6f);
    }

    private sealed class Script(Queue<Beat> beats) : IMonitor
    {
        public bool Next(float sample, out Beat beat) => beats.TryDequeue(out beat);
    }
}
