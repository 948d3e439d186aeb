using Microsoft.CodeAnalysis;

namespace RnnCodegen.Generators.Diagnostics;

/// <summary>Rules about the files that project items embed for models. Each has a section in docs/diagnostics.md.</summary>
internal static class FileRules
{
    public static readonly DiagnosticDescriptor NoSuchModel = new(
        "RNN0201", "An embedded file is for a model of the project",
        "'{0}' is for '{1}', which is not a model of this project: write a model's full name, with its namespace and the types around " +
        "it; nearest: {2}",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0201");

    public static readonly DiagnosticDescriptor TwoFiles = new(
        "RNN0202", "A model has one embedded file of a kind",
        "Remove '{0}': '{1}' has '{2}' already, and one {3} item is all a model can have",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0202");

    public static readonly DiagnosticDescriptor TensorMissing = new(
        "RNN0203", "An embedded file has all tensors of its model",
        "'{0}' lacks tensor '{1}' {2}, which '{3}' needs{4}: embed a file that was saved from this model; nearest in the file: {5}",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0203");

    public static readonly DiagnosticDescriptor TensorUnknown = new(
        "RNN0204", "An embedded file has only its model's tensors",
        "'{0}' has a tensor '{1}', which '{2}' does not know{3}: remove it from the file, or give it the model's name; nearest in " +
        "the model: {4}",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0204");

    public static readonly DiagnosticDescriptor TensorShape = new(
        "RNN0205", "An embedded file's tensors have the shapes of its model",
        "'{0}': tensor '{1}' must have shape {2} for '{3}', but has {4}{5}: change the layer's size, or embed a file of this model",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0205");

    public static readonly DiagnosticDescriptor TensorType = new(
        "RNN0206", "An embedded file's tensors have the types of its model",
        "'{0}': tensor '{1}' must be {2} for '{3}', but is {4}{5}: convert the file",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0206");
}
