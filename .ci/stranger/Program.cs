using System;
using System.IO;
using RnnCodegen;

// Learns to repeat its input of one step ago; then a saved copy must answer exactly as the model.
const int steps = 12;
var random = new Random(1);
var set = TrainingSet.OfRows(Echo.InputSize);
for (var sample = 0; sample < 256; sample++)
{
    var x = new float[steps];
    var before = new float[steps];
    for (var t = 0; t < steps; t++)
    {
        x[t] = random.NextSingle();
        before[t] = t == 0 ? 0 : x[t - 1];
    }

    set.Add(x, before);
}

var model = new Echo(seed: 1);
var trainer = new Trainer<Echo>(model, Loss.MeanSquaredError, new AdamW(1e-2)) { ClipNorm = 1, Seed = 1 };
var first = trainer.Evaluate(set);
trainer.Fit(set, validation: null, epochs: 40);
var loss = trainer.Evaluate(set);

var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
model.Save(file);
using var stream = model.CreateStream();
using var copy = Echo.Load(file).CreateStream();
File.Delete(file);
var same = true;
Span<float> a = stackalloc float[1], b = stackalloc float[1];
for (var i = 0; i < 20; i++)
{
    float[] row = [i / 20f];
    stream.Step(row, a);
    copy.Step(row, b);
    same &= a[0] == b[0];
}

// What is embedded has no file beside the program, answers as recorded, and is not copied until it is changed.
var embedded = Echo.LoadEmbedded();
var report = embedded.SelfTest();
var inPlace = embedded.Parameters.IsInPlace;
embedded.Parameters.Edit()[0] += 1;
var good = report.Passed && report.Results.Count == 2 && inPlace && !embedded.Parameters.IsInPlace && !embedded.SelfTest().Passed;
Console.WriteLine(report);
Console.WriteLine($"embedded weights {(good ? "read in place until they were changed" : "FAILED")}");

Console.WriteLine($"loss {first:F4} -> {loss:F4}; the saved copy answers {(same ? "the same" : "differently")}");
return same && good && loss < 0.05 * first ? 0 : 1;

/// <summary>One number in, the one before it out.</summary>
[RnnModel(InputSize = 1)]
public partial class Echo
{
    /// <summary>Remembers.</summary>
    [Lstm(8)]
    public partial LstmLayer Memory { get; }

    /// <summary>Says.</summary>
    [Dense(1)]
    public partial DenseLayer Head { get; }
}
