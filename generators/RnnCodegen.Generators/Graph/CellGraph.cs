namespace RnnCodegen.Generators.Graph;

/// <summary>The equations of one layer in one direction, as stages in the order a time step runs them.</summary>
/// <param name="Expressions">Owner of all nodes.</param>
/// <param name="Gates">Row blocks of the input weights W, in PyTorch's order; each gives one InputProduct signal.</param>
/// <param name="Units">Rows of one gate, H.</param>
/// <param name="States">State vectors; the first one is what the layer outputs.</param>
/// <param name="Parameters">Trained tensors that the equations read, beside those of products.</param>
/// <param name="Stages">Products and pointwise stages, in order.</param>
/// <param name="Names">What the text calls a node.</param>
/// <param name="Argument">
/// What equations call the argument of a cell of one argument and without products; null where gates are W x + b, or have names of their
/// own.
/// </param>
/// <param name="Masks">The masks of dropout that it reads in training.</param>
/// <param name="IsNormalised">
/// Whether W x and U h are normalised each for itself: no product adds to another, and biases are parameters of the equations.
/// </param>
internal sealed record CellGraph(
    ExprGraph Expressions,
    IReadOnlyList<string> Gates,
    int Units,
    IReadOnlyList<CellState> States,
    IReadOnlyList<CellParameter> Parameters,
    IReadOnlyList<CellStage> Stages,
    IReadOnlyDictionary<Expr, NodeName> Names,
    string? Argument,
    IReadOnlyList<CellMask> Masks,
    bool IsNormalised)
{
    /// <summary>W x + b and U h, where both are the same gate's.</summary>
    public bool IsGateSum(Expr e) =>
        e.Op == Op.Add && e.Arguments[0].IsSignal(SignalKind.InputProduct) && e.Arguments[1].IsSignal(SignalKind.StepProduct) &&
        e.Arguments[0].Name == e.Arguments[1].Name && !Stages.OfType<ProductStage>().Any(p => p.OwnBias.Contains(e.Arguments[0].Name));
}

/// <summary>A state vector of a cell.</summary>
internal sealed record CellState(string Name, int Size);

/// <summary>A trained tensor that equations read: of one or more vectors, each a signal of its own.</summary>
/// <param name="Name">Its name in the cell.</param>
/// <param name="Tensor">The tensor, without the part of its name that says which layer of a stack it is of.</param>
/// <param name="Size">Values of a vector.</param>
/// <param name="Signals">The names of the vectors, in the tensor's order.</param>
internal sealed record CellParameter(string Name, string Tensor, int Size, IReadOnlyList<string> Signals);

/// <summary>A mask: each element is 0 with a probability, else 1 / (1 - probability).</summary>
/// <param name="Name">Its name.</param>
/// <param name="Size">Values of a row.</param>
/// <param name="Probability">How likely an element is 0.</param>
/// <param name="IsOfStep">Whether each step has a row of its own, rather than all steps of a sequence one.</param>
internal sealed record CellMask(string Name, int Size, float Probability, bool IsOfStep);

/// <summary>A node's name in generated code.</summary>
/// <param name="Name">The name.</param>
/// <param name="IsOptional">Whether it stays without a local, and so without an equation, where it is used once.</param>
internal sealed record NodeName(string Name, bool IsOptional = false);

internal abstract record CellStage;

/// <summary>A matrix product inside the time loop: a row of <see cref="Gates"/> blocks of <see cref="Size"/> values.</summary>
/// <param name="Name">Distinguishes the cell's products, e.g. <c>U</c>.</param>
/// <param name="Weight">Which tensor it multiplies with.</param>
/// <param name="Gates">Row blocks taken, as (name of the StepProduct signal, block index in the tensor).</param>
/// <param name="Size">Rows of a block.</param>
/// <param name="Operand">The vector multiplied: a previous state or an output of an earlier stage.</param>
/// <param name="OperandName">That vector's name: a state or a stage output.</param>
/// <param name="OperandSize">Its size.</param>
/// <param name="OwnBias">Gates whose hidden bias belongs to this product; all others' biases are added to the input product.</param>
internal sealed record ProductStage(
    string Name,
    ProductWeight Weight,
    IReadOnlyList<(string Gate, int Block)> Gates,
    int Size,
    Expr Operand,
    string OperandName,
    int OperandSize,
    IReadOnlyList<string> OwnBias) : CellStage;

internal enum ProductWeight
{
    /// <summary>weight_hh.</summary>
    Hidden,

    /// <summary>weight_hr.</summary>
    Projection,
}

/// <summary>Equations over rows of <see cref="Size"/> values: elementwise ones, and sums over a row.</summary>
internal sealed record PointwiseStage(int Size, IReadOnlyList<StageOutput> Outputs) : CellStage;

/// <summary>A vector a pointwise stage hands on.</summary>
/// <param name="Name">A state's name where <see cref="IsState"/>, else a name of its own.</param>
/// <param name="Value">Its expression.</param>
/// <param name="IsState">Whether it is the new value of a state.</param>
internal sealed record StageOutput(string Name, Expr Value, bool IsState);
