using System.CommandLine;

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
        Description = "The class's weights, safetensors; where not given, the file of the class's name beside the .cs file.", HelpName = "FILE",
    };

    public static Option<string> Part() => new("--part")
    {
        Description = "The part of the file to make a model of: an output of an ONNX graph, or what the names of a state dict's tensors start with.",
        HelpName = "NAME",
    };

    public static Option<string> Order() => new("--order")
    {
        Description = "The modules of a state dict in the order of computation, with commas between them, where the file does not tell it, e.g. lstm,norm,fc.",
        HelpName = "MODULES",
    };

    /// <summary>The names that an order lists; null where none is said.</summary>
    public static IReadOnlyList<string>? OrderOf(ParseResult parsed, Option<string> order) => parsed.GetValue(order)?.Split(',', StringSplitOptions.TrimEntries);
}
