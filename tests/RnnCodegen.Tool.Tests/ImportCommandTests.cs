using Microsoft.CodeAnalysis.CSharp;
using RnnCodegen.Tool.Compilation;
using RnnCodegen.Tool.Models;
using Xunit;

namespace RnnCodegen.Tool.Tests;

public class ImportCommandTests
{
    [Fact]
    public void The_class_builds_and_loads_its_weights()
    {
        using var folder = new ToolFolder();
        var file = folder.WriteWeights("weights.safetensors");

        var run = ToolRun.Of("import", file, "--class", "My.Models.Spotter", "--output", folder["out"], "--json");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(folder["out/Spotter.cs"], (string?)run.Json["classFile"]);
        Assert.Equal(118, (int?)run.Json["parameters"]);
        Assert.NotEmpty(run.Json["notes"]!.AsArray());
        Assert.Equal(["Spotter.cs", "Spotter.safetensors"], Directory.GetFiles(folder["out"]).Select(Path.GetFileName).Order());

        var built = ModelCompiler.Compile([ModelCompiler.MachineWidth],
            new ModelSource("Spotter.cs", File.ReadAllText(folder["out/Spotter.cs"]))).Single();
        Assert.Equal("My.Models.Spotter", built.Definition.Name);
        var parameters = new ParameterSet(built.Definition.Parameters);
        SafeTensors.Load(folder["out/Spotter.safetensors"], parameters);
        var original = SafeTensorsFile.Read(file);
        Assert.All(parameters.Tensors, t => Assert.Equal(original[t.Name].ToFloats(), t.Values.ToArray()));
    }

    /// <summary>What a file is called ends no comment: nothing of it is compiled in the project of whoever imports it.</summary>
    [Theory]
    [InlineData("\n")]
    [InlineData("\r")]
    [InlineData("\u0085")]
    [InlineData("\u2028")]
    [InlineData("\u2029")]
    [InlineData("\f")]
    [InlineData("</summary>")]
    public void A_name_of_a_file_is_never_code(string end)
    {
        using var folder = new ToolFolder();
        const string Code = "internal static class Evil { [System.Runtime.CompilerServices.ModuleInitializer] internal static void " +
            "Run() { } }";
        var file = folder[$"a{end.Replace("/", "\u2215")}{Code} b.safetensors"];
        File.Move(folder.WriteWeights("w.safetensors"), file);

        var import = ToolRun.Of("import", file, "--class", "My.Spotter", "--output", folder["out"]);
        var quantize = ToolRun.Of("quantize", file, "--format", "int8", "--output", folder["out/Eight.cs"]);

        Assert.Equal((0, 0, "", ""), (import.ExitCode, quantize.ExitCode, import.Error, quantize.Error));
        foreach (var text in new[] { "Spotter.cs", "Eight.cs" }.Select(name => File.ReadAllText(folder["out/" + name])))
        {
            Assert.DoesNotContain("Evil", CSharpSyntaxTree.ParseText(text).GetRoot().DescendantTokens().Select(t => t.ValueText));
            Assert.All(text.Split('\n').Where(l => l.Contains("Evil")), line => Assert.StartsWith("/// ", line));
            Assert.DoesNotContain(text, c => char.IsControl(c) && c != '\n');
        }
    }

    [Fact]
    public void Files_that_exist_are_replaced_only_by_force()
    {
        using var folder = new ToolFolder();
        var file = folder.WriteWeights("weights.safetensors");
        folder.Write("Spotter.cs", "old");

        var run = ToolRun.Of("import", file, "--class", "Spotter", "--output", folder[""]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--force", run.Error);
        Assert.Equal(["Spotter.cs", "weights.safetensors"], folder.Files);
        Assert.Equal("old", File.ReadAllText(folder["Spotter.cs"]));

        Assert.Equal(0, ToolRun.Of("import", file, "--class", "Spotter", "--output", folder[""], "--force").ExitCode);
        Assert.Equal(["Spotter.cs", "Spotter.safetensors", "weights.safetensors"], folder.Files);
        Assert.StartsWith("using RnnCodegen;", File.ReadAllText(folder["Spotter.cs"]));
    }

    [Fact]
    public void Nothing_is_written_of_a_model_that_does_not_build()
    {
        using var folder = new ToolFolder();
        var file = folder.WriteWeights("weights.safetensors", headInputs: 5);

        var run = ToolRun.Of("import", file, "--class", "Spotter", "--output", folder["out"]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("Head.weight", run.Error);
        Assert.Equal(["weights.safetensors"], folder.Files);
    }

    [Fact]
    public void Both_files_are_as_they_were_where_one_cannot_be_written()
    {
        using var folder = new ToolFolder();
        folder.Write("M.cs", "old class");
        folder.Write("M.safetensors", "old weights");

        Assert.Throws<IOException>(() => FilePair.Write(folder["M.cs"], "new", folder["M.safetensors"], _ => throw new IOException()));
        AssertOld();

        // The class file's text is gone before it can take its place, after the weights took theirs.
        Assert.ThrowsAny<IOException>(() => FilePair.Write(folder["M.cs"], "new", folder["M.safetensors"], file =>
        {
            File.WriteAllText(file, "new weights");
            File.Delete(Directory.GetFiles(folder[""], "M.cs.*.tmp").Single());
        }));
        AssertOld();

        void AssertOld()
        {
            Assert.Equal(["M.cs", "M.safetensors"], folder.Files);
            Assert.Equal(("old class", "old weights"), (File.ReadAllText(folder["M.cs"]), File.ReadAllText(folder["M.safetensors"])));
        }
    }

    [Theory]
    [InlineData("My.class")]
    [InlineData("My-Model")]
    [InlineData("")]
    public void A_class_name_has_to_be_one(string name)
    {
        using var folder = new ToolFolder();

        var run = ToolRun.Of("import", folder.WriteWeights("w.safetensors"), "--class", name, "--output", folder["out"]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--class", run.Error);
        Assert.Equal(["w.safetensors"], folder.Files);
    }

    [Fact]
    public void Weights_of_another_layout_are_written_for_a_class()
    {
        using var folder = new ToolFolder();
        var spec = folder.Write("Small.cs", ToolFolder.SmallClass);
        var weights = folder.Write("w.safetensors",
            ToolFolder.Tensor("encoder/kernel", 3, 12), ToolFolder.Tensor("encoder/recurrent_kernel", 4, 12),
            ToolFolder.Tensor("encoder/bias", 2, 12), ToolFolder.Tensor("head/kernel", 4, 2), ToolFolder.Tensor("head/bias", 2));
        string[] command = ["import", weights, "--spec", spec, "--layout", "keras", "--output", folder["out"]];

        var run = ToolRun.Of(command);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("note: Head has its weights of 'head/kernel' [4, 2], 'head/bias' [2].", run.Output);
        var head = SafeTensorsFile.Read(Path.Combine(folder["out"], "Small.safetensors"))["Head.weight"].ToFloats();
        Assert.Equal(ToolFolder.Tensor("x", 4, 2).ToFloats()[5], head[6]);
        Assert.Equal(2, ToolRun.Of(command).ExitCode);
        Assert.Equal(0, ToolRun.Of([.. command, "--force"]).ExitCode);
    }

    [Theory]
    [InlineData("--spec CLASS and --layout NAME go together", "--layout", "keras")]
    [InlineData("--layout 'other' is none of keras, tensorflow, rnnoise", "--spec", "Small.cs", "--layout", "other")]
    [InlineData("--spec 'Small.txt' is no .cs file", "--spec", "Small.txt", "--layout", "keras")]
    [InlineData("--forget-bias goes with --layout tensorflow", "--spec", "Small.cs", "--layout", "keras", "--forget-bias", "1")]
    [InlineData("--class does not go with --spec", "--spec", "Small.cs", "--layout", "keras", "--class", "A.B")]
    [InlineData("--part does not go with --spec", "--spec", "Small.cs", "--layout", "keras", "--part", "encoder")]
    [InlineData("--size does not go with --spec", "--spec", "Small.cs", "--layout", "keras", "--size", "n=3")]
    [InlineData("--class NS.NAME is missing")]
    public void What_a_recipe_needs_is_said(string message, params string[] options)
    {
        using var folder = new ToolFolder();
        var run = ToolRun.Of(["import", folder.WriteWeights("w.safetensors"), .. options]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error);
    }
}
