using RnnCodegen.Interchange.Onnx.Format;
using RnnCodegen.Interchange.Tests.Onnx;
using RnnCodegen.Numerics.Tests.Conformance;
using Xunit;

namespace RnnCodegen.Tool.Tests;

/// <summary>What commands do with an ONNX graph that is refused, and with one that leaves something open.</summary>
public class GraphCommandTests
{
    [Fact]
    public void A_graph_that_is_refused_is_shown_with_what_is_in_it()
    {
        using var folder = new ToolFolder();
        var file = Write(folder, Refused());

        var run = ToolRun.Of("inspect", file);

        Assert.Equal((1, ""), (run.ExitCode, run.Error));
        Assert.Matches(@"inputs +x Float \[x_0, x_1, 3\]", run.Output);
        Assert.Matches(@"outputs +y Float \[y_0, y_1, 4\]", run.Output);
        Assert.Matches("operators +MatMul 2, Det 1", run.Output);
        Assert.Contains("No model can be told of it: output 'y': node '/middle/Det' (Det): this operator has no counterpart", run.Output);
        Assert.Matches(@"first +Float +\[3, 4\]", run.Output);
        var json = ToolRun.Of("inspect", file, "--json").Json;
        Assert.Equal((1, 2), ((int?)json["exitCode"], json["tensors"]!.AsArray().Count));
    }

    [Fact]
    public void A_refused_import_says_what_else_can_be_done()
    {
        using var folder = new ToolFolder();

        var run = ToolRun.Of("import", Write(folder, Refused()), "--class", "Model", "--output", folder["out"]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("'/middle/Det' (Det)", run.Error);
        Assert.Contains("'rnncodegen inspect' shows what is in it, 'rnncodegen tensors' writes its weights.", run.Error);
        Assert.False(Directory.Exists(folder["out"]));
    }

    [Fact]
    public void The_tensors_of_a_graph_are_written_whether_or_not_it_is_refused()
    {
        using var folder = new ToolFolder();
        var graph = Refused();
        var file = Write(folder, graph);

        var run = ToolRun.Of("tensors", file, "-o", folder["w.safetensors"]);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var written = SafeTensorsFile.Read(folder["w.safetensors"]);
        Assert.Equal(["first", "last"], written.Tensors.Select(t => t.Name).Order());
        Assert.Equal(graph.Proto.Initializers[0].Raw!, written["first"].Bytes.ToArray());
        var again = ToolRun.Of("tensors", file, "-o", folder["w.safetensors"]);
        Assert.Equal(2, again.ExitCode);
        Assert.Contains("exists; --force replaces a file", again.Error);
    }

    [Fact]
    public void A_stretch_of_a_graph_is_a_model()
    {
        using var folder = new ToolFolder();
        var file = Write(folder, Refused());

        var first = ToolRun.Of("inspect", file, "--to", "a", "--json").Json["model"]!;
        var last = ToolRun.Of("inspect", file, "--from", "b", "--json");
        var none = ToolRun.Of("inspect", file, "--from", "c");

        Assert.Equal("Dense(4, Bias = false)", (string?)first["layers"]![0]!["attribute"]);
        Assert.Equal(1, last.ExitCode);
        Assert.Contains("the shape of 'b' is not known", (string?)last.Json["noModel"]);
        Assert.Contains("no node makes a value 'c'", none.Output);
    }

    [Fact]
    public void A_state_that_is_repeated_leads_to_two_models()
    {
        using var folder = new ToolFolder();
        var graph = new TestGraph().Input("x", 0, 0, 3).Output("y", 30, 0, 1, 4).Weight("W", 1, 12, 3).Weight("R", 1, 12, 4)
            .Weight("W2", 1, 12, 4).Weight("R2", 1, 12, 4).Integers("times", 30, 1, 1).Integers("one", 1)
            .Node("/encoder/GRU", "x W R", "rows state", ("hidden_size", 4)).Node("/repeat/Tile", "state times", "repeated")
            .Node("/decoder/GRU", "repeated W2 R2", "y", ("hidden_size", 4));
        var file = Write(folder, graph);

        var refused = ToolRun.Of("import", file, "--class", "Model", "--output", folder["out"]);
        var encoder = ToolRun.Of("inspect", file, "--to", "state", "--json");
        var decoder = ToolRun.Of("inspect", file, "--from", "repeated", "--json");

        Assert.Contains("node '/repeat/Tile' (Tile): it repeats a final state, which no layer does; read what comes before it as one " +
            "model (--to state) and what comes behind it as another (--from repeated), and give the second one's input the first one's " +
            "output at each step", refused.Error);
        Assert.Equal((0, 0), (encoder.ExitCode, decoder.ExitCode));
        Assert.Contains("ReturnSequences = false", (string?)encoder.Json["model"]!["layers"]![0]!["attribute"]);
        Assert.Equal(4, (int?)decoder.Json["model"]!["inputSize"]);
    }

    [Theory]
    [InlineData("--size", "wide", "--size 'wide' is not NAME=NUMBER")]
    [InlineData("--size", "wide=2.5", "--size wide: a size is a positive whole number")]
    [InlineData("--input-value", "sr=fast", "--input-value 'sr=fast' is not NAME=NUMBER")]
    public void What_is_said_of_a_graph_has_its_form(string option, string value, string message)
    {
        using var folder = new ToolFolder();

        var run = ToolRun.Of("inspect", Write(folder, Refused()), option, value);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error);
    }

    [Fact]
    public void What_is_said_of_a_graph_is_not_said_of_a_class_or_of_weights()
    {
        using var folder = new ToolFolder();

        var ofClass = ToolRun.Of("inspect", folder.Write("Small.cs", ToolFolder.SmallClass), "--size", "a=3");
        var ofWeights = ToolRun.Of("inspect", folder.WriteWeights("w.safetensors"), "--to", "a");

        Assert.Contains("--size, --input-value, --from and --to go with an ONNX graph", ofClass.Error);
        Assert.Contains("are said of ONNX graphs; this is a file of the format safetensors", ofWeights.Error);
    }

    [Fact]
    public void A_value_of_an_input_decides_a_branch()
    {
        using var folder = new ToolFolder();
        var graph = new TestGraph().Input("x", 0, 0, 3).Input("sr", OnnxDataType.Int64).Output("y", 0, 0, 3).Integer("high", 16000)
            .Weight("m", 3, 3).Node("Equal", "sr high", "c").Node("If", "c", "d",
                ("then_branch", new TestGraph().Output("a", 0, 0, 3).Node("Relu", "x", "a")),
                ("else_branch", new TestGraph().Output("b", 0, 0, 3).Node("Tanh", "x", "b"))).Node("MatMul", "d m", "y");
        var file = Write(folder, graph);

        var run = ToolRun.Of("import", file, "--class", "Model", "--output", folder["out"], "--input-value", "sr=16000");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("Activation.Relu", File.ReadAllText(Path.Combine(folder["out"], "Model.cs")));
        Assert.Contains("say the value with --input-value sr=NUMBER", ToolRun.Of("inspect", file).Output);
    }

    [DataTheory("silero-vad-v6/silero_vad_16k_op15.onnx")]
    [InlineData("silero-vad-v6/silero_vad_16k_op15.onnx", 40)]
    public void A_voice_detector_is_verified_whole_by_one_command(string file, int chunks)
    {
        using var folder = new ToolFolder();
        var samples = File.ReadAllBytes(SharedData.Find("silero-vad-v6/test.wav")!)[44..];
        var frames = Enumerable.Range(0, chunks * 576).Select(k => ((k / 576 * 512) - 64 + (k % 576)) is >= 0 and var at
            ? BitConverter.ToInt16(samples, 2 * at) / 32768f
            : 0).ToArray();
        var expected = SafeTensorsFile.Read(SharedData.Find("silero-vad-v6/golden.safetensors")!)["prob_all"].ToFloats()[..chunks];
        var golden = folder.Write("golden.safetensors", new SafeTensor("input", [chunks, 1, 576], frames),
            new SafeTensor("output", [chunks, 1, 1], expected));

        var run = ToolRun.Of("verify", SharedData.Find(file)!, "--size", "sequence=576", "--against", golden);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("passed, largest difference", run.Output);
        Assert.Contains($"T = {chunks}, B = 1", run.Output);
    }

    private static TestGraph Refused() => new TestGraph().Input("x", 0, 0, 3).Output("y", 0, 0, 4)
        .Weight("first", 3, 4).Weight("last", 4, 4).Node("/first/MatMul", "x first", "a").Node("/middle/Det", "a", "b")
        .Node("/last/MatMul", "b last", "y");

    private static string Write(ToolFolder folder, TestGraph graph)
    {
        File.WriteAllBytes(folder["model.onnx"], graph.ToBytes());
        return folder["model.onnx"];
    }
}
