using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using RnnCodegen.Generators.Parsing;
using RnnCodegen.Tool.Compilation;
using Xunit;

namespace RnnCodegen.Tool.Tests;

/// <summary>Names of classes and layers that are made of what files are called and say.</summary>
public class NamesTests
{
    [Theory]
    [InlineData("model_1.onnx", "Model1")]
    [InlineData("a/b/my-denoiser.v2.keras", "MyDenoiserV2")]
    [InlineData("encoder.pt", "EncoderModel")]
    [InlineData("Head.nam", "HeadModel")]
    [InlineData("gru.onnx", "GruModel")]
    [InlineData("GruLayer.onnx", "GruLayerModel")]
    [InlineData("GruAttribute.onnx", "GruAttributeModel")]
    [InlineData("rnnModel.onnx", "RnnModelModel")]
    [InlineData("run.onnx", "RunModel")]
    [InlineData("max_threads.onnx", "MaxThreadsModel")]
    [InlineData("system.onnx", "SystemModel")]
    [InlineData("activation.onnx", "ActivationModel")]
    [InlineData("trainer.onnx", "TrainerModel")]
    [InlineData("head_model.onnx", "HeadModel")]
    [InlineData("1.onnx", "Model1")]
    [InlineData(".onnx", "Model")]
    [InlineData("", "Model")]
    [InlineData("\u202e\n;}{.onnx", "Model")]
    [InlineData("größe.onnx", "Größe")]
    public void A_class_is_named_after_its_file_and_unlike_all_it_needs(string file, string expected) =>
        Assert.Equal(expected, ClassFileNames.After(file, ["Encoder", "Head"]));

    [Fact]
    public void A_name_that_layers_have_with_its_ending_gets_a_number()
    {
        Assert.Equal("GruModel2", ClassFileNames.After("gru.onnx", ["Gru", "GruModel"]));
        Assert.Equal("HeadModel", ClassFileNames.After("head.onnx", ["Head"]));
        Assert.InRange(ClassFileNames.After(new string('x', 5000), []).Length, 1, 110);
    }

    [Fact]
    public void Layers_get_no_name_that_the_generator_keeps_or_that_every_class_has()
    {
        var kept = ReservedNames.All.Concat(typeof(object).GetMethods().Select(m => m.Name)).ToList();
        Assert.All(kept, name =>
        {
            Assert.False(new PropertyNames().TryTake(name), name);
            var made = new PropertyNames().Add(name, "Dense");
            Assert.False(ReservedNames.Contains(made), made);
            Assert.NotEqual(name, made);
        });
        Assert.False(new PropertyNames().TryTake(new string('a', 2000)));
    }

    [Fact]
    public void Layers_never_differ_by_case_only()
    {
        var names = new PropertyNames();
        Assert.Equal(["FcOut", "FcOUT_2", "Dense", "DENSE_2", "Dense_3"],
            new[] { "fc_out", "fc_OUT", "dense", "DENSE", "" }.Select(n => names.Add(n, "Dense")));
        Assert.False(names.TryTake("fcout"));
        Assert.InRange(names.Add(new string('y', 5000), "Dense").Length, 1, 110);
    }

    /// <summary>What is taken for a name as it is has to be one wherever a class file has it: as namespace, class and property.</summary>
    [Fact]
    public void Words_of_the_language_are_names_only_where_they_are_names()
    {
        var words = Enum.GetValues<SyntaxKind>().Where(k => SyntaxFacts.IsReservedKeyword(k) || SyntaxFacts.IsContextualKeyword(k))
            .Select(SyntaxFacts.GetText).Where(t => t.Length > 0).Distinct().ToList();
        var plain = words.Where(ClassFileNames.IsIdentifier).ToList();
        Assert.DoesNotContain("record", plain);
        Assert.Contains("where", plain);
        Assert.Equal([], Errors(plain, w => w));
        Assert.Equal([], Errors(words, CSharpText.Identifier));

        static IEnumerable<string> Errors(List<string> words, Func<string, string> spell) => CSharpCompilation.Create(
            "words", words.Select((word, i) => CSharpSyntaxTree.ParseText(
                $"namespace N{i}.{spell(word)} {{ public partial class {spell(word)} {{ }} public partial class C {{ public " +
                $"int {spell(word)} => 1; public int P => this.{spell(word)}; }} }}", path: word)),
            [MetadataReference.CreateFromFile(typeof(object).Assembly.Location)],
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary))
            .GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error)
            .Select(d => $"{d.Location.SourceTree?.FilePath}: {d.GetMessage()}");
    }

    [Fact]
    public void A_layer_called_nameof_hides_no_other()
    {
        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = 2 }, IsOfClass = true };
        model.Add("nameof", new DenseAttribute(2));
        model.Add("Next", new DenseAttribute(2));
        model.Add("Last", new AddAttribute("nameof", "Next"));

        Assert.Contains("[Add(\"nameof\", \"Next\")]", ClassWriter.Write(model, "M"));
        Assert.Equal("M", ModelCompiler.Compile((model, "M")).Single().Type.FullName);
    }

    /// <summary>Attributes and types stand in full where the class or its namespace has their name.</summary>
    [Fact]
    public void A_class_may_have_the_name_of_an_attribute()
    {
        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = 2 } };
        model.Add("Gru", new GruAttribute(2) { Activation = Activation.Relu });
        foreach (var name in new[] { "GruAttribute", "RnnModelAttribute", "RnnModel", "Gru.Dense.Activation", "My.RnnCodegen.Dense" })
        {
            Assert.Equal(name, ModelCompiler.Compile((model, name)).Single().Type.FullName);
        }
    }

    [Theory]
    [InlineData("gru.safetensors", "gru")]
    [InlineData("Encoder.pt", "encoder")]
    [InlineData("x.pt", "x")]
    [InlineData("encoder_l0.pt", "encoder_l0")]
    [InlineData("gru.onnx", "Gru")]
    [InlineData("gru.keras", "Gru")]
    [InlineData("Float32.safetensors", "float32")]
    public void A_file_may_be_named_like_its_layer(string name, string layer)
    {
        using var folder = new ToolFolder();
        var file = WriteModel(folder, name, layer);

        Assert.All(
            new[]
            {
                ToolRun.Of("inspect", file),
                ToolRun.Of("quantize", file, "--format", "int8", "--output", folder[Path.ChangeExtension(name, ".cs")]),
            },
            run => Assert.Equal((0, ""), (run.ExitCode, run.Error)));
        Assert.Contains($"public partial class {ClassFileNames.After(name, [])[..1]}",
            File.ReadAllText(folder[Path.ChangeExtension(name, ".cs")]));
        Assert.Contains("Model\n{", File.ReadAllText(folder[Path.ChangeExtension(name, ".cs")]));
    }

    [Fact]
    public void The_class_is_named_as_the_user_says_and_a_layer_of_that_name_gives_way()
    {
        using var folder = new ToolFolder();
        var file = WriteModel(folder, "gru.safetensors", "gru");

        var run = ToolRun.Of("import", file, "--class", "My.Gru", "--output", folder["out"]);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("note: Layer 'Gru' is called 'Gru_2'", run.Output);
        var built = ModelCompiler.Compile([ModelCompiler.MachineWidth], new ModelSource("Gru.cs", File.ReadAllText(folder["out/Gru.cs"])))
            .Single();
        Assert.Equal("My.Gru", built.Type.FullName);
        SafeTensors.Load(folder["out/Gru.safetensors"], new ParameterSet(built.Definition.Parameters));
        Assert.Equal(0, ToolRun.Of("inspect", folder["out/Gru.cs"]).ExitCode);
    }

    [Fact]
    public void Layers_that_read_a_renamed_one_still_do()
    {
        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = 2 } };
        model.Add("A", new DenseAttribute(2) { Activation = Activation.Elu, Alpha = 0.5f });
        model.Add("B", new DenseAttribute(2) { From = RnnModelAttribute.Input });
        model.Add("C", new AddAttribute("A", "B"));
        model.Add("D", new DenseAttribute(1) { From = "A", Bias = false });
        model.AddWeight("A.weight", [2, 2], new float[4]);

        var renamed = model.WithLayerRenamed("A", "A_2", "why");

        Assert.Equal(
            ClassWriter.Write(model, "M").Replace("(A)", "(A_2)").Replace(" A ", " A_2 "),
            ClassWriter.Write(renamed, "M").Replace("  public", " public").Replace(" \n", "\n"), ignoreWhiteSpaceDifferences: true);
        Assert.Equal(["A_2.weight"], renamed.Weights.Keys);
        Assert.Single(renamed.Notes);
    }

    [Theory]
    [InlineData("Run", "RunModel")]
    [InlineData("My.Models.MaxThreads", "My.Models.MaxThreadsModel")]
    public void A_class_name_that_generated_code_keeps_is_refused_with_another(string name, string other)
    {
        using var folder = new ToolFolder();

        var run = ToolRun.Of("import", folder.WriteWeights("w.safetensors"), "--class", name, "--output", folder["out"]);

        Assert.Equal(
            (2, $"rnncodegen: --class '{name}': generated code has or uses the name '{name.Split('.')[^1]}'; use another, e.g. {other}."),
            (run.ExitCode, run.Error.Trim()));
    }

    /// <summary>A class's own names may be words of the language and letters of any script.</summary>
    [Fact]
    public void A_class_with_keywords_for_names_is_read_exported_and_written()
    {
        using var folder = new ToolFolder();
        var file = folder.Write("kw.cs", ToolFolder.SmallClass.Replace("namespace My;", "namespace My.@class;").Replace("Small", "@struct")
            .Replace("Encoder", "@new").Replace("Head", "Größe_Ⅳ"));
        folder.Write("struct.safetensors", [.. SafeTensorsFile.Read(folder.WriteWeights("w.safetensors")).Tensors
            .Select(t => new SafeTensor(t.Name.Replace("Encoder", "new").Replace("Head", "Größe_Ⅳ"), t.Shape, t.ToFloats()))]);

        Assert.All(
            new[]
            {
                ToolRun.Of("inspect", file), ToolRun.Of("quantize", file, "--format", "int8", "--output", folder["q.cs"]),
                ToolRun.Of("export", file, "--onnx", folder["a.onnx"], "--keras", folder["a.keras"], "--pytorch", folder["a.pt"]),
                ToolRun.Of("inspect", folder["a.onnx"]), ToolRun.Of("inspect", folder["a.keras"]), ToolRun.Of("inspect", folder["a.pt"]),
            },
            run => Assert.Equal((0, ""), (run.ExitCode, run.Error)));
        Assert.Contains("public partial class @struct", File.ReadAllText(folder["q.cs"]));
        Assert.Contains("GruLayer @new ", File.ReadAllText(folder["q.cs"]));
        Assert.Contains("namespace My.@class;", File.ReadAllText(folder["q.cs"]));
    }

    [Fact]
    public void Layers_may_be_named_like_the_formats_that_are_compared()
    {
        using var folder = new ToolFolder();
        var file = folder.Write("Small.cs", ToolFolder.SmallClass.Replace("Encoder", "Float32"));
        folder.Write("Small.safetensors", [.. SafeTensorsFile.Read(folder.WriteWeights("w.safetensors")).Tensors
            .Select(t => new SafeTensor(t.Name.Replace("Encoder", "Float32"), t.Shape, t.ToFloats()))]);

        Assert.Equal(0, ToolRun.Of("quantize", file, "--format", "bf16").ExitCode);
    }

    private static string WriteModel(ToolFolder folder, string name, string layer)
    {
        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = 3 } };
        model.Add(layer, new GruAttribute(4));
        foreach (var tensor in SafeTensorsFile.Read(folder.WriteWeights("w.st")).Tensors.Where(
            t => t.Name.StartsWith("Encoder", StringComparison.Ordinal)))
        {
            model.AddWeight(tensor.Name.Replace("Encoder", layer), tensor.Shape, tensor.ToFloats());
        }

        _ = Path.GetExtension(name) switch
        {
            ".onnx" => RnnCodegen.Interchange.Onnx.OnnxExporter.Write(model, folder[name]).Count,
            ".keras" => Export(() => KerasExporter.Export(folder[name], model)),
            _ => Export(() => PyTorchExporter.Export(folder[name], model)),
        };
        return folder[name];

        static int Export(Action write)
        {
            write();
            return 0;
        }
    }
}
