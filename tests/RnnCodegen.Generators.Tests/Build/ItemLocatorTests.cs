using RnnCodegen.Build;

namespace RnnCodegen.Generators.Tests.Build;

/// <summary>An item is found in its project file by what is plain in the file.</summary>
public sealed class ItemLocatorTests : IDisposable
{
    private const string Project = """
        <Project Sdk="Microsoft.NET.Sdk">
          <!-- <RnnWeights Include="a.safetensors" Model="Ns.A" /> -->
          <ItemGroup>
            <RnnGolden Include="a.safetensors" Model="Ns.A" />
            <RnnWeights Include="a.safetensors" Model="Ns.A" />
            <RnnWeights Include="weights\b.safetensors" Model="Ns.B" />
            <RnnWeights
              Include="$(Folder)/c.safetensors">
              <Model>
                Ns.C
              </Model>
            </RnnWeights>
            <RnnWeights Include="d.safetensors; e.safetensors" Model="Ns.D" />
            <RnnWeights Include="shared.safetensors" Model="Ns.E" /><RnnWeights Include="shared.safetensors" Model="Ns.F" />
          </ItemGroup>
        </Project>
        """;

    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData("RnnGolden", "a.safetensors", "Ns.A", 4, 6)]
    [InlineData("RnnWeights", "a.safetensors", "Ns.A", 5, 6)]
    [InlineData("RnnWeights", "weights/b.safetensors", "Ns.B", 6, 6)]
    [InlineData("RnnWeights", "elsewhere/c.safetensors", "Ns.C", 7, 6)]
    [InlineData("RnnWeights", "e.safetensors", "Ns.D", 13, 6)]
    [InlineData("RnnWeights", "shared.safetensors", "Ns.E", 14, 6)]
    [InlineData("RnnWeights", "shared.safetensors", "Ns.F", 14, 62)]
    [InlineData("RnnWeights", "found/by/wildcard.safetensors", "Ns.B", 6, 6)]
    [InlineData("RnnWeights", "a.safetensors", "", 5, 6)]
    [InlineData("RnnOther", "a.safetensors", "Ns.A", 0, 0)]
    public void The_likeliest_element_is_it(string kind, string file, string model, int line, int column)
    {
        File.WriteAllText(_path, Project);
        Assert.Equal(new ItemPlace(_path, line, column), ItemLocator.Find(_path, kind, file, model));
    }

    [Theory]
    [InlineData("<Project><ItemGroup>")]
    [InlineData("")]
    [InlineData("<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><Project>&a;</Project>")]
    public void A_file_that_is_no_xml_has_no_lines(string text)
    {
        File.WriteAllText(_path, text);
        Assert.Equal(new ItemPlace(_path, 0, 0), ItemLocator.Find(_path, "RnnWeights", "a.safetensors", "Ns.A"));
    }

    [Fact]
    public void A_missing_file_has_no_lines()
    {
        Assert.Equal(new ItemPlace("", 0, 0), ItemLocator.Find("", "RnnWeights", "a.safetensors", "Ns.A"));
        Assert.Equal(0, ItemLocator.Find(_path + ".none", "RnnWeights", "a.safetensors", "Ns.A").Line);
    }
}
