using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Graph;

/// <summary>What a page of cell equations is written with.</summary>
/// <param name="gates">Row blocks of the input weights; a cell without products has one gate, its argument.</param>
/// <param name="units">Values of a gate.</param>
/// <param name="argument">What equations call the argument of a cell without products; null where gates are W x + b.</param>
internal sealed class CellBuilder(IReadOnlyList<string> gates, int units, string? argument = null)
{
    private readonly Dictionary<Expr, NodeName> _names = [];
    private readonly List<CellStage> _stages = [];
    private readonly List<CellState> _states = [];
    private readonly List<string> _peepholes = [];
    private readonly ExprGraph _expressions = new();

    /// <summary>Declares a state vector and returns its value before the step.</summary>
    public Expr State(string name, int size)
    {
        _states.Add(new CellState(name, size));
        return _expressions.Signal(SignalKind.Previous, name);
    }

    /// <summary>A gate's share of the input product, W x + b.</summary>
    public Expr Input(string gate) => _expressions.Signal(SignalKind.InputProduct, gate);

    /// <summary>A gate's share of a product inside the time loop.</summary>
    public Expr Product(string gate) => _expressions.Signal(SignalKind.StepProduct, gate);

    /// <summary>A gate's share of both.</summary>
    public Expr Sum(string gate) => Input(gate) + Product(gate);

    /// <summary>A peephole's weights.</summary>
    public Expr Peephole(string gate)
    {
        _peepholes.Add(gate);
        return _expressions.Signal(SignalKind.Parameter, gate);
    }

    /// <summary>Names a value: the generated code has a local of this name, and its equation above it.</summary>
    public Expr Let(string name, Expr value)
    {
        if (value.Op != Op.Signal && value.Op != Op.Constant && !_names.ContainsKey(value))
        {
            _names.Add(value, new NodeName(name));
        }

        return value;
    }

    /// <summary>A gate: its sum, bounded where the layer says so, then its activation.</summary>
    /// <param name="name">The gate's name.</param>
    /// <param name="activation">Its activation.</param>
    /// <param name="bound">The bound; 0 for none.</param>
    /// <param name="sum">The sum.</param>
    public Expr Gate(string name, ActivationSpec activation, float bound, Expr sum) => Let(name, sum.Clip(bound).Activate(activation));

    /// <summary>A product with the hidden weights, taking the named gates' row blocks.</summary>
    public void HiddenProduct(string name, Expr operand, string operandName, int operandSize, IReadOnlyList<string> gatesOfProduct, params string[] ownBias) =>
        _stages.Add(new ProductStage(
            name, ProductWeight.Hidden, [.. gatesOfProduct.Select(g => (g, IndexOf(g)))], units, operand, operandName, operandSize, ownBias));

    /// <summary>The product with the projection weights, whose result is the StepProduct signal <paramref name="result"/>.</summary>
    public void ProjectionProduct(string result, int size, Expr operand, string operandName) =>
        _stages.Add(new ProductStage("P", ProductWeight.Projection, [(result, 0)], size, operand, operandName, units, []));

    /// <summary>
    /// A state's new value as the next step sees it, flushed. What else the step computes sees the value as it is, so that nothing waits for
    /// the flush.
    /// </summary>
    public StageOutput NewState(string name, Expr value) => new(name, Let($"{name}State", value.Flush()), true);

    public void Pointwise(int size, params StageOutput[] outputs) => _stages.Add(new PointwiseStage(size, outputs));

    public CellGraph Build() => new(_expressions, gates, units, _states, _peepholes, _stages, _names, argument);

    private int IndexOf(string gate) => Enumerable.Range(0, gates.Count).First(k => gates[k] == gate);
}
