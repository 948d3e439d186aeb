using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;

// Steps a model as samples/EdgeMonitor does, by ONNX Runtime on one thread, all values bound to memory that is there before.
//   RnnCodegen.EdgePeer MODEL.onnx [first-score]
const int sensors = 3;
const int units = 32;
const int steps = 20_000;
const int rounds = 10;
using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
using var session = new InferenceSession(File.ReadAllBytes(args[0]), options);
using var runOptions = new RunOptions();
string[] inputNames = ["input", "Habits.h_l0"], outputNames = ["output", "Habits.h_l0.next"];
var row = new float[sensors];
using var x = OrtValue.CreateTensorValueFromMemory(row, [1, 1, sensors]);
using var y = OrtValue.CreateTensorValueFromMemory(new float[sensors], [1, 1, sensors]);
using var even = OrtValue.CreateTensorValueFromMemory(new float[units], [1, 1, units]);
using var odd = OrtValue.CreateTensorValueFromMemory(new float[units], [1, 1, units]);
OrtValue[][] inputs = [[x, even], [x, odd]], outputs = [[y, odd], [y, even]];
Run(1);
if (args is [_, "first-score"])
{
    Console.WriteLine(FormattableString.Invariant($"resident memory  {Environment.WorkingSet / 1e6:F1} MB"));
    return;
}

Run(steps);
var before = GC.GetAllocatedBytesForCurrentThread();
var shortest = TimeSpan.MaxValue;
for (var round = 0; round < rounds; round++)
{
    var begin = Stopwatch.GetTimestamp();
    Run(steps);
    var elapsed = Stopwatch.GetElapsedTime(begin);
    shortest = elapsed < shortest ? elapsed : shortest;
}

Console.WriteLine(FormattableString.Invariant($"a step           {shortest.TotalNanoseconds / steps:F0} ns"));
Console.WriteLine($"allocated        {GC.GetAllocatedBytesForCurrentThread() - before} bytes in {rounds * steps:N0} steps");

void Run(int count)
{
    for (var i = 0; i < count; i++)
    {
        row.AsSpan().Fill(i % 100 / 100f);
        session.Run(runOptions, inputNames, inputs[i % 2], outputNames, outputs[i % 2]);
    }
}
