using RnnCodegen.Numerics.Tests.Conformance;
using Xunit;

namespace RnnCodegen.Tool.Tests;

public class SharedModelTests
{
    [DataTheory("dtln-model-1/model_1.onnx")]
    [InlineData("nam-lstm-dev/BossLSTM-1x16.nam", "nam-lstm-dev/golden.safetensors", "x", "y.BossLSTM-1x16")]
    [InlineData("dtln-model-1/model_1.onnx", "dtln-model-1/golden.safetensors", "magnitude", "mask")]
    public void A_trained_model_computes_what_its_framework_did(string file, string golden, string input, string output)
    {
        var run = ToolRun.Of(
            "verify", SharedData.Find(file)!, "--against", SharedData.Find(golden)!, "--input-name", input, "--output-name", output,
            "--tolerance", "1e-5", "--json");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(8, run.Json["results"]!.AsArray().Count);
    }

    [DataTheory("mnist-lstm-tflite/trained_lstm.tflite")]
    [InlineData("mnist-lstm-tflite/trained_lstm.tflite", null, "mnist-lstm-tflite", "pixels", "prob", true)]
    [InlineData("arm-kws-gru-s/GRU_S.pb", "Output-Layer/add", "arm-kws-gru-s", "yes_1000ms.mfcc", "yes_1000ms.logits", false)]
    [InlineData("precise-hey-mycroft/hey-mycroft.pb", null, "precise-hey-mycroft", "hey_mycroft_test.mfcc", "hey_mycroft_test.prob", true)]
    public void A_file_of_TensorFlow_computes_what_its_weights_do(
        string file, string? part, string folder, string input, string output, bool isBatchFirst)
    {
        string[] command =
        [
            "verify", SharedData.Find(file)!, "--against", SharedData.Find($"{folder}/golden.safetensors")!, "--input-name", input,
            "--output-name", output, .. part is null ? (string[])[] : ["--part", part], .. isBatchFirst ? ["--batch-first"] : (string[])[],
        ];
        var run = ToolRun.Of(command);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("passed", run.Output);
    }

    [DataTheory("precise-hey-mycroft/hey-mycroft.net")]
    [InlineData("precise-hey-mycroft/hey-mycroft.net", "Keras HDF5", 2)]
    [InlineData("arm-kws-gru-s/GRU_S.pb", "TensorFlow graph", 2)]
    [InlineData("mnist-lstm-tflite/trained_lstm.tflite", "TensorFlow Lite", 2)]
    [InlineData("rtneural-keras/full_model.json", "RTNeural JSON", 4)]
    [InlineData("nam-lstm-dev/BossLSTM-1x16.nam", "Neural Amp Modeler", 2)]
    [InlineData("rtneural-keras/bad_lstm.json", "RTNeural JSON", -1)]
    [InlineData("textgenrnn-base/textgenrnn_weights.hdf5", "Keras HDF5", -1)]
    public void A_format_is_told_by_the_content(string file, string format, int layers)
    {
        var run = ToolRun.Of("inspect", SharedData.Find(file)!, "--json");

        Assert.Equal(layers < 0 ? 1 : 0, run.ExitCode);
        Assert.Equal(layers < 0 ? null : format, (string?)run.Json["format"]);
        Assert.Equal(layers, run.Json["model"]?["layers"]!.AsArray().Count ?? -1);
    }

    [DataTheory("rnnoise-v0.1/weights_int8.safetensors")]
    [InlineData("rnnoise-v0.1/weights_int8.safetensors", 15)]
    [InlineData("g2p-en-gru-seq2seq/checkpoint20.npz", 12)]
    public void Plain_weights_are_listed(string file, int tensors)
    {
        var run = ToolRun.Of("inspect", SharedData.Find(file)!, "--json");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(tensors, run.Json["tensors"]!.AsArray().Count);
    }
}
