using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Graph;

/// <summary>
/// A matrix between nodes: a row for each step of an axis and sample [T B, Width], or, without an axis, a row a sample [B, Width].
/// </summary>
internal sealed record Value(int Index, string Name, int Width, TimeAxis? Axis)
{
    public bool IsSequence => Axis is not null;

    /// <summary>Whether it is the model's input, whatever a layer may be called.</summary>
    public bool IsInput { get; init; }
}

/// <summary>A state vector of the model, named as users see it, and the parameter it starts from; null where it starts at 0.</summary>
internal sealed record StateVector(int Index, string Name, int Size, string? InitialParameter);

/// <summary>One operation of a model.</summary>
/// <param name="Name">Starts the names of all that is generated for it.</param>
/// <param name="Result">The value it makes; null for a recurrent layer of which only the final state is read.</param>
internal abstract record Node(string Name, Value? Result)
{
    /// <summary>The values that it reads, in order; what only states hand on is none.</summary>
    public abstract IReadOnlyList<Value> Reads { get; }

    /// <summary>What its backward pass does to the gradients of what it reads.</summary>
    public virtual GradientRows Writes => GradientRows.Features;

    /// <summary>Whether it runs with the time steps, rather than once when all of them are done.</summary>
    public virtual bool IsSequence => Result?.IsSequence ?? true;

    /// <summary>Whether it needs the sequence's end before it can say anything of its start.</summary>
    public virtual bool NeedsEnd => false;

    /// <summary>Why a model with it cannot run step by step, where it cannot.</summary>
    public virtual string WhyNotStreaming => $"{Name} has several rows for each one of a slower layer";

    /// <summary>What inference keeps its weights as; float32 where it has no products.</summary>
    public virtual WeightFormatKind WeightFormat => WeightFormatKind.Float32;

    /// <summary>Multiply-adds of its products, times two, for one input step of one sample.</summary>
    public virtual long Flops => 0;
}

/// <summary>Rows of the table, by token; or by the ids in a column of rows, behind the other columns.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Spec">The layer.</param>
/// <param name="Input">The rows with the column; null where the model's input is tokens.</param>
/// <param name="Output">What it makes.</param>
internal sealed record EmbeddingNode(string Name, EmbeddingSpec Spec, Value? Input, Value Output) : Node(Name, Output)
{
    public override IReadOnlyList<Value> Reads => Input is null ? [] : [Input];

    public override GradientRows Writes => GradientRows.Sums;
}

/// <summary>One layer of a stack in one direction. Writes columns [Column, Column + H) of its output, where it has one.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Spec">The layer.</param>
/// <param name="Layer">Which of the stack.</param>
/// <param name="Reverse">Whether it runs from the last step to the first.</param>
/// <param name="Cell">Its equations in inference.</param>
/// <param name="Training">Those in training, the same where nothing is dropped; products and states are those of inference.</param>
/// <param name="FirstStream">Keeps its masks apart from those of a model's other dropouts; further masks have the numbers after it.</param>
/// <param name="Gradient">The adjoint of training.</param>
/// <param name="Input">What it reads.</param>
/// <param name="Output">What it writes.</param>
/// <param name="Column">The first column of that.</param>
/// <param name="States">Its states.</param>
internal sealed record RecurrentNode(
    string Name, RecurrentSpec Spec, int Layer, bool Reverse, CellGraph Cell, CellGraph Training, int FirstStream, CellGradient Gradient,
    Value Input, Value? Output, int Column, IReadOnlyList<StateVector> States) : Node(Name, Output)
{
    public override IReadOnlyList<Value> Reads => [Input];

    public override GradientRows Writes => GradientRows.Whole;

    public override bool NeedsEnd => Reverse;

    public override string WhyNotStreaming => !Reverse ? $"{Spec.Name} has several rows for each one of a slower layer after it"
        : Spec.Bidirectional ? $"{Spec.Name} is bidirectional: its reverse direction needs the end of the sequence first"
        : $"{Spec.Name} is reversed: it needs the end of the sequence first";

    public override WeightFormatKind WeightFormat => Spec.WeightFormat;

    public override long Flops => 2L * ((Cell.Gates.Count * Cell.Units * (long)Input.Width) +
        Cell.Stages.OfType<ProductStage>().Sum(p => p.Gates.Count * p.Size * (long)p.OperandSize)) / Input.Axis!.Scale;

    /// <summary>What kind of layer it is, and of how many units.</summary>
    public string Title => $"{Spec.Kind.Name}{Cell.Units}";

    /// <summary>
    /// Whether it is the second direction of its layer; a layer of one direction that is reversed has the names of one that is not.
    /// </summary>
    public bool IsSecondDirection => Reverse && Spec.Bidirectional;

    /// <summary>End of the layer's tensor names: <c>l0</c>, <c>l1_reverse</c>.</summary>
    public string Suffix => $"l{Layer}{(IsSecondDirection ? "_reverse" : "")}";
}

/// <summary>Joins the final states [B, H] into one row a sequence.</summary>
internal sealed record LastNode(string Name, IReadOnlyList<StateVector> States, Value Output) : Node(Name, Output)
{
    public override IReadOnlyList<Value> Reads => [];
}

/// <summary>A product, and functions of each row of its result.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Spec">The layer of the product.</param>
/// <param name="Functions">The functions, one after the other.</param>
/// <param name="Cell">Their equations.</param>
/// <param name="Gradient">The adjoint.</param>
/// <param name="Input">What the product reads.</param>
/// <param name="Output">What the last function makes.</param>
internal sealed record DenseNode(
    string Name, DenseSpec Spec, IReadOnlyList<RowFunction> Functions, CellGraph Cell, CellGradient Gradient, Value Input, Value Output)
    : Node(Name, Output)
{
    public override IReadOnlyList<Value> Reads => [Input];

    public override GradientRows Writes => Window is null ? GradientRows.Whole : GradientRows.Sums;

    public override WeightFormatKind WeightFormat => Spec.WeightFormat;

    public override long Flops => 2L * Output.Width * Terms / (Input.Axis?.Scale ?? 1);

    /// <summary>What inside a row each product reads, whose results are a row together; null where one product reads the row.</summary>
    public RowWindowSpec? Window { get; init; }

    /// <summary>Terms of a product's sums.</summary>
    public int Terms => Window?.Terms ?? Input.Width;

    /// <summary>The name of the weights' tensor.</summary>
    public string Weight { get; init; } = $"{Name}.weight";

    public static DenseNode Of(string name, DenseSpec spec, IReadOnlyList<RowFunction> functions, Value input, Value output)
    {
        var cell = RowCell.Build(functions, 1, output.Width, "W x + b");
        return new DenseNode(name, spec, functions, cell, Graph.Gradient.Of(cell), input, output);
    }
}

/// <summary>Dropout.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Probability">How likely a value becomes 0.</param>
/// <param name="Stream">Keeps the masks of a model's dropouts apart.</param>
/// <param name="Cell">Its equations in training; inference hands its input on.</param>
/// <param name="Gradient">The adjoint.</param>
/// <param name="Input">What it reads.</param>
/// <param name="Output">What it makes.</param>
internal sealed record DropoutNode(
    string Name, float Probability, int Stream, CellGraph Cell, CellGradient Gradient, Value Input, Value Output) : Node(Name, Output)
{
    public override IReadOnlyList<Value> Reads => [Input];

    public override GradientRows Writes => GradientRows.Whole;

    public static DropoutNode Of(string name, float probability, int stream, Value input, Value output)
    {
        var cell = RowCell.Build([new DropoutFunction(probability)], 1, output.Width);
        return new DropoutNode(name, probability, stream, cell, Graph.Gradient.Of(cell), input, output);
    }
}

/// <summary>
/// The steps that each window sees, as one row. State holds the rows before the first step of a call; null where they are zeros.
/// </summary>
internal sealed record WindowNode(string Name, WindowSpec Window, StateVector? State, Value Input, Value Output) : Node(Name, Output)
{
    public override IReadOnlyList<Value> Reads => [Input];

    public override GradientRows Writes => GradientRows.Sums;

    public override bool NeedsEnd => !Window.Streams;

    public override string WhyNotStreaming =>
        $"{Name.Substring(0, Name.Length - "Windows".Length)} sees later steps than its own: only windows that end with the steps they " +
        "are for can stream";
}

/// <summary>Pools rows of windows.</summary>
internal sealed record WindowPoolNode(string Name, PoolingKind Pooling, int Size, Value Input, Value Output) : Node(Name, Output)
{
    public override IReadOnlyList<Value> Reads => [Input];

    public override GradientRows Writes => GradientRows.Whole;
}

/// <summary>Takes the steps of a sequence into a state.</summary>
internal sealed record SequencePoolNode(string Name, SequencePoolingKind Pooling, StateVector State, Value Input, Value Pooled) : Node(Name,
    null)
{
    public override IReadOnlyList<Value> Reads => [Input];

    public override GradientRows Writes => GradientRows.Sums;

    /// <summary>
    /// Values of the state: maxima, and whether there was a step; or sums, their weight and the largest score, and the low parts of sums
    /// and weight.
    /// </summary>
    public static int StateSize(SequencePoolingKind pooling, int width) => pooling == SequencePoolingKind.Max ? width + 1 : (2 * width) + 3;
}

/// <summary>The row that such a state says.</summary>
internal sealed record PooledNode(string Name, SequencePoolNode Pool, Value Output) : Node(Name, Output)
{
    public override IReadOnlyList<Value> Reads => [];
}

/// <summary>Attends to the model's memory.</summary>
internal sealed record AttentionNode(string Name, AttentionSpec Spec, Value Query, Value Output) : Node(Name, Output)
{
    public override IReadOnlyList<Value> Reads => [Query];

    public override GradientRows Writes => GradientRows.Sums;

    /// <summary>Features of a key: of what a query is compared with.</summary>
    public int KeyWidth => Query.Width;

    /// <summary>The tensor that makes keys of the memory's rows; null where there is none.</summary>
    public string? KeyWeight => Spec.Score switch
    {
        AttentionScoreKind.General => "weight",
        AttentionScoreKind.Additive => "memory_weight",
        _ => null
    };

    /// <summary>Trained tensors whose gradients are sums over rows, by the last part of their names.</summary>
    public IReadOnlyList<string> Vectors => Spec.Score == AttentionScoreKind.Additive
        ? [KeyWeight!, "score_weight"]
        : KeyWeight is null ? []
        : [KeyWeight];
}

internal sealed record ConcatNode(string Name, IReadOnlyList<Value> Inputs, Value Output) : Node(Name, Output)
{
    public override IReadOnlyList<Value> Reads => Inputs;
}

/// <summary>A cell without state and products, of one or more rows of the same width.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Functions">The functions it is made of, one after the other; the first takes all rows.</param>
/// <param name="Cell">Their equations.</param>
/// <param name="Gradient">The adjoint.</param>
/// <param name="Inputs">The rows.</param>
/// <param name="Output">What the last function makes.</param>
internal sealed record RowNode(
    string Name, IReadOnlyList<RowFunction> Functions, CellGraph Cell, CellGradient Gradient, IReadOnlyList<Value> Inputs, Value Output)
    : Node(Name, Output)
{
    public override IReadOnlyList<Value> Reads => Inputs;

    public override GradientRows Writes => GradientRows.Whole;

    public static RowNode Of(string name, IReadOnlyList<RowFunction> functions, IReadOnlyList<Value> inputs, Value output)
    {
        var cell = RowCell.Build(functions, inputs.Count, output.Width);
        return new RowNode(name, functions, cell, Graph.Gradient.Of(cell), inputs, output);
    }
}

/// <summary>Turns each sample's valid steps around.</summary>
internal sealed record ReverseTimeNode(string Name, Value Input, Value Output) : Node(Name, Output)
{
    public override IReadOnlyList<Value> Reads => [Input];

    public override bool NeedsEnd => true;

    public override string WhyNotStreaming => $"{Name} starts from the end of the sequence";
}

/// <summary>What a model computes: nodes in order, without those that do not reach the output.</summary>
/// <param name="Spec">The model.</param>
/// <param name="Input">What it reads; null for tokens.</param>
/// <param name="Values">All values.</param>
/// <param name="Nodes">What makes them, in order.</param>
/// <param name="States">Its states.</param>
/// <param name="Output">What training hands on: the logits, where inference transforms them.</param>
/// <param name="Transform">What inference makes of the output; null where it hands it on.</param>
internal sealed record ModelGraph(
    ModelSpec Spec, Value? Input, IReadOnlyList<Value> Values, IReadOnlyList<Node> Nodes, IReadOnlyList<StateVector> States, Value Output,
    RowNode? Transform)
{
    /// <summary>The nodes of inference.</summary>
    public IEnumerable<Node> InferenceNodes => Transform is null ? Nodes : Nodes.Append(Transform);

    /// <summary>The axes of all values, the input's first, each after the one whose steps its windows see.</summary>
    public IReadOnlyList<TimeAxis> Axes { get; } = [.. Values.Select(v => v.Axis).OfType<TimeAxis>().Prepend(TimeAxis.Input).Distinct()
        .OrderBy(a => a.Windows.Count)];

    /// <summary>Input steps that a streaming step takes: as many as one of the slowest axis stands for.</summary>
    public int StepRows => Axes.Max(a => a.Scale);

    /// <summary>What keeps the model from running step by step; null where nothing does.</summary>
    public Node? NotStreaming => Nodes.FirstOrDefault(n => n.NeedsEnd) ?? Nodes.FirstOrDefault(RunsSeveralTimes);

    public bool CanStream => NotStreaming is null;

    /// <summary>Whether inference rounds weights.</summary>
    public bool HasReducedWeights => Nodes.Any(n => n.WeightFormat != WeightFormatKind.Float32);

    public bool TakesTokens => Input is null;

    /// <summary>Number of tokens; 0 where the model takes rows.</summary>
    public int Vocabulary => TakesTokens ? Nodes.OfType<EmbeddingNode>().Single().Spec.Vocabulary : 0;

    /// <summary>The embeddings of columns, in the order in which they take them out of the rows.</summary>
    public IEnumerable<EmbeddingNode> Categories => Nodes.OfType<EmbeddingNode>().Where(e => e.Input is not null);

    /// <summary>Multiply-adds of the products of one step of one sample, times two.</summary>
    public long FlopsPerStep => Nodes.Sum(node => node.Flops);

    /// <summary>Rows of a value in a streaming step.</summary>
    public int RowsPerStep(Value value) => value.Axis is null ? 1 : StepRows / value.Axis.Scale;

    /// <summary>
    /// Layers with a state step through their rows one by one, tokens come one by one, and the output is one row: none can do so several
    /// times a step.
    /// </summary>
    private bool RunsSeveralTimes(Node node) => node switch
    {
        RecurrentNode r => RowsPerStep(r.Input) != 1,
        EmbeddingNode { Input: null } e => RowsPerStep(e.Output) != 1,
        _ => node.Result is { } result
            && (RowsPerStep(result) * (result.Axis?.Scale ?? StepRows) != StepRows || (result == Output && RowsPerStep(result) != 1)),
    };
}
