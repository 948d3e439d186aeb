using System.Globalization;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Graph;

/// <summary>What a page of cell equations is written with.</summary>
internal sealed class CellBuilder(IReadOnlyList<string> gates, int units)
{
    private readonly Dictionary<Expr, NodeName> _names = [];
    private readonly List<CellStage> _stages = [];
    private readonly List<CellState> _states = [];
    private readonly List<string> _peepholes = [];

    public ExprGraph Expressions { get; } = new();

    /// <summary>Declares a state vector and returns its value before the step.</summary>
    public Expr State(string name, int size)
    {
        _states.Add(new CellState(name, size));
        return Expressions.Signal(SignalKind.Previous, name);
    }

    /// <summary>A gate's share of the input product, W x + b.</summary>
    public Expr Input(string gate) => Expressions.Signal(SignalKind.InputProduct, gate);

    /// <summary>A gate's share of a product inside the time loop.</summary>
    public Expr Product(string gate) => Expressions.Signal(SignalKind.StepProduct, gate);

    /// <summary>A peephole's weights.</summary>
    public Expr Peephole(string gate)
    {
        _peepholes.Add(gate);
        return Expressions.Signal(SignalKind.Parameter, gate);
    }

    /// <summary>Names a value and writes down its equation for the reader of the generated code.</summary>
    public Expr Let(string name, string equation, Expr value)
    {
        if (value.Op is not (Op.Signal or Op.Constant) && !_names.ContainsKey(value))
        {
            _names.Add(value, new NodeName(name, equation));
        }

        return value;
    }

    /// <summary>A gate: its sum, bounded where the layer says so, then its activation.</summary>
    /// <param name="name">The gate's name.</param>
    /// <param name="activation">Its activation.</param>
    /// <param name="bound">The bound; 0 for none.</param>
    /// <param name="text">The sum as its equation has it.</param>
    /// <param name="sum">The sum.</param>
    public Expr Gate(string name, ActivationSpec activation, float bound, string text, Expr sum) =>
        Let(name, $"{name} = {NameOf(activation)}({Bounded(text, bound)})", Expressions.Activate(activation, Expressions.Clip(sum, bound)));

    /// <summary>A value within bounds as the equations in comments write it; 0 for no bound.</summary>
    public static string Bounded(string text, float bound) =>
        bound == 0 ? text : $"clip({text}, {bound.ToString("R", CultureInfo.InvariantCulture)})";

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
    public StageOutput NewState(string name, Expr value) =>
        new(name, Let($"{name}State", $"{name}State = flush({name})", Expressions.Flush(value)), true);

    public void Pointwise(int size, params StageOutput[] outputs) => _stages.Add(new PointwiseStage(size, outputs));

    public CellGraph Build() => new(Expressions, gates, units, _states, _peepholes, _stages, _names);

    /// <summary>An activation as the equations in comments write it.</summary>
    public static string NameOf(ActivationSpec activation) => activation.Kind switch
    {
        ActivationKind.Linear => "",
        ActivationKind.HardSigmoid => "hardsigmoid",
        ActivationKind.HardSigmoidKeras2 => "hardsigmoid2",
        _ => activation.Kind.ToString().ToLowerInvariant(),
    };

    private int IndexOf(string gate) => Enumerable.Range(0, gates.Count).First(k => gates[k] == gate);
}
