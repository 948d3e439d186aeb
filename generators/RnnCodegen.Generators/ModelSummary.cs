using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators;

/// <summary>What an annotated class is, for tools that need no code of it.</summary>
/// <param name="Name">Its full name.</param>
/// <param name="Vocabulary">Number of tokens; 0 of a model that takes features.</param>
/// <param name="OutputSize">Features of an output row.</param>
/// <param name="OutputIsSequence">Whether there is a row a step, not one a sequence.</param>
/// <param name="CanStream">Whether it runs step by step.</param>
/// <param name="State">Its state, vector by vector.</param>
/// <param name="Tensors">Its trained tensors.</param>
public sealed record ModelSummary(
    string Name, int Vocabulary, int OutputSize, bool OutputIsSequence, bool CanStream, IReadOnlyList<(string Name, int Size)> State,
    IReadOnlyList<TensorSummary> Tensors)
{
    internal static ModelSummary Of(ModelSpec model)
    {
        var graph = ModelGraphBuilder.Build(model);
        return new ModelSummary(
            model.HintName, graph.Vocabulary, graph.Output.Width,
            graph.Output.IsSequence, graph.CanStream, [.. graph.States.Select(s => (s.Name, s.Size))],
            [.. new ParameterTable(model).Items.Select(
                p => new TensorSummary(p.Name, p.Role, p.Offset, p.Rows, p.Columns, p.FanIn, p.Kernel))]);
    }
}

/// <summary>A trained tensor.</summary>
/// <param name="Name">Its full name.</param>
/// <param name="Role">A member of the runtime's <c>ParameterRole</c>.</param>
/// <param name="Offset">Its place among the parameters, in floats.</param>
/// <param name="Rows">Rows, or the length of a vector.</param>
/// <param name="Columns">Columns; 0 of a vector.</param>
/// <param name="FanIn">What initial values are scaled by.</param>
/// <param name="Kernel">Steps of a convolution's kernel; 0 of a matrix or vector.</param>
public sealed record TensorSummary(string Name, string Role, int Offset, int Rows, int Columns, int FanIn, int Kernel);
