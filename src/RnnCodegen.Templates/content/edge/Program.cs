using System.Diagnostics;
using RnnCodegen;
using RnnProgram;

// Streams a sensor's values through a model and adapts it to them. Publish it as a native program: dotnet publish -r linux-x64
const string file = "weights.safetensors";
const int steps = 100_000;
var readings = new float[2001];
var random = new Random(1);
for (var t = 0; t < readings.Length; t++)
{
    readings[t] = MathF.Sin(0.4f * t) + 0.1f * (random.NextSingle() - 0.5f);
}

var model = File.Exists(file) ? SensorModel.Load(file) : new SensorModel(seed: 1);

// Learns on the device, from values that are known to be good. Save replaces the file as a whole or not at all.
var set = TrainingSet.OfRows(SensorModel.InputSize);
for (var start = 0; start + 100 < readings.Length; start += 100)
{
    set.Add(readings.AsMemory(start, 100), readings.AsMemory(start + 1, 100));
}

var trainer = new Trainer<SensorModel>(model, Loss.MeanSquaredError, new AdamW(1e-2)) { BatchSize = 4, ClipNorm = 1, Seed = 1 };
trainer.Fit(set, null, epochs: 20);
var error = Math.Sqrt(trainer.Evaluate(set));
model.Save(file);
Console.WriteLine($"error of the next value {error:F3}; weights in {file}");

using var stream = model.CreateStream();
Span<float> next = stackalloc float[SensorModel.OutputSize];
stream.Step(readings.AsSpan(0, 1), next);
var allocated = GC.GetAllocatedBytesForCurrentThread();
var begin = Stopwatch.GetTimestamp();
for (var t = 0; t < steps; t++)
{
    stream.Step(readings.AsSpan(t % readings.Length, 1), next);
}

var elapsed = Stopwatch.GetElapsedTime(begin);
allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
Console.WriteLine($"a step takes {elapsed.TotalNanoseconds / steps:F0} ns and allocates {allocated / steps} bytes");
return error < 0.2 && allocated == 0 ? 0 : 1;
