using System.CommandLine;

namespace RnnCodegen.Tool.Golden;

/// <summary>How a golden file that was not made for this project names and orders its tensors.</summary>
/// <param name="InputName">The input's tensor; null for <c>input</c>, or <c>tokens</c>.</param>
/// <param name="OutputName">The output's tensor; null for <c>output</c>.</param>
/// <param name="BatchFirst">Whether tensors have the sample before the step.</param>
internal sealed record GoldenOptions(string? InputName, string? OutputName, bool BatchFirst)
{
    private static readonly Option<string> s_input = new("--input-name")
    {
        Description = "The golden file's tensor with the input; 'input' or 'tokens' where not given.", HelpName = "TENSOR",
    };

    private static readonly Option<string> s_output = new("--output-name")
    {
        Description = "The golden file's tensor with the output; 'output' where not given.", HelpName = "TENSOR",
    };

    private static readonly Option<bool> s_batchFirst = new("--batch-first")
    {
        Description = "The golden file's tensors are [B, T, ...], not [T, B, ...].",
    };

    /// <summary>Whether the file is of this project's form.</summary>
    public bool AreDefault => this == new GoldenOptions(null, null, false);

    /// <summary>Adds the options to a command.</summary>
    public static void AddTo(Command command)
    {
        command.Add(s_input);
        command.Add(s_output);
        command.Add(s_batchFirst);
    }

    /// <summary>What a command line says.</summary>
    public static GoldenOptions Of(ParseResult parsed) => new(parsed.GetValue(s_input), parsed.GetValue(s_output),
        parsed.GetValue(s_batchFirst));
}
