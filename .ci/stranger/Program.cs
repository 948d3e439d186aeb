using System;
using System.IO;
using RnnCodegen;

// Learns to repeat its input of one step ago; then a saved copy must answer exactly as the model.
const int steps = 12, batch = 8;
var model = new Echo(seed: 1);
var tape = model.CreateTape(steps, batch);
var gradients = model.CreateGradients();
var optimizer = new AdamW(1e-2f);
float[] x = new float[steps * batch], y = new float[x.Length], dy = new float[x.Length];
var random = new Random(1);
double first = 0, loss = 0;
for (var round = 0; round < 300; round++)
{
    for (var i = 0; i < x.Length; i++)
    {
        x[i] = random.NextSingle();
    }

    model.Forward(x, y, tape);
    loss = 0;
    for (var i = 0; i < x.Length; i++)
    {
        var error = y[i] - (i < batch ? 0 : x[i - batch]);
        loss += error * error / x.Length;
        dy[i] = 2 * error / x.Length;
    }

    model.Backward(dy, [], tape, gradients);
    optimizer.Step(model.Parameters, gradients);
    first = round == 0 ? loss : first;
}

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

Console.WriteLine($"loss {first:F4} -> {loss:F4}; the saved copy answers {(same ? "the same" : "differently")}");
return same && loss < 0.2 * first ? 0 : 1;

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
