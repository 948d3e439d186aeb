using RnnCodegen.Generators.Diagnostics;
using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Parsing;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Layers;

/// <summary>
/// Attends to the model's memory, of rows of <see cref="Memory"/> features; Units is the width of what additive scores are summed over.
/// </summary>
internal sealed record AttentionSpec(string Name, string Modifiers, EquatableArray<int> Sources, AttentionScoreKind Score, int Units,
    int Memory)
    : LayerSpec(Name, Modifiers, Sources)
{
    private static readonly LayerKind s_kind = new("Attention", Read) { ReadsMemory = true };

    private string ScoreName => Score switch
    {
        AttentionScoreKind.Dot => "scored by products",
        AttentionScoreKind.ScaledDot => "scored by scaled products",
        AttentionScoreKind.General => "scored by products with projected rows",
        AttentionScoreKind.Additive => $"scored by sums over {Units} units",
        _ => throw new InvalidOperationException($"{Score} is no score."),
    };

    public override LayerKind Kind => s_kind;

    public override string Description => $"Attention to rows of {Memory}, {ScoreName}";

    public override IReadOnlyList<object> View => [ViewArgument.Parameters, ViewArgument.Name, Score];

    public override bool NeedsSequence => false;

    public override ValueShape OutputOf(IReadOnlyList<ValueShape> sources) => new(Memory, sources[0].Axis);

    public override IEnumerable<Parameter> Parameters(int inputWidth) => Score switch
    {
        AttentionScoreKind.Dot or AttentionScoreKind.ScaledDot => [],
        AttentionScoreKind.General => [new("weight", "DenseWeight", inputWidth, Memory, Memory)],
        AttentionScoreKind.Additive =>
        [
            new("query_weight", "DenseWeight", Units, inputWidth, inputWidth),
            new("memory_weight", "DenseWeight", Units, Memory, Memory),
            Parameter.Vector("score_weight", "AttentionWeight", Units, Units),
        ],
        _ => throw new InvalidOperationException($"{Score} is no score."),
    };

    public override ActivationKind ActivationBehind(Func<int, ActivationKind> ofSource) => ActivationKind.Linear;

    public override Value AddTo(ModelGraphBuilder graph, IReadOnlyList<Value> sources, ValueShape shape)
    {
        var output = graph.NewValue(Name, shape.Width, shape.Axis);
        var query = Score == AttentionScoreKind.Additive ? AddQuery(graph, sources[0]) : sources[0];
        graph.Add(new AttentionNode(Name, this, query, output));
        return output;
    }

    public override LayerSpec In(int memorySize) => this with { Memory = memorySize, Units = Units == 0 ? memorySize : Units };

    public override void Check(SourceCheck check)
    {
        var (width, memory) = (check.Shapes[0].Width, check.MemorySize);
        if (memory == 0)
        {
            check.Report(LayerRules.NoMemory, check.Attribute.Name, check.Model);
        }
        else if (Score is AttentionScoreKind.Dot or AttentionScoreKind.ScaledDot && width != memory)
        {
            check.Report(LayerRules.QueryWidth, check.Attribute.Name, AttributeReader.Text(width), AttributeReader.Text(memory),
                Score.ToString());
        }

        if (Score != AttentionScoreKind.Additive && check.Attribute.Has("Units"))
        {
            check.Report(LayerRules.UnitsWithoutEffect, check.Attribute.At("Units"), Score.ToString());
        }
    }

    private static LayerSpec Read(LayerReader r) => new AttentionSpec(
        r.Name, r.Modifiers, default, r.Attribute.Member("Score", AttentionScoreKind.Dot), r.Attribute.Size("Units", 0, 0, Limits.Units),
        0);

    private Value AddQuery(ModelGraphBuilder graph, Value input)
    {
        var output = graph.NewValue($"{Name}Query", Units, input.Axis);
        var dense = new DenseSpec(output.Name, "", default, Units, ActivationKind.Linear, false);
        graph.Add(dense.NodeOf(input, output) with { Weight = $"{Name}.query_weight" });
        return output;
    }
}
