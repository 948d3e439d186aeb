using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Graph;

/// <summary>What a page of cell equations is written with.</summary>
/// <param name="gates">Row blocks of the input weights; those of a cell without products are its arguments.</param>
/// <param name="units">Values of a gate.</param>
/// <param name="argument">What equations call the argument of a cell without products; null where gates are W x + b.</param>
/// <param name="training">Whether the equations are those of training, where they differ from those of inference.</param>
/// <param name="isNormalised">Whether W x and U h are normalised each for itself.</param>
internal sealed class CellBuilder(
    IReadOnlyList<string> gates, int units, string? argument = null, bool training = false, bool isNormalised = false)
{
    private readonly Dictionary<Expr, NodeName> _names = [];
    private readonly List<CellStage> _stages = [];
    private readonly List<CellState> _states = [];
    private readonly List<CellParameter> _parameters = [];
    private readonly HashSet<string> _taken = [];
    private readonly List<CellMask> _masks = [];
    private readonly ExprGraph _expressions = new();

    /// <summary>Declares a state vector and returns its value before the step.</summary>
    public Expr State(string name, int size)
    {
        _states.Add(new CellState(name, size));
        return _expressions.Signal(SignalKind.Previous, name);
    }

    public Expr Zero => _expressions.Constant(0);

    /// <summary>A gate's share of the input product, W x + b, or W x where products are normalised.</summary>
    public Expr Input(string gate) => _expressions.Signal(SignalKind.InputProduct, gate);

    /// <summary>A gate's share of a product inside the time loop.</summary>
    public Expr Product(string gate) => _expressions.Signal(SignalKind.StepProduct, gate);

    /// <summary>A gate's share of both.</summary>
    public Expr Sum(string gate) => Input(gate) + Product(gate);

    /// <summary>A trained vector.</summary>
    /// <param name="name">What equations call it, where nothing else is called so.</param>
    /// <param name="tensor">The tensor.</param>
    /// <param name="size">Its values.</param>
    /// <param name="longName">Its name elsewhere; null for the same.</param>
    public Expr Parameter(string name, string tensor, int size, string? longName = null)
    {
        var free = Free(name);
        _parameters.Add(new CellParameter(longName ?? free, tensor, size, [free]));
        return _expressions.Signal(SignalKind.Parameter, free);
    }

    /// <summary>A trained tensor of one vector a gate: a function that gives a gate's, in equations the name and the gate.</summary>
    public Func<string, Expr> GateParameter(string name, string tensor)
    {
        _parameters.Add(new CellParameter(name, tensor, units, [.. gates.Select(SignalOf)]));
        return gate => _expressions.Signal(SignalKind.Parameter, SignalOf(gate));

        string SignalOf(string gate) => name.Contains('_') ? $"{name}{gate}" : $"{name}_{gate}";
    }

    /// <summary>Rows less their mean, by the root of their variance and epsilon.</summary>
    /// <param name="rows">The rows: several have one mean and one variance.</param>
    /// <param name="size">Values of a row.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="suffix">Ends the names of mean and deviation.</param>
    public Expr[] Normalise(IReadOnlyList<Expr> rows, int size, float epsilon, string suffix = "")
    {
        var mean = Let(Free($"mean{suffix}"), MeanOf(rows));
        Expr[] centred = [.. rows.Select(r => r - mean)];
        var inverse = Let(Free($"inverse{suffix}"),
            (MeanOf([.. centred.Select(c => c * c)]) + _expressions.Constant(epsilon)).Apply(Op.InverseRoot));
        return [.. centred.Select(c => c * inverse)];

        Expr MeanOf(IReadOnlyList<Expr> all) => _expressions.Sum(all.Aggregate((a, b) => a + b), size).Apply(Op.Per, size * all.Count);
    }

    /// <summary>
    /// A state as products see it: with one mask a sequence in training (recurrent dropout), as it is in inference. The factor is also what
    /// other shares of the product's operand are multiplied by.
    /// </summary>
    /// <param name="state">The state's name.</param>
    /// <param name="size">Its size.</param>
    /// <param name="previous">Its value before the step.</param>
    /// <param name="probability">How likely a value is 0.</param>
    public (Expr Operand, string Name, Expr Factor) Dropped(string state, int size, Expr previous, float probability)
    {
        var mask = Mask($"drop{state.ToUpperInvariant()}", size, probability, isOfStep: false);
        if (mask.Op == Op.Constant)
        {
            return (previous, state, mask);
        }

        var dropped = Let("d", mask * previous);
        Pointwise(size, new StageOutput("d", dropped, false));
        return (dropped, "d", mask);
    }

    /// <summary>
    /// A state's new value of which each element, with a probability and in training, stays what it was; in inference the mean of both
    /// (zoneout).
    /// </summary>
    /// <param name="state">The state's name.</param>
    /// <param name="size">Its size.</param>
    /// <param name="previous">Its value before the step.</param>
    /// <param name="value">Its value after it.</param>
    /// <param name="probability">How likely a value stays.</param>
    public Expr Zoneout(string state, int size, Expr previous, Expr value, float probability) => probability == 0 ? value
        : (1 - probability) * Mask($"renew{state.ToUpperInvariant()}", size, probability, isOfStep: true) * (value - previous) + previous;

    /// <summary>The gates of a product, each less its mean, by its deviation.</summary>
    /// <param name="of">Of which vector the product is, in the names of means and deviations.</param>
    /// <param name="product">A gate's share of the product.</param>
    /// <param name="gatesOfProduct">Its gates.</param>
    /// <param name="isJoint">Whether all gates have one mean and one deviation.</param>
    /// <param name="epsilon">Added to the variance.</param>
    public IReadOnlyDictionary<string, Expr> NormalisedGates(
        string of, Func<string, Expr> product, IReadOnlyList<string> gatesOfProduct, bool isJoint, float epsilon)
    {
        var normalised = new Dictionary<string, Expr>();
        foreach (var group in gatesOfProduct.GroupBy(g => isJoint ? "" : g))
        {
            var rows = Normalise([.. group.Select(product)], units, epsilon, of + group.Key);
            foreach (var (gate, row) in group.Zip(rows, (g, r) => (g, r)))
            {
                normalised.Add(gate, row);
            }
        }

        return normalised;
    }

    /// <summary>A name that nothing has: this one, or this one with a number.</summary>
    public string Free(string name) => Enumerable.Range(1, int.MaxValue).Select(n => n == 1 ? name : $"{name}{n}").First(_taken.Add);

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
    public void HiddenProduct(string name, Expr operand, string operandName, int operandSize, IReadOnlyList<string> gatesOfProduct,
        params string[] ownBias) =>
            _stages.Add(new ProductStage(
                name, ProductWeight.Hidden, [.. gatesOfProduct.Select(g => (g, IndexOf(g)))], units, operand, operandName, operandSize,
                ownBias));

    /// <summary>The product with the projection weights, whose result is the StepProduct signal <paramref name="result"/>.</summary>
    public void ProjectionProduct(string result, int size, Expr operand, string operandName) =>
        _stages.Add(new ProductStage("P", ProductWeight.Projection, [(result, 0)], size, operand, operandName, units, []));

    /// <summary>
    /// A state's new value as the next step sees it, flushed. What else the step computes sees the value as it is, so that nothing waits
    /// for the flush.
    /// </summary>
    public StageOutput NewState(string name, Expr value) => new(name, Let($"{name}State", value.Flush()), true);

    public void Pointwise(int size, params StageOutput[] outputs) => _stages.Add(new PointwiseStage(size, outputs));

    public CellGraph Build() => new(
        _expressions, gates, units, _states, _parameters, _stages, _names, argument, _masks, isNormalised);

    /// <summary>A mask with a row of its own for each step.</summary>
    public Expr StepMask(string name, int size, float probability) => Mask(name, size, probability, isOfStep: true);

    /// <summary>A mask in training; 1, its mean, in inference.</summary>
    private Expr Mask(string name, int size, float probability, bool isOfStep)
    {
        if (!training || probability == 0)
        {
            return _expressions.Constant(1);
        }

        _masks.Add(new CellMask(name, size, probability, isOfStep));
        return _expressions.Signal(SignalKind.Mask, name);
    }

    private int IndexOf(string gate) => Enumerable.Range(0, gates.Count).First(k => gates[k] == gate);
}
