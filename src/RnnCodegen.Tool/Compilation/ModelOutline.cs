using RnnCodegen.Generators;
using RnnCodegen.Interchange;
using RnnCodegen.Runtime;

namespace RnnCodegen.Tool.Compilation;

/// <summary>What a model is, without its code: to know it, a class need not be built.</summary>
/// <param name="Name">The class's name.</param>
/// <param name="Vocabulary">Number of tokens; 0 of a model that takes features.</param>
/// <param name="OutputSize">Features of an output row.</param>
/// <param name="OutputIsSequence">Whether there is a row a step, not one a sequence.</param>
/// <param name="CanStream">Whether it runs step by step.</param>
/// <param name="State">Its state, vector by vector.</param>
/// <param name="Parameters">Its tensors.</param>
public sealed record ModelOutline(
    string Name, int Vocabulary, int OutputSize, bool OutputIsSequence, bool CanStream, IReadOnlyList<StateSlot> State,
    IReadOnlyList<ParameterInfo> Parameters)
{
    /// <summary>That of a class that was built.</summary>
    /// <param name="definition">The class's names and sizes.</param>
    public static ModelOutline Of(ModelDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        return new ModelOutline(
            definition.Name, definition.Vocabulary, definition.OutputSize, definition.OutputIsSequence, definition.CanStream,
            definition.State, definition.Parameters);
    }

    /// <summary>Parameters with the given values.</summary>
    /// <param name="weights">The parameters by name.</param>
    /// <exception cref="InvalidDataException">A parameter is missing, of another shape, or one too many; the message names it.</exception>
    public ParameterSet CreateParameters(IReadOnlyDictionary<string, NamedTensor> weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        var parameters = new ParameterSet(Parameters);
        foreach (var tensor in parameters.Tensors)
        {
            if (!weights.TryGetValue(tensor.Name, out var found))
            {
                throw new InvalidDataException($"{Name} needs tensor {tensor}, which the weights lack.");
            }

            if (!found.Shape.SequenceEqual(tensor.Shape) || found.Values.Length != tensor.Info.Length)
            {
                throw new InvalidDataException(
                    $"{Name} needs tensor {tensor}, but that of the weights has shape [{string.Join(", ", found.Shape)}].");
            }

            found.Values.CopyTo(tensor.Edit());
        }

        var extra = weights.Keys.FirstOrDefault(name => !parameters.TryGet(name, out _));
        return extra is null
            ? parameters
            : throw new InvalidDataException($"{Name} has no tensor '{extra}', which is among the weights.");
    }

    internal static ModelOutline Of(ModelSummary model) => new(
        model.Name, model.Vocabulary, model.OutputSize, model.OutputIsSequence, model.CanStream,
        [.. model.State.Select(s => new StateSlot(s.Name, s.Size))],
        [.. model.Tensors.Select(t =>
            new ParameterInfo(t.Name, Enum.Parse<ParameterRole>(t.Role), t.Offset, t.Rows, t.Columns, t.FanIn) { Kernel = t.Kernel })]);
}
