using RnnCodegen.Generators.Graph;

namespace RnnCodegen.Generators.Planning;

/// <summary>The strides of one cell's rows: gates of the same units stand together, block by block, each block one vector a gate.</summary>
internal sealed class CellLayout(CellGraph cell, CellGradient gradient, int outputStride, SimdTarget target, bool inPlace = true)
{
    private readonly ProductStage[] _products = [.. cell.Stages.OfType<ProductStage>()];
    private readonly PointwiseStage[] _pointwise = [.. cell.Stages.OfType<PointwiseStage>()];

    public IReadOnlyList<ProductStage> Products => _products;

    public Blocks Units => BlocksOf(cell.Units);

    /// <summary>Columns of W x: all gates.</summary>
    public int GateColumns => cell.Gates.Count * Units.Padded;

    public int GateStride => SimdTarget.Stride(GateColumns);

    public int VectorStride => SimdTarget.Stride(cell.Units);

    public int SavedStride => SimdTarget.Stride(gradient.Saved.Count * Units.Padded);

    // Without a state, rows are as wide as the output's. A dense layer computes in place, in its output rows.
    public StageBuffer Gates => cell.States.Count > 0 ? new("gx", GateStride, cell.Gates.Count) : inPlace ? Output : new("input", outputStride);

    public StageBuffer GateGradient =>
        cell.States.Count > 0 ? new("dgx", GateStride, cell.Gates.Count) : inPlace ? OutputGradient : new("dInput", outputStride);

    public StageBuffer Output => new("output", outputStride);

    public StageBuffer OutputGradient => new("dOutput", outputStride);

    public StageBuffer Saved => new("saved", SavedStride, gradient.Saved.Count);

    public Blocks BlocksOf(int size) => Blocks.Of(size, target);

    public int StepColumns(ProductStage p) => p.Gates.Count * BlocksOf(p.Size).Padded;

    public int StepStride(ProductStage p) => SimdTarget.Stride(StepColumns(p));

    public int StateStride(string state) => SimdTarget.Stride(cell.States.First(s => s.Name == state).Size);

    public int OperandStride(ProductStage p) => SimdTarget.Stride(p.OperandSize);

    public StageBuffer StepGates(ProductStage p) => new($"g{p.Name}", StepStride(p), p.Gates.Count);

    public StageBuffer StepGateGradient(ProductStage p) => new($"dg{p.Name}", StepStride(p), p.Gates.Count);

    public StageBuffer PreviousState(string state) => new($"{state}Previous", StateStride(state));

    public StageBuffer NextState(string state) => new($"{state}Next", StateStride(state));

    public StageBuffer StateGradient(string state) => new($"d{state}State", StateStride(state));

    public StageBuffer Vector(string name) => new($"{name}Rows", VectorStride);

    public StageBuffer VectorGradient(string name) => new($"d{name}Rows", VectorStride);

    public StageBuffer Peephole(string gate) => new($"p{gate.ToUpperInvariant()}", 0);

    public StageBuffer PeepholeGradient(string gate) => new($"dp{gate.ToUpperInvariant()}", 0);

    public (ProductStage Product, int Slot) ProductOf(string gate) => _products
        .SelectMany(p => p.Gates.Select((g, slot) => (Product: p, g.Gate, slot)))
        .Where(x => x.Gate == gate).Select(x => (x.Product, x.slot)).First();

    /// <summary>
    /// Where each gate is one sum W x + U h + b, the product adds to the rows of W x + b, needs none of its own, and both shares have one adjoint.
    /// </summary>
    public bool AddsToGates(ProductStage p) =>
        p.Weight == ProductWeight.Hidden && p.OwnBias.Count == 0 && p.Gates.Select(g => g.Gate).SequenceEqual(cell.Gates);

    /// <summary>A gate's whole sum, where one product after the other adds to it.</summary>
    public bool IsGateSum(Expr e) =>
        e.Op == Op.Add && e.Arguments[0].IsSignal(SignalKind.InputProduct) && e.Arguments[1].IsSignal(SignalKind.StepProduct) &&
        e.Arguments[0].Name == e.Arguments[1].Name && AddsToGates(ProductOf(e.Arguments[1].Name).Product);

    /// <summary>The rows a product's adjoint stands in.</summary>
    public StageBuffer GradientOf(ProductStage p) => AddsToGates(p) ? GateGradient : StepGateGradient(p);

    /// <summary>Vectors that pass from stage to stage within a step: true where a product multiplies them, so that training keeps them.</summary>
    public IReadOnlyList<(string Name, bool IsOperand)> Vectors =>
        [.. _pointwise.SelectMany(s => s.Outputs).Where(o => !o.IsState && cell.States.Count > 0)
            .Select(o => (o.Name, _products.Any(p => p.OperandName == o.Name)))];

    public string StageName(PointwiseStage stage) =>
        cell.States.Count == 0 ? "Activate" : _pointwise.Length == 1 ? "Cell" : $"Cell{Array.IndexOf(_pointwise, stage) + 1}";
}
