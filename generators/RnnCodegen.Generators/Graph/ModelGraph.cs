using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Graph;

/// <summary>A matrix between nodes: a row a step and sample [T B, Width], or a row a sample [B, Width].</summary>
internal sealed record Value(int Index, string Name, int Width, bool IsSequence);

/// <summary>A state vector of the model, named as users see it, and the parameter it starts from; null where it starts at 0.</summary>
internal sealed record StateVector(int Index, string Name, int Size, string? InitialParameter);

internal abstract record Node(string Name);

/// <summary>Rows of the table, by token.</summary>
internal sealed record EmbeddingNode(string Name, EmbeddingSpec Spec, Value Output) : Node(Name);

/// <summary>One layer of a stack in one direction. Writes columns [Column, Column + H) of its output, where it has one.</summary>
internal sealed record RecurrentNode(
    string Name, RecurrentSpec Spec, int Layer, bool Reverse, CellGraph Cell, CellGradient Gradient,
    Value Input, Value? Output, int Column, IReadOnlyList<StateVector> States) : Node(Name)
{
    /// <summary>Whether it is the second direction of its layer; a layer of one direction that is reversed has the names of one that is not.</summary>
    public bool IsSecondDirection => Reverse && Spec.Bidirectional;

    /// <summary>End of the layer's tensor names: <c>l0</c>, <c>l1_reverse</c>.</summary>
    public string Suffix => $"l{Layer}{(IsSecondDirection ? "_reverse" : "")}";
}

/// <summary>Joins the final states [B, H] into one row a sequence.</summary>
internal sealed record LastNode(string Name, IReadOnlyList<StateVector> States, Value Output) : Node(Name);

internal sealed record DenseNode(string Name, DenseSpec Spec, CellGraph Cell, CellGradient Gradient, Value Input, Value Output) : Node(Name);

/// <summary>Dropout; Stream keeps the masks of a model's dropouts apart.</summary>
internal sealed record DropoutNode(string Name, float Probability, int Stream, Value Input, Value Output) : Node(Name);

internal sealed record LayerNormNode(string Name, LayerNormSpec Spec, Value Input, Value Output) : Node(Name);

internal sealed record ConcatNode(string Name, IReadOnlyList<Value> Inputs, Value Output) : Node(Name);

internal sealed record AddNode(string Name, IReadOnlyList<Value> Inputs, Value Output) : Node(Name);

/// <summary>What a model computes: nodes in order, without those that do not reach the output.</summary>
internal sealed record ModelGraph(
    ModelSpec Spec, Value? Input, IReadOnlyList<Value> Values, IReadOnlyList<Node> Nodes, IReadOnlyList<StateVector> States, Value Output)
{
    /// <summary>A layer that runs in reverse needs the sequence's end before it can say anything of its start.</summary>
    public bool CanStream => !Nodes.OfType<RecurrentNode>().Any(n => n.Reverse);

    /// <summary>Whether inference rounds weights.</summary>
    public bool HasReducedWeights => Nodes.Any(n =>
        (n switch { RecurrentNode r => r.Spec.WeightFormat, DenseNode d => d.Spec.WeightFormat, _ => WeightFormatKind.Float32 }) != WeightFormatKind.Float32);

    public bool TakesTokens => Input is null;

    /// <summary>Multiply-adds of the products of one step of one sample, times two.</summary>
    public long FlopsPerStep => Nodes.Sum(node => node switch
    {
        RecurrentNode r => 2L * ((r.Cell.Gates.Count * r.Cell.Units * (long)r.Input.Width) +
            r.Cell.Stages.OfType<ProductStage>().Sum(p => p.Gates.Count * p.Size * (long)p.OperandSize)),
        DenseNode d => 2L * d.Spec.Units * d.Input.Width,
        _ => 0L,
    });
}
