using Microsoft.CodeAnalysis;

namespace RnnCodegen.Generators.Diagnostics;

/// <summary>Rules about one layer and what it reads. Each has a section in docs/diagnostics.md.</summary>
internal static class LayerRules
{
    public static readonly DiagnosticDescriptor PropertyNotPartial = new(
        "RNN0101", "A layer property is partial",
        "Make '{0}' partial: the generator writes its body",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0101");

    public static readonly DiagnosticDescriptor PropertyShape = new(
        "RNN0102", "A layer is a get-only instance property",
        "Declare '{0}' as 'partial {1} {2} {{ get; }}': {3}",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0102");

    public static readonly DiagnosticDescriptor PropertyType = new(
        "RNN0103", "A layer property has its layer's type",
        "Change the type of '{0}' from '{1}' to '{2}', the type of an [{3}] layer",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0103");

    public static readonly DiagnosticDescriptor TwoLayersOnProperty = new(
        "RNN0104", "A property has one layer attribute",
        "'{0}' is already an [{1}] layer: give [{2}] a property of its own",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0104");

    public static readonly DiagnosticDescriptor LayersInSeveralParts = new(
        "RNN0105", "A model's layers are declared in one part of its class",
        "Move '{0}' to the part that declares '{1}': layers run in the order they are declared, which several parts do not define",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0105");

    public static readonly DiagnosticDescriptor ReservedName = new(
        "RNN0106", "A layer does not have the name of a generated member",
        "Rename the layer '{0}': generated code has or uses this name",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0106");

    public static readonly DiagnosticDescriptor LayerNamesDifferByCase = new(
        "RNN0107", "Layers have names that differ by more than case",
        "Rename '{0}' or '{1}': weight files and tools that ignore case would mix them up",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0107");

    public static readonly DiagnosticDescriptor Size = new(
        "RNN0108", "Sizes are positive and within limits",
        "{0} of '{1}' is {2}; give a value from {3} to {4}",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0108");

    public static readonly DiagnosticDescriptor Probability = new(
        "RNN0109", "A dropout probability is at least 0 and less than 1",
        "The dropout probability of '{0}' is {1}; give a value from 0 up to, but not including, 1",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0109");

    public static readonly DiagnosticDescriptor DropoutWithoutEffect = new(
        "RNN0110", "Dropout between layers needs two layers",
        "Dropout of '{0}' has no effect, because it acts between stacked layers and there is one: set Layers to 2 or more, or follow " +
        "'{0}' with a [Dropout({1}f)] layer",
        Rules.Category, DiagnosticSeverity.Warning, true, helpLinkUri: Rules.Help + "rnn0110");

    public static readonly DiagnosticDescriptor Epsilon = new(
        "RNN0111", "Epsilon is positive and finite",
        "{0} of '{1}' is {2}; give a small positive value such as 1e-5f, which keeps a constant row from dividing by zero",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0111");

    public static readonly DiagnosticDescriptor UndefinedEnumValue = new(
        "RNN0112", "Enum arguments have a defined value",
        "{0} of '{1}' is {2}, which no {3} has; give one of {4}",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0112");

    public static readonly DiagnosticDescriptor Alpha = new(
        "RNN0113", "An alpha is positive and finite, and its activation has one",
        "{0} of '{1}' is {2}; {3}",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0113");

    public static readonly DiagnosticDescriptor ProjectionTooLarge = new(
        "RNN0114", "A projection is smaller than the units it projects",
        "Projection of '{0}' is {1}, but it has only {2} units; give a value from 1 to {3}, or 0 for none, as PyTorch's proj_size asks",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0114");

    public static readonly DiagnosticDescriptor EmbeddingNotFirst = new(
        "RNN0115", "An embedding is the first layer",
        "Move '{0}' before '{1}' or remove it: an embedding reads token ids, and only the model's input can be token ids",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0115");

    public static readonly DiagnosticDescriptor UnknownSource = new(
        "RNN0116", "A layer reads layers of its model",
        "'{0}' has no layer '{1}' for '{2}' to read; {3}",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0116");

    public static readonly DiagnosticDescriptor LaterSource = new(
        "RNN0117", "A layer reads earlier layers only",
        "'{0}' cannot read '{1}', which {2}; {3}",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0117");

    public static readonly DiagnosticDescriptor TooFewSources = new(
        "RNN0118", "Concat, Add and Multiply join at least two layers",
        "[{0}] of '{1}' names {2} layer(s); name two or more, such as [{0}(nameof(A), nameof(B))]",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0118");

    public static readonly DiagnosticDescriptor WidthsDiffer = new(
        "RNN0119", "Added and multiplied layers have one width",
        "'{0}' cannot {5} '{1}' ({2} wide) and '{3}' ({4} wide); put a [Dense({2})] layer after '{3}', or join them with [Concat]",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0119");

    public static readonly DiagnosticDescriptor StepsMixed = new(
        "RNN0120", "Joined layers all have one row per step, or all one row per sequence",
        "'{0}' cannot join '{1}' ({2}) and '{3}' ({4}); make ReturnSequences the same in both branches",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0120");

    public static readonly DiagnosticDescriptor NoSequenceToRead = new(
        "RNN0121", "A layer that runs over time reads a sequence",
        "'{0}' cannot run over '{1}', which is one row per sequence; remove ReturnSequences = false upstream of it, or {2}",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0121");

    public static readonly DiagnosticDescriptor Unread = new(
        "RNN0122", "Every layer except the last is read",
        "Nothing reads '{0}', so it has no effect on the output: read it with From = nameof({0}), join it with [Concat] or [Add], " +
        "or remove it",
        Rules.Category, DiagnosticSeverity.Warning, true, helpLinkUri: Rules.Help + "rnn0122");

    public static readonly DiagnosticDescriptor InputOfTokens = new(
        "RNN0130", "Only a model of rows has input rows to read",
        "'{0}' cannot read the model's input, which is token ids: name '{1}', whose rows stand for them",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0130");

    public static readonly DiagnosticDescriptor ColumnNotFirst = new(
        "RNN0131", "Embeddings of columns are the first layers",
        "'{0}' cannot stand here, because a model either reads token ids or has embeddings of columns as its first layers: {1}",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0131");

    public static readonly DiagnosticDescriptor ColumnTwice = new(
        "RNN0132", "A column of categories is read by one embedding",
        "'{0}' reads column {1}, which '{2}' has taken out of the rows: give another column, or remove one of the two",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0132");

    public static readonly DiagnosticDescriptor IdsAsNumbers = new(
        "RNN0133", "A category id is not read as a number",
        "'{0}' would read the ids of '{2}' as numbers, because they still stand in the rows of '{1}': name '{3}', whose rows have all " +
        "other features too",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0133");

    public static readonly DiagnosticDescriptor Int8TooWide = new(
        "RNN0123", "A layer with 8-bit weights has a limited input width",
        "'{0}' reads rows of {1}, but sums of 8-bit products are exact for at most {2}: set its WeightFormat to WeightFormat.BFloat16 or " +
        "WeightFormat.Float32",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0123");

    public static readonly DiagnosticDescriptor Bound = new(
        "RNN0124", "A bound is positive and finite, or 0 for none",
        "{0} of '{1}' is {2}; give a positive number, or 0 for no bound",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0124");

    public static readonly DiagnosticDescriptor ReverseAndBidirectional = new(
        "RNN0125", "A layer is reversed or bidirectional, not both",
        "'{0}' is Bidirectional, which has a reverse direction already: remove Reverse, or Bidirectional to have that direction alone",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0125");

    public static readonly DiagnosticDescriptor NoModel = new(
        "RNN0126", "A layer is a property of a model",
        "'{0}' is an [{1}] layer of '{2}', which is not a model, so nothing is generated for it: {3}",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0126");

    public static readonly DiagnosticDescriptor RatesDiffer = new(
        "RNN0140", "Joined layers have rows for the same steps",
        "'{0}' cannot join '{1}' and '{2}', which have rows for different steps, because of windows with a stride or without padding: " +
        "give both branches the same windows",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0140");

    public static readonly DiagnosticDescriptor PaddingTwice = new(
        "RNN0141", "A convolution's padding is set once",
        "'{0}' has {1} beside Padding = TimePadding.{2}, which says how many zeros there are: remove one of the two",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0141");

    public static readonly DiagnosticDescriptor NoMemory = new(
        "RNN0142", "A model with [Attention] has a memory",
        "'{0}' attends to a memory, and '{1}' has none: set MemorySize of [RnnModel] to the width of the rows, such as an " +
        "encoder's outputs",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0142");

    public static readonly DiagnosticDescriptor QueryWidth = new(
        "RNN0143", "A product of a query and a memory row has equal widths",
        "'{0}' reads rows of {1} and the memory has rows of {2}, which [Attention] with Score = AttentionScore.{3} multiplies: use " +
        "AttentionScore.General, or put a [Dense({2})] layer before it",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0143");

    public static readonly DiagnosticDescriptor UnitsWithoutEffect = new(
        "RNN0144", "Only additive attention has units",
        "Units of '{0}' has no effect with Score = AttentionScore.{1}: remove it, or use AttentionScore.Additive",
        Rules.Category, DiagnosticSeverity.Warning, true, helpLinkUri: Rules.Help + "rnn0144");

    public static readonly DiagnosticDescriptor EpsilonWithoutEffect = new(
        "RNN0145", "Only normalised gates have an epsilon",
        "NormalizationEpsilon of '{0}' has no effect, because its gates are not normalised: set Normalization to " +
        "GateNormalization.PerGate or Joint, or remove it",
        Rules.Category, DiagnosticSeverity.Warning, true, helpLinkUri: Rules.Help + "rnn0145");

    public static readonly DiagnosticDescriptor InitialStateUntrained = new(
        "RNN0146", "A learned initial state needs calls that start from it",
        "LearnedInitialState of '{0}' trains nothing, because '{1}' has a memory, which comes with a state that each call is given: " +
        "remove it, or start from a state that the encoder ends with",
        Rules.Category, DiagnosticSeverity.Warning, true, helpLinkUri: Rules.Help + "rnn0146");

    public static readonly DiagnosticDescriptor RowWindow = new(
        "RNN0147", "A convolution inside rows fits them",
        "'{0}' reads rows of {1} values: {2}",
        Rules.Category, DiagnosticSeverity.Error, true, helpLinkUri: Rules.Help + "rnn0147");
}
