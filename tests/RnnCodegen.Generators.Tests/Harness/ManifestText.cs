using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;
using RnnCodegen.Build;

namespace RnnCodegen.Generators.Tests;

/// <summary>What the build's task tells of a file, as the compiler hands it to the generator.</summary>
internal sealed class ManifestText(string name, string text) : AdditionalText
{
    public const string Project = "/home/someone/App/App.csproj";

    public override string Path => $"/home/someone/App/obj/{name}.rnnmanifest";

    public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(text);

    /// <summary>
    /// The manifest of an item at line 7, column 6 of a project file; tensors are written "name F32 3,4", separated by semicolons.
    /// </summary>
    public static ManifestText Of(string kind, string model, string tensors, string file = "model.safetensors", int line = 7) => new(
        $"{model}.{kind}.{file}",
        Manifest.Write(new FileItem(kind, model, file, new ItemPlace(Project, line, 6),
            [.. tensors.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Tensor)])));

    private static SafeTensorsHeader.Entry Tensor(string text)
    {
        var fields = text.Split(' ');
        return new SafeTensorsHeader.Entry(fields[0], fields[1], [.. fields.Length < 3 ? [] : fields[2].Split(',').Select(int.Parse)], 0,
            0);
    }
}
