using System.Globalization;
using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Planning;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Files;

/// <summary>One size of a tensor's shape: a number, or a letter where any number will do.</summary>
internal readonly record struct ExpectedSize(string Text, long? Value)
{
    public static implicit operator ExpectedSize(long value) => new(value.ToString(CultureInfo.InvariantCulture), value);

    public bool Takes(long size) => Value is { } value ? size == value : size > 0;
}

/// <summary>A tensor that a model's file has to hold, or may.</summary>
internal sealed record ExpectedTensor(string Name, IReadOnlyList<string> Types, IReadOnlyList<ExpectedSize> Shape, bool IsRequired = true)
{
    private static readonly string[] s_floats = ["F32", "F64", "F16", "BF16"];
    private static readonly string[] s_integers = ["I32", "I64"];

    public string ShapeText => $"[{string.Join(", ", Shape.Select(s => s.Text))}]";

    public static IReadOnlyList<ExpectedTensor> Of(ModelSpec model, FileManifest file) =>
        file.Kind == ModelFileKind.RnnWeights ? OfWeights(model) : OfGolden(ModelGraphBuilder.Build(model), file);

    private static List<ExpectedTensor> OfWeights(ModelSpec model) =>
    [
        .. new ParameterTable(model).Items.Select(p => new ExpectedTensor(p.Name, s_floats, p switch
        {
            { Columns: 0 } => [p.Rows],
            { Kernel: > 0 } => [p.Rows, p.Columns / p.Kernel, p.Kernel],
            _ => new ExpectedSize[] { p.Rows, p.Columns },
        })),
    ];

    private static List<ExpectedTensor> OfGolden(ModelGraph graph, FileManifest file)
    {
        var (name, types) = graph.TakesTokens ? ("tokens", s_integers) : ("input", s_floats);
        ExpectedSize[] row = graph.TakesTokens ? [] : [graph.Spec.InputSize];

        // The input says how many steps and samples all others have.
        var input = file.Tensors.FirstOrDefault(t => t.Name == name)?.Shape ?? default;
        var steps = input.Count > 0 && input[0] > 0 ? input[0] : new ExpectedSize("T", null);
        var batch = input.Count > 1 && input[1] > 0 ? input[1] : new ExpectedSize("B", null);

        // How many steps windows leave is for the runtime to say.
        var outputSteps = graph.Output.Axis is { Windows.Count: 0 } ? steps : new ExpectedSize("T'", null);
        ExpectedSize[] output = graph.Output.IsSequence ? [outputSteps, batch, graph.Output.Width] : [batch, graph.Output.Width];
        ExpectedTensor[] memory = graph.Spec.MemorySize == 0 ? [] :
        [
            new("memory", s_floats, [new ExpectedSize("S", null), batch, graph.Spec.MemorySize]),
            new("memory_lengths", s_integers, [batch], IsRequired: false),
        ];
        return
        [
            new(name, types, [steps, batch, .. row]),
            new("output", s_floats, output),
            new("lengths", s_integers, [batch], IsRequired: false),
            .. memory,
            .. from prefix in new[] { "initial.", "final." }
               from state in graph.States
               select new ExpectedTensor(prefix + state.Name, s_floats, [batch, state.Size], IsRequired: false),
        ];
    }
}
