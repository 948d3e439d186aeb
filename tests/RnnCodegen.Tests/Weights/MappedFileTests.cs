using RnnCodegen.Tests.Parameters;
using Xunit;

namespace RnnCodegen.Tests.Weights;

/// <summary>Files as views, and what loading them costs.</summary>
public sealed class MappedFileTests : IDisposable
{
    private const int Values = 8 << 20;

    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Opening_a_large_file_copies_nothing_and_loading_copies_into_the_parameters_only()
    {
        WriteLarge();
        var set = new ParameterSet(Layouts.Flat(Values));
        SafeTensors.Load(_path, set);
        set.Clear();
        var before = GC.GetAllocatedBytesForCurrentThread();
        using (var file = SafeTensorsFile.Map(_path))
        {
            Assert.Equal(Values, file["Head.bias"].Count);
        }

        SafeTensors.Load(_path, set);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 10);
        Assert.Equal(3f, set.Values[^1]);
    }

    [Fact]
    public void Loading_from_memory_copies_into_the_parameters_only()
    {
        WriteLarge();
        var bytes = File.ReadAllBytes(_path);
        var set = new ParameterSet(Layouts.Flat(Values));
        SafeTensors.Load("memory", bytes, set);
        set.Clear();
        var before = GC.GetAllocatedBytesForCurrentThread();
        SafeTensors.Load("memory", bytes, set);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 10);
        Assert.Equal(3f, set.Values[^1]);
    }

    [Fact]
    public void Tensors_of_a_disposed_file_throw_instead_of_reading_memory_that_is_gone()
    {
        SafeTensorsFile.Write(_path, [new SafeTensor("a", [2], new float[] { 1, 2 })]);
        var file = SafeTensorsFile.Map(_path);
        var tensor = file["a"];
        Assert.Equal([1f, 2], tensor.ToFloats());
        file.Dispose();
        file.Dispose();
        var error = Assert.Throws<ObjectDisposedException>(() => tensor.Floats.Length);
        Assert.Contains($"'{_path}' is no longer mapped", error.Message, StringComparison.Ordinal);
        Assert.Throws<ObjectDisposedException>(() => tensor.Bytes.Length);
        Assert.Equal("a", tensor.Name);
    }

    [Fact]
    public void A_mapped_file_can_be_read_by_others_and_outlives_its_replacement()
    {
        SafeTensorsFile.Write(_path, [new SafeTensor("a", [1], new float[] { 1 })]);
        using var mapped = SafeTensorsFile.Map(_path);
        Assert.Equal([1f], SafeTensorsFile.Read(_path)["a"].ToFloats());
        if (OperatingSystem.IsWindows())
        {
            Assert.ThrowsAny<SystemException>(() => SafeTensorsFile.Write(_path, [new SafeTensor("a", [1], new float[] { 2 })]));
            return;
        }

        SafeTensorsFile.Write(_path, [new SafeTensor("a", [1], new float[] { 2 })]);
        Assert.Equal([1f], mapped["a"].ToFloats());
        Assert.Equal([2f], SafeTensorsFile.Read(_path)["a"].ToFloats());
    }

    [Fact]
    public void A_refused_file_is_let_go_of()
    {
        File.WriteAllText(_path, "not a safetensors file");
        Assert.Throws<InvalidDataException>(() => SafeTensorsFile.Map(_path));
        Assert.Throws<InvalidDataException>(() => SafeTensorsFile.Read(_path));
        File.WriteAllText(_path, "");
        Assert.Throws<InvalidDataException>(() => SafeTensorsFile.Map(_path));
        File.WriteAllText(_path, "");
    }

    [Fact]
    public void A_parsed_file_shows_the_memory_it_was_given()
    {
        SafeTensorsFile.Write(_path, [new SafeTensor("a", [1], new float[] { 1 })]);
        var bytes = File.ReadAllBytes(_path);
        using var file = SafeTensorsFile.Parse("memory", bytes);
        BitConverter.TryWriteBytes(bytes.AsSpan(bytes.Length - 4), 2f);
        Assert.Equal(2f, file["a"].Floats[0]);
    }

    private void WriteLarge()
    {
        // Sparse: only the header and the last value take room on the disk.
        Files.Write(_path, $$"""{"Head.bias":{"dtype":"F32","shape":[{{Values}}],"data_offsets":[0,{{Values * 4}}]} }""", []);
        using var stream = new FileStream(_path, FileMode.Open);
        stream.SetLength(stream.Length + (Values * 4));
        stream.Seek(-4, SeekOrigin.End);
        stream.Write(BitConverter.GetBytes(3f));
    }
}
