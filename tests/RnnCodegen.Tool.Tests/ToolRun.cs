using System.Text.Json.Nodes;
using RnnCodegen.Tool.Commands;

namespace RnnCodegen.Tool.Tests;

/// <summary>A command line that was run in this process, in a folder of its own.</summary>
internal sealed record ToolRun(int ExitCode, string Output, string Error)
{
    public JsonObject Json => JsonNode.Parse(Output)!.AsObject();

    public static ToolRun Of(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = ToolCommands.Run(arguments, output, error);
        return new ToolRun(code, output.ToString(), error.ToString());
    }
}

/// <summary>A folder that is gone afterwards, and files in it.</summary>
internal sealed class ToolFolder : IDisposable
{
    public const string SmallClass =
        """
        using RnnCodegen;
        namespace My;
        [RnnModel(InputSize = 3)]
        public partial class Small
        {
            [Gru(4)]   public partial GruLayer Encoder { get; }
            [Dense(2)] public partial DenseLayer Head { get; }
        }
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rnncodegen");

    public string this[string name] => Path.Combine(_folder.FullName, name);

    public string[] Files => [.. _folder.GetFileSystemInfos().Select(f => f.Name).Order(StringComparer.Ordinal)];

    public string Write(string name, string text)
    {
        File.WriteAllText(this[name], text);
        return this[name];
    }

    public string Write(string name, params SafeTensor[] tensors)
    {
        SafeTensorsFile.Write(this[name], tensors);
        return this[name];
    }

    /// <summary>The state dict of a GRU 3 -> 4 and a dense layer 4 -> 2, all values of which bfloat16 has.</summary>
    public string WriteWeights(string name, int headInputs = 4) => Write(
        name, Tensor("Encoder.weight_ih_l0", 12, 3), Tensor("Encoder.weight_hh_l0", 12, 4), Tensor("Encoder.bias_ih_l0", 12),
        Tensor("Encoder.bias_hh_l0", 12), Tensor("Head.weight", 2, headInputs), Tensor("Head.bias", 2));

    public void Dispose() => _folder.Delete(recursive: true);

    public static SafeTensor Tensor(string name, params int[] shape) =>
        new(name, shape, Enumerable.Range(0, shape.Aggregate(1, (a, b) => a * b)).Select(i => ((i * 7 % 17) - 8) / 16f).ToArray());
}
