using RnnCodegen.Generators.Graph;

namespace RnnCodegen.Generators.Lowering;

/// <summary>The operands that a cell's kernels know, with the shapes of their rows.</summary>
/// <param name="cell">The cell.</param>
/// <param name="gradient">Its adjoint.</param>
/// <param name="outputWidth">Columns of the output's rows; 0 where there is no output.</param>
/// <param name="inPlace">Whether a cell without state finds its argument where it leaves its result.</param>
internal sealed class CellShape(CellGraph cell, CellGradient gradient, int outputWidth, bool inPlace = true)
{
    private readonly ProductStage[] _products = [.. cell.Stages.OfType<ProductStage>()];
    private readonly PointwiseStage[] _pointwise = [.. cell.Stages.OfType<PointwiseStage>()];

    public CellGraph Cell => cell;

    public CellGradient Gradient => gradient;

    public bool HasOutput => outputWidth > 0;

    public bool IsRecurrent => cell.States.Count > 0;

    public IReadOnlyList<ProductStage> Products => _products;

    public RowShape GateRow => new(cell.Units, cell.Gates.Count);

    /// <summary>
    /// Vectors that Forward keeps for Backward in rows of its own. A cell without state has its result, and its argument where that is not
    /// overwritten, already.
    /// </summary>
    public IReadOnlyList<Expr> Kept { get; } =
        [.. gradient.Saved.Where(e => !e.IsOfRow && (
            cell.States.Count > 0 || !(IsResult(cell, e) || (!inPlace && e.IsSignal(SignalKind.InputProduct)))))];

    /// <summary>Numbers of a row that Forward keeps.</summary>
    public IReadOnlyList<Expr> KeptOfRow { get; } = [.. gradient.Saved.Where(e => e.IsOfRow)];

    public Operand Gates => new(OperandRole.Gates, "", GateRow);

    public Operand GateGradient => new(OperandRole.GateGradient, "", GateRow);

    public Operand Output => new(OperandRole.Output, "", new(outputWidth));

    public Operand OutputGradient => new(OperandRole.OutputGradient, "", new(outputWidth));

    public Operand Saved => new(OperandRole.Saved, "", new(cell.Units, Kept.Count));

    public Operand Statistics => new(OperandRole.Statistics, "", new(KeptOfRow.Count));

    public Operand StepGates(ProductStage p) => new(OperandRole.StepGates, p.Name, StepRow(p));

    public Operand StepGateGradient(ProductStage p) => new(OperandRole.StepGateGradient, p.Name, StepRow(p));

    public Operand PreviousState(string state) => new(OperandRole.PreviousState, state, new(SizeOf(state)));

    public Operand NextState(string state) => new(OperandRole.NextState, state, new(SizeOf(state)));

    public Operand StateGradient(string state) => new(OperandRole.StateGradient, state, new(SizeOf(state)));

    public Operand Vector(string name) => new(OperandRole.Vector, name, new(SizeOfVector(name)));

    public Operand VectorGradient(string name) => new(OperandRole.VectorGradient, name, new(SizeOfVector(name)));

    /// <summary>Where a gate of W x + b is, or a cell's argument.</summary>
    public OperandSlot Gate(string gate) => IsRecurrent ? new(Gates, IndexOf(gate))
        : inPlace ? new(Output, 0)
        : new(new(OperandRole.Input, gate, new(outputWidth)), 0);

    /// <summary>Where the gradient of that is.</summary>
    public OperandSlot GradientOfGate(string gate) => IsRecurrent ? new(GateGradient, IndexOf(gate))
        : inPlace ? new(OutputGradient, 0)
        : new(new(OperandRole.InputGradient, gate, new(outputWidth)), 0);

    /// <summary>A vector of a trained tensor.</summary>
    public OperandSlot Parameter(string signal) => ParameterOf(OperandRole.Parameter, signal);

    public OperandSlot ParameterGradient(string signal) => ParameterOf(OperandRole.ParameterGradient, signal);

    public Operand Mask(string name) => new(OperandRole.Mask, name, new(cell.Masks.First(m => m.Name == name).Size));

    /// <summary>The vector that a product multiplies.</summary>
    public Operand OperandOf(ProductStage p) => IsState(p.OperandName) ? PreviousState(p.OperandName) : Vector(p.OperandName);

    /// <summary>The rows that a product's adjoint stands in.</summary>
    public Operand GradientOf(ProductStage p) => AddsToGates(p) ? GateGradient : StepGateGradient(p);

    public bool IsState(string name) => cell.States.Any(s => s.Name == name);

    public (ProductStage Product, int Slot) ProductOf(string gate) => _products
        .SelectMany(p => p.Gates.Select((g, slot) => (Product: p, g.Gate, slot)))
        .Where(x => x.Gate == gate).Select(x => (x.Product, x.slot)).First();

    /// <summary>
    /// Where each gate is one sum W x + U h + b, the product adds to the rows of W x + b, needs none of its own, and both shares have one
    /// adjoint.
    /// </summary>
    public bool AddsToGates(ProductStage p) =>
        p.Weight == ProductWeight.Hidden && !cell.IsNormalised && p.OwnBias.Count == 0
        && p.Gates.Select(g => g.Gate).SequenceEqual(cell.Gates);

    /// <summary>A gate's whole sum, where one product after the other adds to it.</summary>
    public bool IsGateSum(Expr e) => cell.IsGateSum(e) && AddsToGates(ProductOf(e.Arguments[1].Name).Product);

    /// <summary>Whether a node is what a cell without state hands on.</summary>
    public bool IsResult(Expr e) => !IsRecurrent && IsResult(cell, e);

    /// <summary>
    /// Vectors that pass from stage to stage within a step: true where a product multiplies them, so that training keeps them.
    /// </summary>
    public IReadOnlyList<(string Name, bool IsOperand)> Vectors =>
        [.. _pointwise.SelectMany(s => s.Outputs).Where(o => !o.IsState && IsRecurrent)
            .Select(o => (o.Name, _products.Any(p => p.OperandName == o.Name)))];

    public static RowShape StepRow(ProductStage p) => new(p.Size, p.Gates.Count);

    private static bool IsResult(CellGraph cell, Expr e) => cell.Stages.OfType<PointwiseStage>().Any(s => s.Outputs.Any(o => o.Value == e));

    private OperandSlot ParameterOf(OperandRole role, string signal)
    {
        var parameter = cell.Parameters.First(p => p.Signals.Contains(signal));
        return new(new(role, parameter.Name, new(parameter.Size, parameter.Signals.Count)), parameter.Signals.ToList().IndexOf(signal));
    }

    private int IndexOf(string gate) => cell.Gates.ToList().IndexOf(gate);

    private int SizeOfVector(string name) => _pointwise.First(s => s.Outputs.Any(o => o.Name == name)).Size;

    private int SizeOf(string state) => cell.States.First(s => s.Name == state).Size;
}
