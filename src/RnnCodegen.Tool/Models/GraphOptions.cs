using System.CommandLine;
using System.Globalization;
using RnnCodegen.Interchange;
using RnnCodegen.Interchange.Onnx;
using RnnCodegen.Tool.Commands;

namespace RnnCodegen.Tool.Models;

/// <summary>The arguments that choose what of an ONNX graph is read: what it leaves open, and a stretch of it.</summary>
internal static class GraphOptions
{
    private static readonly Option<string[]> s_sizes = new("--size")
    {
        Description = "A size that an ONNX graph leaves open, by the file's name for it, e.g. --size sequence=512.",
        HelpName = "NAME=NUMBER",
    };

    private static readonly Option<string[]> s_values = new("--input-value")
    {
        Description = "The number that an input of an ONNX graph always is, e.g. --input-value sr=16000.",
        HelpName = "NAME=NUMBER",
    };

    private static readonly Option<string> s_from = new("--from")
    {
        Description = "A value inside an ONNX graph that is to be the model's input; what comes before it is left out.",
        HelpName = "NAME",
    };

    private static readonly Option<string> s_to = new("--to")
    {
        Description = "A value inside an ONNX graph that is to be the model's output; what comes behind it is left out.",
        HelpName = "NAME",
    };

    /// <summary>The options.</summary>
    public static IReadOnlyList<Option> All { get; } = [s_sizes, s_values, s_from, s_to];

    /// <summary>Adds the options to a command.</summary>
    public static void AddTo(Command command)
    {
        foreach (var option in All)
        {
            command.Add(option);
        }
    }

    /// <summary>What a command line says; null where it says nothing.</summary>
    /// <exception cref="CommandException">An option does not have its form.</exception>
    public static OnnxImportOptions? Of(ParseResult parsed)
    {
        var (sizes, values) = (parsed.GetValue(s_sizes) ?? [], parsed.GetValue(s_values) ?? []);
        var (from, to) = (parsed.GetValue(s_from), parsed.GetValue(s_to));
        return sizes.Length == 0 && values.Length == 0 && from is null && to is null ? null : new OnnxImportOptions
        {
            Sizes = Pairs(s_sizes.Name, sizes).ToDictionary(p => p.Key, p => p.Value is > 0 and <= int.MaxValue && p.Value % 1 == 0
                ? (int)p.Value
                : throw new CommandException(ExitCode.Unusable, $"--size {p.Key}: a size is a positive whole number.")),
            Constants = Pairs(s_values.Name, values).ToDictionary(p => p.Key, p => new NamedTensor(p.Key, [], [(float)p.Value])),
            From = from,
            To = to,
        };
    }

    private static Dictionary<string, double> Pairs(string option, string[] texts)
    {
        var pairs = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            // A name may hold an equals sign, a number none.
            var end = text.LastIndexOf('=');
            if (end <= 0 || !double.TryParse(text[(end + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                || !pairs.TryAdd(text[..end], number))
            {
                throw new CommandException(ExitCode.Unusable, $"{option} '{text}' is not NAME=NUMBER, or the name occurs twice.");
            }
        }

        return pairs;
    }
}
