using System.Reflection;
using PublicApiGenerator;
using Xunit;

namespace RnnCodegen.PublicApi.Tests;

/// <summary>
/// The public members of each assembly that users reference, and of models that the generator completes, are those of a file beside
/// this one, so that none is added, changed or removed unnoticed. With the environment variable RNNCODEGEN_UPDATE_API=1 the run writes
/// the files anew.
/// </summary>
public class PublicApiTests
{
    private const string Update = "RNNCODEGEN_UPDATE_API";

    [Theory]
    [InlineData("RnnCodegen")]
    [InlineData("RnnCodegen.Console")]
    [InlineData("RnnCodegen.Cuda")]
    [InlineData("RnnCodegen.Interchange")]
    [InlineData("RnnCodegen.Mpi")]
    [InlineData("RnnCodegen.Signal")]
    public void Public_members_are_those_of_the_file(string assembly) =>
        RequireListed(assembly, Assembly.Load(assembly).GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false }));

    /// <summary>The generator writes public members into its users' classes, an interface like the assemblies' own.</summary>
    [Fact]
    public void Members_that_models_get_are_those_of_the_file() => RequireListed("GeneratedModels",
        typeof(RowModel).Assembly.GeneratePublicApi(new ApiGeneratorOptions
        {
            IncludeAssemblyAttributes = false,
            IncludeTypes = [typeof(RowModel), typeof(TokenModel), typeof(EmbeddedModel), typeof(CudaModel)],
        }));

    private static void RequireListed(string name, string found)
    {
        var path = Path.Combine(Folder(), name + ".txt");
        var members = found.ReplaceLineEndings("\n").TrimEnd('\n') + "\n";
        if (Environment.GetEnvironmentVariable(Update) == "1")
        {
            File.WriteAllText(path, members);
        }

        var listed = File.Exists(path) ? File.ReadAllText(path) : "";
        Assert.True(
            members == listed,
            $"The public members of {name} are not those of {path}. If they are meant, write the file anew:\n" +
            $"  {Update}=1 dotnet test -c Release tests/RnnCodegen.PublicApi.Tests\n{Difference(listed, members)}");
    }

    private static string Difference(string listed, string members)
    {
        var (before, after) = (listed.Split('\n'), members.Split('\n'));
        return string.Join('\n',
            [.. before.Except(after).Select(l => $"- {l.Trim()}"), .. after.Except(before).Select(l => $"+ {l.Trim()}")]);
    }

    /// <summary>This project's folder in the tree.</summary>
    private static string Folder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "RnnCodegen.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests do not run in the repository's tree.");
        }

        return Path.Combine(folder.FullName, "tests", "RnnCodegen.PublicApi.Tests");
    }
}
