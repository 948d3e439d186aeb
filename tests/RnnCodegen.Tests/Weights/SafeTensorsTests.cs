using RnnCodegen.Tests.Parameters;
using Xunit;

namespace RnnCodegen.Tests.Weights;

public sealed class SafeTensorsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rnncodegen").FullName;

    private string Path => System.IO.Path.Combine(_folder, "model.safetensors");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_is_saved_loads_bit_for_bit()
    {
        var saved = new ParameterSet(Layouts.Lstm());
        ParameterInitializer.Initialize(saved, Initialization.PyTorch, 11);
        saved.Edit()[5] = -0f;
        saved.Edit()[6] = float.Epsilon;
        SafeTensors.Save(Path, saved, new Dictionary<string, string> { ["format"] = "pt", ["note"] = "\u00e9 \"quoted\"\n" });

        var loaded = new ParameterSet(Layouts.Lstm());
        var version = loaded.Version;
        SafeTensors.Load(Path, loaded);
        Assert.Equal(
            saved.Values.ToArray().Select(BitConverter.SingleToInt32Bits), loaded.Values.ToArray().Select(BitConverter.SingleToInt32Bits));
        Assert.NotEqual(version, loaded.Version);
        Assert.Equal("\u00e9 \"quoted\"\n", SafeTensorsFile.Read(Path).Metadata["note"]);
    }

    [Fact]
    public void A_convolutions_kernel_has_three_sizes_in_the_file()
    {
        ParameterInfo[] layout = [Layouts.Place(("Conv.weight", ParameterRole.DenseWeight, 2, 6, 6))[0] with { Kernel = 3 }];
        var saved = new ParameterSet(layout);
        saved.Edit()[7] = 8;
        SafeTensors.Save(Path, saved);
        Assert.Equal([2, 2, 3], SafeTensorsFile.Read(Path)["Conv.weight"].Shape);
        var loaded = new ParameterSet(layout);
        SafeTensors.Load(Path, loaded);
        Assert.Equal(saved.Values.ToArray(), loaded.Values.ToArray());

        SafeTensorsFile.Write(Path, [new SafeTensor("Conv.weight", [2, 6], new float[12])]);
        Assert.Contains("must have shape [2, 2, 3], but the file's has [2, 6]", Assert.Throws<InvalidDataException>(
            () => SafeTensors.Load(Path, loaded)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_bytes_are_the_formats()
    {
        SafeTensorsFile.Write(Path, [new SafeTensor("a", [2, 1], new float[] { 1, -2 }), new SafeTensor("b", [], new float[] { 0.5f })]);
        var bytes = File.ReadAllBytes(Path);
        const string header =
            """{"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[],"data_offsets":[8,12]}}""";
        var padded = (header.Length + 7) / 8 * 8;
        Assert.Equal((ulong)padded, BitConverter.ToUInt64(bytes));
        Assert.Equal(header.PadRight(padded), System.Text.Encoding.UTF8.GetString(bytes, 8, padded));
        Assert.Equal("0000803F000000C00000003F", Convert.ToHexString(bytes, 8 + padded, bytes.Length - 8 - padded));
    }

    [Fact]
    public void Other_types_than_floats_can_be_read_but_not_as_floats()
    {
        Files.Write(Path,
            """{"ids":{"dtype":"I32","shape":[2],"data_offsets":[0,8]},"none":{"dtype":"F32","shape":[0,7],"data_offsets":[8,8]}}""",
            [1, 0, 0, 0, 2, 0, 0, 0]);
        var file = SafeTensorsFile.Read(Path);
        Assert.Equal("I32", file["ids"].DataType);
        Assert.Equal([1, 0, 0, 0, 2, 0, 0, 0], file["ids"].Bytes.ToArray());
        Assert.Contains("I32", Assert.Throws<InvalidOperationException>(() => file["ids"].Floats.Length).Message, StringComparison.Ordinal);
        Assert.True(file["none"].Floats.IsEmpty);
        Assert.Contains("Nearest: 'ids'", Assert.Throws<KeyNotFoundException>(() => file["id"]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Saving_replaces_the_file_and_leaves_nothing_beside_it()
    {
        var set = new ParameterSet(Layouts.Flat(3));
        SafeTensors.Save(Path, set);
        set.Edit().Fill(2);
        SafeTensors.Save(Path, set);
        Assert.Equal([2f, 2f, 2f], SafeTensorsFile.Read(Path)["Head.bias"].Floats.ToArray());
        Assert.Equal([Path], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void Saving_that_fails_leaves_nothing_behind()
    {
        Directory.CreateDirectory(Path);
        Assert.ThrowsAny<SystemException>(() => SafeTensors.Save(Path, new ParameterSet(Layouts.Flat(3))));
        Assert.Equal([Path], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void Tensors_that_cannot_be_written_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new SafeTensor("a", [2, 2], new float[3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SafeTensor("a", [-1], new float[3]));
        Assert.Throws<ArgumentException>(() => new SafeTensor("__metadata__", [3], new float[3]));
        var tensor = new SafeTensor("a", [3], new float[3]);
        Assert.Throws<ArgumentException>(() => SafeTensorsFile.Write(Path, [tensor, tensor]));
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }
}
