using System.Globalization;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Graph;

/// <summary>Where a signal comes from.</summary>
internal enum SignalKind
{
    /// <summary>A gate's W x + b.</summary>
    InputProduct,

    /// <summary>A gate's column of a product inside the time loop, e.g. U h.</summary>
    StepProduct,

    /// <summary>A state vector before the step.</summary>
    Previous,

    /// <summary>A parameter vector, one value a unit.</summary>
    Parameter,

    /// <summary>The gradient of the loss with respect to a value of the forward graph.</summary>
    Adjoint,
}

/// <summary>A node of an expression over vectors: one operation, its arguments, and a number that orders nodes by creation.</summary>
internal sealed class Expr(int id, Op op, IReadOnlyList<Expr> arguments, SignalKind kind, string name, float value)
{
    public int Id { get; } = id;

    public Op Op { get; } = op;

    public IReadOnlyList<Expr> Arguments { get; } = arguments;

    /// <summary>For signals only.</summary>
    public SignalKind Kind { get; } = kind;

    /// <summary>For signals only: the gate, state, parameter or value it stands for.</summary>
    public string Name { get; } = name;

    /// <summary>A constant's value, and the constant of an op that has one.</summary>
    public float Value { get; } = value;

    public bool IsSignal(SignalKind kind) => Op == Op.Signal && Kind == kind;
}

/// <summary>Builds expressions so that equal ones are one node, and x + 0, x + -y, x * 1 and x * 0 never appear.</summary>
internal sealed class ExprGraph
{
    private readonly Dictionary<string, Expr> _nodes = [];

    public Expr Signal(SignalKind kind, string name) => Intern(Op.Signal, [], kind, name, 0);

    public Expr Constant(float value) => Intern(Op.Constant, [], default, "", value);

    public Expr Add(Expr a, Expr b) =>
        IsConstant(a, 0) ? b : IsConstant(b, 0) ? a : IsNegation(b) ? Subtract(a, b.Arguments[1]) : IsNegation(a) ? Subtract(b, a.Arguments[1]) : Intern(Op.Add, [a, b]);

    public Expr Subtract(Expr a, Expr b) => IsConstant(b, 0) ? a : Intern(Op.Subtract, [a, b]);

    public Expr Multiply(Expr a, Expr b) =>
        IsConstant(a, 0) || IsConstant(b, 1) ? a : IsConstant(b, 0) || IsConstant(a, 1) ? b : Intern(Op.Multiply, [a, b]);

    public Expr StepMask(Expr a) => Intern(Op.StepMask, [a]);

    public Expr InsideUnit(Expr a) => Intern(Op.InsideUnit, [a]);

    /// <summary>An op with a constant.</summary>
    public Expr Apply(Op op, Expr a, float constant) => Intern(op, [a], value: constant);

    /// <summary>a within [-bound, bound]; a itself where the bound is 0, which stands for none.</summary>
    public Expr Clip(Expr a, float bound) => bound == 0 ? a : Apply(Op.Clip, a, bound);

    /// <summary>a without magnitudes that would decay into subnormal numbers.</summary>
    public Expr Flush(Expr a) => Intern(Op.Flush, [a]);

    public Expr Activate(ActivationSpec activation, Expr a) => activation.Kind switch
    {
        ActivationKind.Linear => a,
        ActivationKind.Sigmoid => Intern(Op.Sigmoid, [a]),
        ActivationKind.Tanh => Intern(Op.Tanh, [a]),
        ActivationKind.Relu => Intern(Op.Relu, [a]),
        ActivationKind.HardSigmoid => Intern(Op.HardSigmoid, [a]),
        ActivationKind.HardSigmoidKeras2 => Intern(Op.HardSigmoidKeras2, [a]),
        ActivationKind.LeakyRelu => Apply(Op.LeakyRelu, a, activation.Alpha),
        ActivationKind.Elu => Apply(Op.Elu, a, activation.Alpha),
        _ => throw new ArgumentOutOfRangeException(nameof(activation)),
    };

    private static bool IsNegation(Expr e) => e.Op == Op.Subtract && IsConstant(e.Arguments[0], 0);

    private static bool IsConstant(Expr e, float value) => e.Op == Op.Constant && e.Value == value;

    private Expr Intern(Op op, Expr[] arguments, SignalKind kind = default, string name = "", float value = 0)
    {
        var key = $"{op}/{kind}/{name}/{value.ToString("R", CultureInfo.InvariantCulture)}/{string.Join(",", arguments.Select(a => a.Id))}";
        if (!_nodes.TryGetValue(key, out var node))
        {
            node = new Expr(_nodes.Count, op, arguments, kind, name, value);
            _nodes.Add(key, node);
        }

        return node;
    }
}
