using System.Globalization;
using RnnCodegen;
using RnnCodegen.Cuda;
using RnnCodegen.Gpu;
using RnnCodegen.Reference;
using RnnCodegen.Runtime;

// device: whether there is a GPU, and which. check: two models against the reference. errors: how far each precision is off it. rows:
// what is measured. bench FILE: measures it. table OURS THEIRS: both sides' results in one table. --software: all of it on the software
// device, without times.
var isSoftware = args.Contains("--software");
var words = args.Where(a => a != "--software").ToArray();
using var place = new GpuPlace(isSoftware);
switch (words.FirstOrDefault())
{
    case "device":
        return OnGpu(new CheckGru(1), (_, _) => 0, says: true);
    case "check":
        return OnGpu(new CheckLstm(1), (model, _) => Check.Run(model.CoreOf(), new ReferenceModel(7,
                new ReferenceLayer("Memory", new LstmAttribute(17) { Layers = 2 }), new ReferenceLayer("Head", new DenseAttribute(3)))))
            + OnGpu(new CheckGru(2), (model, _) => Check.Run(model.CoreOf(), new ReferenceModel(5,
                new ReferenceLayer("Memory", new GruAttribute(20)), new ReferenceLayer("Head", new DenseAttribute(4)))
                {
                    Output = OutputTransform.Softmax,
                }));
    case "errors":
        Console.WriteLine("| large products of | outputs | gradients |");
        Console.WriteLine("|---|---|---|");
        return OnGpu(new Lstm128(1), (model, _) => Errors.Write("Float32", model.CoreOf()))
            + OnGpu(new Lstm128TensorFloat32(1), (model, _) => Errors.Write("TensorFloat32", model.CoreOf()))
            + OnGpu(new Lstm128BFloat16(1), (model, _) => Errors.Write("BFloat16", model.CoreOf()));
    case "rows":
        foreach (var row in ComparisonRow.All)
        {
            Console.WriteLine(row.Line);
        }

        return 0;
    case "bench" when words.Length == 2:
        return Bench(words[1]);
    case "table" when words.Length == 3:
        TableText.Write(Lines(words[1]), Lines(words[2]), isSoftware);
        return 0;
    default:
        Console.Error.WriteLine("device | check | errors | rows | bench FILE | table OURS THEIRS, each with or without --software");
        return 2;
}

int Bench(string file)
{
    var lines = new List<string>();
    foreach (var row in ComparisonRow.All.Select(row => isSoftware ? row.Rehearsed : row))
    {
        var failed = (row.Hidden, row.Precision) switch
        {
            (128, CudaPrecision.TensorFloat32) => On(new Lstm128TensorFloat32(1)),
            (128, CudaPrecision.BFloat16) => On(new Lstm128BFloat16(1)),
            (128, _) => On(new Lstm128(1)),
            (256, _) => On(new Lstm256(1)),
            (_, CudaPrecision.TensorFloat32) => On(new Lstm512TensorFloat32(1)),
            (_, CudaPrecision.BFloat16) => On(new Lstm512BFloat16(1)),
            _ => On(new Lstm512(1)),
        };
        if (failed != 0)
        {
            return failed;
        }

        int On<TModel>(TModel onCpu)
            where TModel : class, IRnnModel<TModel> => OnGpu(onCpu, (model, cpu) =>
            {
                var microseconds = Measurement.Run(model, cpu, row, isSoftware);
                Console.WriteLine(
                    isSoftware ? $"rehearsed: {row.Name}" : FormattableString.Invariant($"{row.Name}: {microseconds:F2} us a step"));
                lines.Add(string.Create(CultureInfo.InvariantCulture, $"{row.Name}\t{microseconds:R}"));
                return 0;
            });
    }

    File.WriteAllLines(file, lines);
    return 0;
}

// The number of failures of what is done with a model there; 1 where it does not come there.
int OnGpu<TModel>(TModel onCpu, Func<TModel, TModel, int> body, bool says = false)
    where TModel : class, IRnnModel<TModel>
{
    string reason;
    ModelCore? core = onCpu switch
    {
        CheckLstm model => model.TryToCuda(out reason, place.Options)?.CoreOf(),
        CheckGru model => model.TryToCuda(out reason, place.Options)?.CoreOf(),
        Lstm128 model => model.TryToCuda(out reason, place.Options)?.CoreOf(),
        Lstm128TensorFloat32 model => model.TryToCuda(out reason, place.Options)?.CoreOf(),
        Lstm128BFloat16 model => model.TryToCuda(out reason, place.Options)?.CoreOf(),
        Lstm256 model => model.TryToCuda(out reason, place.Options)?.CoreOf(),
        Lstm512TensorFloat32 model => model.TryToCuda(out reason, place.Options)?.CoreOf(),
        Lstm512BFloat16 model => model.TryToCuda(out reason, place.Options)?.CoreOf(),
        Lstm512 model => model.TryToCuda(out reason, place.Options)?.CoreOf(),
        _ => throw new InvalidOperationException("There is no such model."),
    };
    if (core is null || says)
    {
        Console.WriteLine(reason);
    }

    if (core is null)
    {
        return 1;
    }

    var failures = body(TModel.Create(core), onCpu);
    CudaModels.Dispose(core);
    if (place.Complaints.Length > 0)
    {
        Console.WriteLine($"FAILED {core.Definition.Name}: {place.Complaints}");
        failures++;
    }

    return failures;
}

static string[] Lines(string file) => File.Exists(file) ? File.ReadAllLines(file) : [];

/// <summary>The part of a model that all of them have.</summary>
static class Cores
{
    public static ModelCore CoreOf<TModel>(this TModel model)
        where TModel : class, IRnnModel<TModel> => model.Core;
}
