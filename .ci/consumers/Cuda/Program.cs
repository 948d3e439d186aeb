using System;
using System.Linq;
using Consumer;

// On the GPU if there is one; else on the CPU, and why.
var images = typeof(Meter).Assembly.GetManifestResourceNames().Count(name => name.StartsWith("rnncodegen.cuda."));
Console.WriteLine($"images: {images}");
using var model = Meter.TryCreateCuda(out var reason) ?? new Meter(seed: 1);
Console.WriteLine($"on {model.Device}: {reason}");
var y = new float[1];
model.Run([1, 2, 3], y, steps: 1, batch: 1);
Console.WriteLine(FormattableString.Invariant($"cuda: {y[0]:F4}"));
