using Microsoft.CodeAnalysis;

namespace RnnCodegen.Generators.Diagnostics;

/// <summary>Rules about the annotated class and its project. Each has a section in docs/diagnostics.md.</summary>
internal static class ClassRules
{
    public static readonly DiagnosticDescriptor ClassNotPartial = new(
        "RNN0001", "A model class is partial",
        "Make '{0}' partial: the generator writes the other part of it",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0001");

    public static readonly DiagnosticDescriptor ContainingTypeNotPartial = new(
        "RNN0002", "The types around a model are partial",
        "Make '{0}' partial: the generator writes into its nested class '{1}'",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0002");

    public static readonly DiagnosticDescriptor ClassKind = new(
        "RNN0003", "A model is an ordinary class",
        "'{0}' cannot be {1}: remove '{2}', because models are created, shared and compared by reference",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0003");

    public static readonly DiagnosticDescriptor Generic = new(
        "RNN0004", "A model and the types around it are not generic",
        "Remove the type parameters '{0}' of '{1}': a model's code is written once, for constant sizes",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0004");

    public static readonly DiagnosticDescriptor NoLayers = new(
        "RNN0005", "A model has at least one layer with parameters",
        "Give '{0}' a layer with parameters, such as [Gru(64)] public partial GruLayer Encoder {{ get; }}",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0005");

    public static readonly DiagnosticDescriptor InputSizeMissing = new(
        "RNN0006", "A model has an input size",
        "Give '{0}' the number of features in an input row, [RnnModel(InputSize = ...)], or start it with an [Embedding] if its input " +
        "is token ids",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0006");

    public static readonly DiagnosticDescriptor InputSizeOfTokens = new(
        "RNN0007", "A model of tokens has no input size",
        "Remove 'InputSize': the input of '{0}' is token ids, which the embedding '{1}' reads",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0007");

    public static readonly DiagnosticDescriptor LanguageVersion = new(
        "RNN0008", "A project with models uses C# 13 or later",
        "'{0}' has partial properties, which C# {1} does not support: set <LangVersion>13</LangVersion> or later in the project file, or " +
        "remove LangVersion",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0008");

    public static readonly DiagnosticDescriptor UnsafeCode = new(
        "RNN0009", "A project with models allows unsafe code",
        "The code generated for '{0}' uses pointers: set <AllowUnsafeBlocks>true</AllowUnsafeBlocks> in the project file",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0009");

    public static readonly DiagnosticDescriptor MemberClash = new(
        "RNN0010", "A model's own members do not use generated names",
        "Rename '{0}' of '{1}': generated code has or uses this name",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0010");

    public static readonly DiagnosticDescriptor Constructor = new(
        "RNN0011", "A model's own constructors call the generated one",
        "{0} of '{1}' would leave the model without parameters: declare a constructor that starts with ': this(seed)', which the " +
        "generator writes",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0011");

    public static readonly DiagnosticDescriptor TooManyParameters = new(
        "RNN0013", "A model's parameters fit into one buffer",
        "'{0}' has {1} parameters, {2} of them in '{3}'; make it smaller: at most {4} fit",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0013");

    public static readonly DiagnosticDescriptor SoftmaxOfOne = new(
        "RNN0014", "Softmax needs at least two outputs",
        "The output of '{0}' is one value, whose {1} is always {2}: use OutputTransform.Sigmoid, or give '{3}' one output per class",
        Rules.Category, DiagnosticSeverity.Warning, true, helpLinkUri: Rules.Help + "rnn0014");

    public static readonly DiagnosticDescriptor AotWithoutAvx2 = new(
        "RNN0015", "A program published with Native AOT may use AVX2",
        "Models run 8 to 16 times slower without AVX2, which IlcInstructionSet '{0}' rules out: set " +
        "<IlcInstructionSet>x86-64-v3</IlcInstructionSet>, or x86-64-v4 for AVX-512",
        Rules.Category, DiagnosticSeverity.Warning, true, helpLinkUri: Rules.Help + "rnn0015");

    public static readonly DiagnosticDescriptor MemoryUnread = new(
        "RNN0017", "A model with a memory has an [Attention] layer",
        "MemorySize of '{0}' has no effect, because no layer attends to a memory: add an [Attention] layer, or remove MemorySize",
        Rules.Category, DiagnosticSeverity.Warning, true, helpLinkUri: Rules.Help + "rnn0017");

    public static readonly DiagnosticDescriptor Defect = new(
        "RNN0018", "Code generation does not fail",
        "RnnCodegen failed at '{0}', which is a defect of RnnCodegen, not of your code: {1}. Other models are not affected. Please " +
        "report it with this class at https://github.com/rnncodegen/rnncodegen/issues; to go on, undo the last change to the class.",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0018");

    public static readonly DiagnosticDescriptor Creation = new(
        "RNN0019", "A model can be created from its parameters alone",
        "{0}, but loading and training create a '{1}' from its parameters alone: {2}",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0019");

    public static readonly DiagnosticDescriptor UnknownTarget = new(
        "RNN0020", "RnnTargets names known targets",
        "RnnTargets has '{0}', which is not a target: use one or more of {1}, or remove RnnTargets to generate all of them",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0020");

    public static readonly DiagnosticDescriptor SmallWeights = new(
        "RNN0021", "Smaller weights pay where float32 ones outgrow the first-level cache",
        "The {1} trained values of '{0}' take {2} KB as float32, which a first-level cache holds: {3} weights make it smaller, but not " +
        "faster",
        Rules.Category, DiagnosticSeverity.Info, true, helpLinkUri: Rules.Help + "rnn0021");

    public static readonly DiagnosticDescriptor CudaUnreferenced = new(
        "RNN0022", "A model with code for GPUs has what loads it",
        "'{0}' is to have code for GPUs, but the project does not refer to what loads it: add the package RnnCodegen.Cuda " +
        "(dotnet add package RnnCodegen.Cuda), or remove Cuda or RnnCuda",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0022");

    public static readonly DiagnosticDescriptor CudaWeights = new(
        "RNN0023", "GPUs compute with weights as they are",
        "On a GPU '{0}' computes with the float32 weights that are trained: the {1} weights of '{2}' are for inference on the CPU, whose " +
        "outputs differ by their rounding",
        Rules.Category, DiagnosticSeverity.Info, true, helpLinkUri: Rules.Help + "rnn0023");

    public static readonly DiagnosticDescriptor CudaPrecisionWithout = new(
        "RNN0024", "CudaPrecision is for models with code for GPUs",
        "CudaPrecision.{1} of '{0}' has no effect, because the model has no code for GPUs: set Cuda = true (or RnnCuda for the project), " +
        "or remove CudaPrecision",
        Rules.Category, DiagnosticSeverity.Warning, true, helpLinkUri: Rules.Help + "rnn0024");
}

internal static class Rules
{
    public const string Category = "RnnCodegen";

    /// <summary>Where a rule's section is, up to its anchor.</summary>
    public const string Help = "https://github.com/rnncodegen/rnncodegen/blob/main/docs/diagnostics.md#";
}
