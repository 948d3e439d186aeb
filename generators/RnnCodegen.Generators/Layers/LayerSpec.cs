using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Parsing;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Layers;

// The law of this folder: one file a layer kind, which says all there is to say of it. Whatever asks about layers asks a
// member here; nothing else knows which kinds there are.

/// <summary>One layer.</summary>
/// <param name="Name">Property name as declared (without @): the layer's address in parameters, states and errors.</param>
/// <param name="Modifiers">The property's modifiers as written except <c>partial</c>, e.g. <c>public</c>; may be empty.</param>
/// <param name="Sources">Indexes of the layers read, or <see cref="ModelSpec.Input"/>; one, but for layers that join others.</param>
internal abstract record LayerSpec(string Name, string Modifiers, EquatableArray<int> Sources)
{
    /// <summary>
    /// What inference keeps the weights as: the layer's own choice, else the model's; float32 for layers without a choice.
    /// </summary>
    public WeightFormatKind WeightFormat { get; init; }

    /// <summary>The attribute that it is read from.</summary>
    public abstract LayerKind Kind { get; }

    /// <summary>The layer in a few words.</summary>
    public abstract string Description { get; }

    /// <summary>The arguments of the constructor of its view, the runtime's class <see cref="LayerKind.View"/>.</summary>
    public abstract IReadOnlyList<object> View { get; }

    /// <summary>Whether it reads sequences only, not single rows.</summary>
    public abstract bool NeedsSequence { get; }

    /// <summary>The shape of its output, given those of the values that it reads.</summary>
    public abstract ValueShape OutputOf(IReadOnlyList<ValueShape> sources);

    /// <summary>
    /// Its trained tensors in the order of the flat parameter buffer, given the width of the rows that it reads; named without the layer.
    /// </summary>
    public abstract IEnumerable<Parameter> Parameters(int inputWidth);

    /// <summary>
    /// The activation that its output's values come from, given the one of a value that it reads, by index; linear where it is not known. A
    /// loss of logits must know it.
    /// </summary>
    public abstract ActivationKind ActivationBehind(Func<int, ActivationKind> ofSource);

    /// <summary>Adds what it computes to a graph.</summary>
    /// <param name="graph">Receives nodes and values.</param>
    /// <param name="sources">The values read; that of the input is null where it is tokens.</param>
    /// <param name="shape">The output's shape.</param>
    /// <returns>The output.</returns>
    public abstract Value AddTo(ModelGraphBuilder graph, IReadOnlyList<Value> sources, ValueShape shape);

    /// <summary>The layer with what the model says of it: the features of a row of the memory, 0 where there is none.</summary>
    public virtual LayerSpec In(int memorySize) => this;

    /// <summary>The layer with what it must know of the layer that it reads first; null for the model's input.</summary>
    public virtual LayerSpec After(LayerSpec? source) => this;

    /// <summary>Checks what it reads beyond what holds for all layers.</summary>
    public virtual void Check(SourceCheck check)
    {
    }

    /// <summary>Trained values of a layer that reads rows of a width.</summary>
    public long ParameterCount(int inputWidth) => Parameters(inputWidth).Sum(p => p.LongLength);
}
