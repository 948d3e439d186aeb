using Xunit;

namespace RnnCodegen.Tool.Tests;

public class InspectCommandTests
{
    [Fact]
    public void A_class_is_shown_with_its_layers_sizes_state_and_graph()
    {
        using var folder = new ToolFolder();

        var run = ToolRun.Of("inspect", folder.Write("Small.cs", ToolFolder.SmallClass));

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("Encoder  Gru(4)    [T, B, 4]  108 parameters", run.Output);
        Assert.Contains("118 parameters, 472 bytes as float32", run.Output);
        Assert.Contains("4 floats, Encoder.h_l0 4", run.Output);
        Assert.Contains("│ Head     Dense 2  [T, B, 2] │", run.Output);
    }

    [Fact]
    public void Json_says_the_same()
    {
        using var folder = new ToolFolder();

        var json = ToolRun.Of("inspect", folder.Write("Small.cs", ToolFolder.SmallClass), "--json").Json;

        Assert.Equal("inspect", (string?)json["command"]);
        Assert.Equal(0, (int?)json["exitCode"]);
        var model = json["model"]!;
        Assert.True((bool?)model["builds"]);
        Assert.True((bool?)model["canStream"]);
        Assert.Equal((3, 2, 118, 472),
            ((int?)model["inputSize"], (int?)model["outputSize"], (int?)model["parameters"], (int?)model["parameterBytes"]));
        Assert.Equal("Encoder.h_l0", (string?)model["state"]![0]!["name"]);
        var head = model["layers"]![1]!;
        Assert.Equal(("Head", "Dense", "Dense(2)", "Encoder", 10),
            ((string?)head["name"], (string?)head["kind"], (string?)head["attribute"], (string?)head["sources"]![0],
                (int?)head["parameters"]));
    }

    [Fact]
    public void Weights_of_unknown_layers_are_listed_with_their_statistics()
    {
        using var folder = new ToolFolder();
        var file = folder.Write(
            "w.safetensors", new SafeTensor("a", [2, 2], new[] { 1f, float.NaN, -3, 4 }), SafeTensor.Of<int>("b", [2], new[] { 5, 6 }));

        var json = ToolRun.Of("inspect", file, "--json").Json;

        Assert.Equal("safetensors", (string?)json["format"]);
        Assert.Null(json["model"]);
        Assert.NotNull(json["noModel"]);
        Assert.Equal(0, (int?)json["exitCode"]);
        var a = json["tensors"]!.AsArray().Single(t => (string?)t!["name"] == "a")!;
        Assert.Equal((-3, 4, 1), ((double?)a["min"], (double?)a["max"], (int?)a["nans"]));
        Assert.Equal(2 / 3.0, (double)a["mean"]!, 1e-12);
        Assert.Equal([2, 2], a["shape"]!.AsArray().Select(n => (int)n!));
        var run = ToolRun.Of("inspect", file);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("No model can be told of it: ", run.Output);
        Assert.Contains("I32", run.Output);
    }

    [Fact]
    public void A_model_that_does_not_build_is_shown_and_refused()
    {
        using var folder = new ToolFolder();

        var run = ToolRun.Of("inspect", folder.WriteWeights("w.safetensors", headInputs: 5), "--json");

        Assert.Equal(1, run.ExitCode);
        Assert.Equal(2, run.Json["model"]!["layers"]!.AsArray().Count);
        Assert.False((bool?)run.Json["model"]!["builds"]);
        Assert.Contains("Head.weight", (string?)run.Json["model"]!["errors"]![0]);
    }

    [Theory]
    [InlineData("m.tflite", "\u0018\0\0\0TFL3", 1, "not a TensorFlow Lite model", "truncated")]
    [InlineData("graph.pb", "\n\u0010abc", 1, "not a TensorFlow graph", "truncated")]
    [InlineData("saved_model.pb", "\b\u0001\u0012abc", 1, "TensorFlow SavedModel", "model.save('model.keras')")]
    [InlineData("model.json", "{\"class_name\": \"Sequential\"}", 1, "a Keras model's JSON", "--architecture model.json")]
    [InlineData("m.xyz", "hello", 2, "no format", "known are")]
    [InlineData("m.onnx", "hello", 1, "m.onnx", "")]
    [InlineData("m.safetensors", "hello", 1, "m.safetensors", "")]
    public void Other_files_are_refused_in_one_line_that_says_the_cure(string name, string text, int exitCode, string says, string cure)
    {
        using var folder = new ToolFolder();

        var run = ToolRun.Of("inspect", folder.Write(name, text));

        Assert.Equal(exitCode, run.ExitCode);
        Assert.Equal("", run.Output.Trim());
        var line = Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(says, line);
        Assert.Contains(cure, line);
    }

    [Theory]
    [InlineData("m.h5.gz", "1F8B0800", "a gzip file", "gunzip")]
    [InlineData("m.nemo", "00", "a tar archive", "model_weights.ckpt")]
    [InlineData("model.ckpt.index", "00", "a TensorFlow checkpoint", "model.save('model.keras')")]
    [InlineData("model.ckpt.data-00000-of-00001", "00", "a TensorFlow checkpoint", "freeze")]
    [InlineData("w.npy", "934E554D50590100", "a NumPy array", "numpy.savez")]
    [InlineData("m.pkl", "8005950A00", "a Python pickle", "torch.save(model.state_dict()")]
    [InlineData("legacy.bin", "80028A0A6CFC9C46F9206AA850192E", "from before version 1.6", "torch.save(torch.load(path), path)")]
    public void Formats_that_are_not_read_are_named_with_the_way_around(string name, string bytes, string format, string cure)
    {
        using var folder = new ToolFolder();
        File.WriteAllBytes(folder[name], Convert.FromHexString(bytes));

        var run = ToolRun.Of("inspect", folder[name]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(format, run.Error);
        Assert.Contains(cure, run.Error);
    }

    [Theory]
    [InlineData("archive_format", "a PyTorch program of torch.export", "torch.onnx.export")]
    [InlineData("TransformerChain/Version.txt", "a model of ML.NET", "ConvertToOnnx")]
    public void Archives_that_are_not_read_are_named_by_what_is_in_them(string entry, string format, string cure)
    {
        using var folder = new ToolFolder();
        using (var zip = System.IO.Compression.ZipFile.Open(folder["m.zip"], System.IO.Compression.ZipArchiveMode.Create))
        {
            zip.CreateEntry(entry).Open().Dispose();
        }

        var run = ToolRun.Of("inspect", folder["m.zip"]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(format, run.Error);
        Assert.Contains(cure, run.Error);
    }

    [Fact]
    public void A_missing_file_is_said_in_one_line_and_in_Json()
    {
        var run = ToolRun.Of("inspect", "no-such-file.onnx", "--json");

        Assert.Equal(2, run.ExitCode);
        Assert.Equal(2, (int?)run.Json["exitCode"]);
        Assert.Contains("no-such-file.onnx", (string?)run.Json["error"]);
        Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
