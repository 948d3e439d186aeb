using System.Text;
using Xunit;

namespace RnnCodegen.Interchange.Tests.PyTorch;

/// <summary>State dicts as TorchSharp writes them.</summary>
public sealed class TorchSharpFileTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.dat");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Tensors_of_all_types_are_read_by_name()
    {
        byte[] file =
        [
            .. Number(4), .. Tensor("lstm.weight_hh_l0", 6, [4, 1], TorchArchive.Floats(1, 2, 3, 4)),
            .. Tensor("half", 5, [2], [0, 60, 0, 64]), .. Tensor("steps", 4, [], BitConverter.GetBytes(300L)),
            .. Tensor("long", 6, [200, 1], new byte[800]),
        ];

        var tensors = TorchSharpFile.Read("m.dat", file);

        Assert.Equal(["lstm.weight_hh_l0", "half", "steps", "long"], tensors.Select(t => t.Name));
        Assert.Equal([1f, 2, 3, 4], tensors[0].ToFloats());
        Assert.Equal([1f, 2], tensors[1].ToFloats());
        Assert.Equal(300, tensors[2].Values<long>()[0]);
        Assert.Equal([200, 1], tensors[3].Shape);
    }

    [Fact]
    public void A_file_is_a_model()
    {
        File.WriteAllBytes(_path,
        [
            .. Number(2), .. Tensor("fc.weight", 6, [2, 3], TorchArchive.Floats(1, 2, 3, 4, 5, 6)),
            .. Tensor("fc.bias", 6, [2], TorchArchive.Floats(7, 8)),
        ]);
        var file = ModelFile.Open(_path);
        Assert.Equal("TorchSharp", file.Format);
        Assert.Equal([1f, 2, 3, 4, 5, 6], file.Model!.Weights["Fc.weight"].Values);
    }

    [Fact]
    public void Damaged_files_are_refused()
    {
        byte[] good = [.. Number(1), .. Tensor("w", 6, [2], TorchArchive.Floats(1, 2))];
        for (var length = 0; length < good.Length; length++)
        {
            Assert.Contains("truncated", Refusal(good[..length]), StringComparison.Ordinal);
        }

        Assert.Contains("1 bytes are left", Refusal([.. good, 0]), StringComparison.Ordinal);
        Assert.Contains("the type 8 of 'w' is not read", Refusal([.. Number(1), .. Tensor("w", 8, [1], new byte[4])]),
            StringComparison.Ordinal);
        Assert.Contains("truncated", Refusal([.. Number(1), .. Tensor("w", 6, [1 << 30, 1 << 30], [])]), StringComparison.Ordinal);
        Assert.Contains("axes; at most 8", Refusal([.. Number(1), .. Tensor("w", 6, new int[9], [])]), StringComparison.Ordinal);
    }

    private static string Refusal(byte[] file) =>
        Assert.Throws<InvalidDataException>(() => TorchSharpFile.Read("m.dat", file)).Message;

    private static byte[] Tensor(string name, int type, int[] shape, byte[] values) =>
    [
        .. Number(name.Length), .. Encoding.UTF8.GetBytes(name), .. Number(type), .. Number(shape.Length),
        .. shape.SelectMany(s => Number(s)), .. values,
    ];

    /// <summary>A number in groups of 7 bits, the lowest first.</summary>
    private static byte[] Number(long value) => value < 0x80 ? [(byte)value] : [(byte)(value | 0x80), .. Number(value >> 7)];
}
