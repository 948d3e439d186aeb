using EdgeMonitor;
using RnnCodegen;

// Watches a pump's sensors and says when it behaves unusually. Its weights are in the binary; at the site it tunes its head to the pump at
// hand, and keeps that in the given folder. The readings are simulated, from a seed.
//   EdgeMonitor [FOLDER]          the demonstration
//   EdgeMonitor first-score       one reading, and the end: what the start costs, and the memory it leaves
//   EdgeMonitor train FILE        learns the weights anew, in the workshop; FILE.golden.safetensors becomes its self test
if (args is ["train", var target])
{
    var learned = Learning.InWorkshop();
    learned.Save(target);
    GoldenPair.Record(learned, Pump.Workshop.Measure(20, seed: 5), steps: 20).Save(Path.ChangeExtension(target, "golden.safetensors"));
    return 0;
}

var model = PumpMonitor.LoadEmbedded();
using (var watch = new Watch(model))
{
    watch.Step([0, 0, 0]);
}

var start = Environment.CpuUsage.TotalTime;
if (args is ["first-score"])
{
    Console.WriteLine(FormattableString.Invariant($"resident memory  {Environment.WorkingSet / 1e6:F1} MB"));
    return 0;
}

var folder = Directory.CreateDirectory(args.Length > 0 ? args[0] : Path.Combine("artifacts", "edge-monitor")).FullName;
var file = Path.Combine(folder, "monitor.safetensors");
var selfTest = model.SelfTest();
Console.WriteLine(selfTest);

List<Fault> faults = [];
var readings = Pump.Site.Measure(16_000, seed: 3, faults);
var asDelivered = new WatchReport(model, readings, faults);
asDelivered.Print("as delivered");

// The pump's first hours, which are known to be good. Save replaces the file as a whole or not at all: a power cut leaves the old one.
var (before, after) = Learning.OfHead(model, Pump.Site.Measure(4000, seed: 4), epochs: 20);
model.Save(file);
Console.WriteLine(FormattableString.Invariant($"head tuned to this pump: loss {before:F5} -> {after:F5}; saved as {file}"));

// As after the next start.
var tuned = new WatchReport(PumpMonitor.Load(file), readings, faults);
tuned.Print("tuned");

var allocatesNothing = Footprint.Print(model, start);
var isBetter = tuned.Found > asDelivered.Found && tuned.FalseAlarms <= asDelivered.FalseAlarms;
return selfTest.Passed && isBetter && allocatesNothing ? 0 : 1;
