using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace RnnCodegen.Tool.Commands;

/// <summary>The arguments by which several commands are told of a model.</summary>
internal static class ModelOptions
{
    public static Argument<string> Model() => new("MODEL")
    {
        Description = "A model file of another framework, or a .cs file with one annotated class.",
    };

    public static Option<string> Weights() => new("--weights")
    {
        Description = "The class's weights, safetensors; where not given, the file of the class's name beside the .cs file.",
        HelpName = "FILE",
    };

    public static Option<string> Part() => new("--part")
    {
        Description = "The part of the file to make a model of: an output of an ONNX graph, or what the names of a state dict's tensors " +
            "start with.",
        HelpName = "NAME",
    };

    /// <summary>Reads a number as it is written everywhere, whatever the machine's language.</summary>
    public static T Number<T>(ArgumentResult result, string needed)
        where T : struct, INumber<T>
    {
        if (!T.TryParse(result.Tokens.Count == 1 ? result.Tokens[0].Value : "", NumberStyles.Float, CultureInfo.InvariantCulture,
            out var number))
        {
            var option = result.Parent is OptionResult { Option.Name: var name } ? name : result.Argument.Name;
            result.AddError($"{option} '{string.Join(' ', result.Tokens.Select(t => t.Value))}' is not {needed}.");
        }

        return number;
    }

    public static Option<string> Order() => new("--order")
    {
        Description = "The modules of a state dict in the order of computation, with commas between them, where the file does not tell " +
            "it, e.g. lstm,norm,fc.",
        HelpName = "MODULES",
    };

    public static Option<string> Architecture() => new("--architecture")
    {
        Description = "The JSON of a Keras model (to_json), for a file that has its weights alone.",
        HelpName = "JSON",
    };

    /// <summary>The names that an order lists; null where none is said.</summary>
    public static IReadOnlyList<string>? OrderOf(ParseResult parsed, Option<string> order) => parsed.GetValue(order)?.Split(',',
        StringSplitOptions.TrimEntries);
}
