using Microsoft.CodeAnalysis;

namespace RnnCodegen.Generators.Diagnostics;

/// <summary>Rules about what a model is trained for. Each has a section in docs/diagnostics.md.</summary>
internal static class TrainingRules
{
    // What the runtime says of the same model and loss, whole: it stands in one table.
    private const string Whole = "{0}";

    public static readonly DiagnosticDescriptor Transform = new(
        "RNN0401", "A loss fits the model's output transform", Whole,
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0401");

    public static readonly DiagnosticDescriptor Activation = new(
        "RNN0402", "A loss of logits gets logits", Whole,
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0402");

    public static readonly DiagnosticDescriptor OneOutput = new(
        "RNN0403", "A loss with softmax needs at least two outputs", Whole,
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0403");

    public static readonly DiagnosticDescriptor Doubtful = new(
        "RNN0404", "Logits have no bound", Whole,
        Rules.Category, DiagnosticSeverity.Warning, true, helpLinkUri: Rules.Help + "rnn0404");

    public static readonly DiagnosticDescriptor Doubled = new(
        "RNN0405", "An output is squashed to 0 to 1 once",
        "The output of '{0}' is squashed twice, by the activation {1} and then by {2}: {3}; remove the activation, or Output",
        Rules.Category, DiagnosticSeverity.Warning, true, helpLinkUri: Rules.Help + "rnn0405");
}
