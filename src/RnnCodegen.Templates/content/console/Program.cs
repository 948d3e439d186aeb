using RnnCodegen;
using RnnProgram;

// Learns to say the next value of a wave with noise, keeps the weights, and predicts with them.
const string file = "weights.safetensors";
var training = WaveData.Create(samples: 256, seed: 1);
var validation = WaveData.Create(samples: 64, seed: 2);

var model = new WaveModel(seed: 1);
var trainer = new Trainer<WaveModel>(model, Loss.MeanSquaredError, new AdamW(1e-2)) { BatchSize = 32, ClipNorm = 1, Seed = 1 };
var before = trainer.Evaluate(validation);
trainer.Fit(training, validation, epochs: 20);
var after = trainer.Evaluate(validation);
model.Save(file);
Console.WriteLine($"error of the next value: {Math.Sqrt(before):F3} before training, {Math.Sqrt(after):F3} after; weights in {file}");

// As another program would use them: one value at a time. The caller owns the stream, and a step allocates nothing.
using var stream = WaveModel.Load(file).CreateStream();
var wave = WaveData.Sample(steps: 40, new Random(3));
Span<float> next = stackalloc float[WaveModel.OutputSize];
for (var t = 0; t < wave.Length - 1; t++)
{
    stream.Step(wave.AsSpan(t, 1), next);
    if (t >= 30)
    {
        Console.WriteLine($"step {t}: predicted {next[0],6:F2}, came {wave[t + 1],6:F2}");
    }
}

return after < 0.2 * before ? 0 : 1;
