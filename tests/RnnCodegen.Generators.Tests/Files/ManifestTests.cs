using Microsoft.CodeAnalysis.Text;
using RnnCodegen.Build;
using RnnCodegen.Generators.Files;

namespace RnnCodegen.Generators.Tests.Files;

/// <summary>What the build's task writes of a file is what the generator reads, whatever is in its names.</summary>
public class ManifestTests
{
    [Theory]
    [InlineData("weights/model.safetensors", "Encoder.weight_ih_l0")]
    [InlineData("C:\\new\\table\\model.safetensors", "back\\slash\\")]
    [InlineData("a\tb.safetensors", "line\nbreak\r\n\tand \\n, \u00e9, \u2028")]
    [InlineData("\u001b[2J\0\u0085.safetensors", "\u202ename\u200b \U0001F600 \\u0041 \\")]
    public void What_is_written_is_read(string path, string name)
    {
        var file = new RnnCodegen.Build.FileItem(
            "RnnGolden", "Ns.M", path, new ItemPlace(path, 12, 6),
            [new(name, "F32", [3, int.MaxValue], 0, 0), new("scalar", "BF16", [], 0, 2), new("empty", "I64", [0], 2, 2)]);

        var read = ManifestReader.Read(SourceText.From(Manifest.Write(file)))!;

        Assert.Equal(("RnnGolden", "Ns.M", path), (read.Kind.ToString(), read.Model, read.File));
        Assert.Equal((path, 11, 5), (read.Place.Path, read.Place.Lines.Start.Line, read.Place.Lines.Start.Character));
        Assert.Equal(
            file.Tensors.Select(t => (t.Name, t.DataType, string.Join(",", t.Shape))),
            read.Tensors.Select(t => (t.Name, t.DataType, string.Join(",", t.Shape))));
        Assert.Equal(read, ManifestReader.Read(SourceText.From(Manifest.Write(file))));
        Assert.Equal(Manifest.Extension, ManifestReader.Extension);
    }

    /// <summary>Halves of pairs, which no encoding of files keeps, stay what they are, so that two names stay two.</summary>
    [Fact]
    public void Halves_of_pairs_stay_apart()
    {
        var text = Manifest.Write(
            new("RnnWeights", "M", "m", new ItemPlace("p", 0, 0), [new("a\ud800", "F32", [], 0, 0), new("a\udc00", "F32", [], 0, 0)]));

        Assert.All(text, c => Assert.InRange(c, '\t', '~'));
        Assert.Equal(["a\ud800", "a\udc00"], ManifestReader.Read(SourceText.From(text))!.Tensors.Select(t => t.Name));
    }

    [Fact]
    public void An_unknown_place_is_the_files_start()
    {
        var read = ManifestReader.Read(SourceText.From(Manifest.Write(new("RnnWeights", "M", "m", new ItemPlace("p", 0, 0), []))))!;
        Assert.Equal(LinePosition.Zero, read.Place.Lines.Start);
    }
}
