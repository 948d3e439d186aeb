using BenchmarkDotNet.Attributes;

namespace RnnCodegen.Benchmarks;

/// <summary>Loading a file of weights, beside what any reader has to do: bring its bytes from the page cache into memory.</summary>
[MemoryDiagnoser]
public class LoadBenchmarks
{
    private const int Side = 512;

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"{nameof(LoadBenchmarks)}.{Environment.ProcessId}.safetensors");
    private ParameterSet _parameters = null!;
    private byte[] _bytes = [];

    /// <summary>Size of the file: as many tensors of 512 x 512 floats.</summary>
    [Params(1, 10, 100)]
    public int Megabytes { get; set; }

    /// <summary>Writes the file.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _parameters = new ParameterSet(
            [.. Enumerable.Range(0, Megabytes)
                .Select(k => new ParameterInfo($"layer{k}.weight", ParameterRole.DenseWeight, k * Side * Side, Side, Side, Side))]);
        ParameterInitializer.Initialize(_parameters, Initialization.PyTorch, 1);
        SafeTensors.Save(_path, _parameters);
        _bytes = new byte[new FileInfo(_path).Length];
    }

    /// <summary>Deletes the file.</summary>
    [GlobalCleanup]
    public void Cleanup() => File.Delete(_path);

    /// <summary>The machine's own time: the file's bytes into memory that is there.</summary>
    [Benchmark(Baseline = true)]
    public void Read()
    {
        using var stream = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        stream.ReadExactly(_bytes);
    }

    /// <summary>Opens the file and checks its header; values stay where they are.</summary>
    [Benchmark]
    public int Map()
    {
        using var file = SafeTensorsFile.Map(_path);
        return file.Tensors.Count;
    }

    /// <summary>Checks names, shapes and each value, and copies all into a new model's parameters, which are cleared first.</summary>
    [Benchmark]
    public void Load()
    {
        _parameters.Clear();
        SafeTensors.Load(_path, _parameters);
    }
}
