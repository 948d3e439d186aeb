using System.Text;
using RnnCodegen.Numerics.Tests.Conformance;
using Xunit;

namespace RnnCodegen.Interchange.Tests.Archives;

public sealed class NpzFileTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Arrays_of_each_order_and_version_are_read_row_after_row()
    {
        byte[] values = [.. new[] { 1f, 2, 3, 4, 5, 6 }.SelectMany(BitConverter.GetBytes)];
        File.WriteAllBytes(_path, ZipBytes.Of(
            ("rows.npy", Array("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", values)),
            ("columns.npy", Array("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3)}  \n", values, version: 2)),
            ("cube.npy", Array("{'shape': (1, 3, 2), 'descr': '<f4', 'fortran_order': True}", values, version: 3)),
            ("one.npy", Array("""{"descr": "<i8", "fortran_order": False, "shape": ()}""", BitConverter.GetBytes(-7L))),
            ("none.npy", Array("{'descr': '|b1', 'fortran_order': True, 'shape': (0, 5)}", []))));
        var arrays = NpzFile.Read(_path).ToDictionary(t => t.Name);
        Assert.Equal([1f, 2, 3, 4, 5, 6], arrays["rows"].ToFloats());
        Assert.Equal([1f, 3, 5, 2, 4, 6], arrays["columns"].ToFloats());
        Assert.Equal([1f, 4, 2, 5, 3, 6], arrays["cube"].ToFloats());
        Assert.Equal([2, 3], arrays["columns"].Shape);
        Assert.Equal([-7L], arrays["one"].Values<long>().ToArray());
        Assert.Empty(arrays["one"].Shape);
        Assert.Equal([0, 5], arrays["none"].Shape);
    }

    [Theory]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", "type '|O' is not read")]
    [InlineData("{'descr': '>f4', 'fortran_order': False, 'shape': (1,)}", "type '>f4' is not read")]
    [InlineData("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", "types of several fields")]
    [InlineData("{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}", "neither True nor False")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", "no whole number")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", "takes 8 bytes, but 4 are there")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (65536,65536,65536,65536,65536)}", "takes ")]
    [InlineData("{'descr': '<f4', 'fortran_order': False}", "not one dictionary")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} 1", "not one dictionary")]
    [InlineData("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", "'descr' twice")]
    [InlineData("{'descr': '<f4' 'fortran_order': False, 'shape': (1,)}", "lacks a '}'")]
    [InlineData("{'descr", "lacks a text")]
    [InlineData("", "lacks a '{'")]
    public void Headers_that_are_wrong_are_refused(string header, string message)
    {
        File.WriteAllBytes(_path, ZipBytes.Of(("a.npy", Array(header, new byte[4]))));
        AssertRefused(message);
    }

    [Fact]
    public void What_is_no_array_is_refused()
    {
        File.WriteAllBytes(_path, ZipBytes.Of(("a.npy", [1, 2, 3])));
        AssertRefused("no array in NumPy's format");
        File.WriteAllBytes(_path, ZipBytes.Of(("a.npy", [0x93, .. "NUMPY"u8, 9, 0, 0, 0, 0, 0, 0])));
        AssertRefused("version is none of");
        File.WriteAllBytes(_path, ZipBytes.Of(("a.npy", [0x93, .. "NUMPY"u8, 1, 0, 200, 0])));
        AssertRefused("claims 200 bytes");
        File.WriteAllBytes(_path, ZipBytes.Of(("a.txt", [1])));
        AssertRefused("'a.txt' is no array");
    }

    [DataTheory("g2p-en-gru-seq2seq/checkpoint20.npz")]
    [InlineData("g2p-en-gru-seq2seq/checkpoint20.npz")]
    public void A_real_file_is_read(string file)
    {
        var arrays = NpzFile.Read(SharedData.Find(file)!).ToDictionary(t => t.Name);
        Assert.Equal([29, 256], arrays["enc_emb"].Shape);
        Assert.Equal([768, 256], arrays["enc_w_ih"].Shape);
        Assert.All(arrays.Values, a => Assert.Equal(a.Count, a.Floats.ToArray().Count(f => Math.Abs(f) < 100)));
        Assert.Contains(arrays["enc_w_ih"].Floats.ToArray(), f => f != 0);
    }

    private static byte[] Array(string header, byte[] values, byte version = 1)
    {
        var text = Encoding.Latin1.GetBytes(header);
        byte[] length = version == 1 ? BitConverter.GetBytes((ushort)text.Length) : BitConverter.GetBytes(text.Length);
        return [0x93, .. "NUMPY"u8, version, 0, .. length, .. text, .. values];
    }

    private void AssertRefused(string message)
    {
        var error = Assert.Throws<InvalidDataException>(() => NpzFile.Read(_path));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains(_path, error.Message, StringComparison.Ordinal);
    }
}
