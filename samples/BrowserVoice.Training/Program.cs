using BrowserVoice;
using RnnCodegen;

// BrowserVoice.Training FILE: learns from synthetic clips, and writes the weights, and FILE.golden.safetensors for the self test.
var model = new VoiceDetector(seed: 1);
var accuracy = new Accuracy { Threshold = 0.5f };
var trainer = new Trainer<VoiceDetector>(model, Loss.BinaryCrossEntropy, new AdamW(5e-3))
{
    BatchSize = 16, ClipNorm = 1, Seed = 1, Metrics = [accuracy], Schedule = new CosineSchedule(30 * 16),
};
var result = trainer.Fit(Clips(256, seed: 1), Clips(64, seed: 5001), epochs: 30);
Console.WriteLine($"loss {result.ValidationLosses[^1]:F4}, right in {result.Metrics[0].Value:P1} of the frames of other clips");
model.Save(args[0]);
var rows = Ear.CreateFeatures().Rows(Sounds.Create(seconds: 8, seed: 1001).Samples);
GoldenPair.Record(model, rows, rows.Length / VoiceDetector.InputSize).Save(Path.ChangeExtension(args[0], "golden.safetensors"));

static TrainingSet Clips(int count, int seed)
{
    var features = Ear.CreateFeatures();
    var set = TrainingSet.OfRows(VoiceDetector.InputSize);
    for (var i = 0; i < count; i++)
    {
        var (samples, speaks) = Sounds.Create(seconds: 4, seed + i);
        var rows = features.Rows(samples);
        var target = new float[rows.Length / VoiceDetector.InputSize];
        for (var t = 0; t < target.Length; t++)
        {
            target[t] = speaks[(t * Ear.Hop) + Ear.Hop] ? 1 : 0;
        }

        set.Add(rows, target);
    }

    return set;
}
