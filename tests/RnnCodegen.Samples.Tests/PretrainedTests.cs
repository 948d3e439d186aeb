using Pretrained;
using Samples;
using Xunit;

namespace RnnCodegen.Samples.Tests;

/// <summary>The models of samples/Pretrained beside ONNX Runtime.</summary>
public sealed class PretrainedTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pretrained").FullName;

    [Fact]
    public void The_shipped_model_gives_what_its_export_gives_in_Onnx_runtime() =>
        Assert.Equal(["largest difference of an output", "frames told right"], Met("--short", Synthetic.Run));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>The bars that a run reached; it fails where it missed one.</summary>
    private IEnumerable<string> Met(string option, Action<SampleRun> body)
    {
        List<SampleScore> scores = [];
        var command = new SampleCommand("Pretrained", "", "");
        Assert.Equal(0, command.Run(
            [option, "--out", _folder], run =>
            {
                body(run);
                scores.AddRange(run.Scores);
            }));
        return scores.Where(s => s.Met == true).Select(s => s.Metric);
    }
}
