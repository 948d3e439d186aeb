using System.Globalization;
using RnnCodegen.Cuda;
using RnnCodegen.Cuda.Tests;
using RnnCodegen.CudaEngine.Tests;

// The numeric tests' cases on a GPU, a line each: --cases PART/PARTS takes some of them, --every N one of N; --software takes the software
// device in the place of a GPU.
var (part, parts) = (0, 1);
if (Array.IndexOf(args, "--cases") is >= 0 and var at)
{
    var words = args[at + 1].Split('/');
    (part, parts) = (int.Parse(words[0], CultureInfo.InvariantCulture), int.Parse(words[1], CultureInfo.InvariantCulture));
}

var every = Array.IndexOf(args, "--every") is >= 0 and var given ? int.Parse(args[given + 1], CultureInfo.InvariantCulture) : 1;
var isSoftware = args.Contains("--software");
var failures = 0;

// Cases of one model stay together, as its text is compiled once.
var cases = CaseTests.All.Where((_, i) => i % every == 0).GroupBy(c => c.Model).Where((_, i) => i % parts == part).SelectMany(g => g);
foreach (var shape in cases)
{
    using var driver = isSoftware ? new SoftwareDriver() : null;
    try
    {
        var options = driver is null ? new CudaOptions() : Software.On(driver);
        DeviceCase.Check(shape, core => Software.Place(shape.Model, core, options));
        driver?.RequireClean();
        Console.WriteLine($"ok     {shape.Name}");
    }
    catch (Exception e) when (e is not OutOfMemoryException)
    {
        failures++;
        Console.WriteLine($"FAILED {shape.Name}: {(e.InnerException ?? e).Message.ReplaceLineEndings(" ")}");
    }
}

Console.WriteLine($"done, {failures} failed");
return failures == 0 ? 0 : 1;
