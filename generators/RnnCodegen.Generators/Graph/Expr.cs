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

    /// <summary>A vector of a trained tensor, one value a unit.</summary>
    Parameter,

    /// <summary>A mask of dropout in training, which no gradient flows to.</summary>
    Mask,

    /// <summary>The gradient of the loss with respect to a value of the forward graph.</summary>
    Adjoint,
}

/// <summary>
/// A node of an expression over a row: one operation, its arguments, and a number that orders nodes by creation. It is a vector of one
/// value a unit, or one number for the row.
/// </summary>
internal sealed class Expr(ExprGraph graph, int id, Op op, IReadOnlyList<Expr> arguments, SignalKind kind, string name, float value)
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

    /// <summary>Whether it is one number for the row.</summary>
    public bool IsOfRow { get; } =
        op.IsReduction || (arguments.Any(a => a.IsOfRow) && arguments.All(a => a.IsOfRow || a.Op == Op.Constant));

    public static Expr operator +(Expr a, Expr b) => a.Graph.Add(a, b);

    public static Expr operator -(Expr a, Expr b) => a.Graph.Subtract(a, b);

    public static Expr operator -(float a, Expr b) => b.Graph.Subtract(b.Graph.Constant(a), b);

    public static Expr operator -(Expr a) => 0 - a;

    public static Expr operator *(Expr a, Expr b) => a.Graph.Multiply(a, b);

    public static Expr operator *(float a, Expr b) => b.Graph.Multiply(b.Graph.Constant(a), b);

    /// <summary>An op of this argument, with its constant where it has one.</summary>
    public Expr Apply(Op op, float constant = 0) => Graph.Apply(op, this, constant);

    /// <summary>This within [-bound, bound]; this itself where the bound is 0, which stands for none.</summary>
    public Expr Clip(float bound) => bound == 0 ? this : Apply(Op.Clip, bound);

    /// <summary>This without magnitudes that would decay into subnormal numbers.</summary>
    public Expr Flush() => Apply(Op.Flush);

    public Expr Activate(ActivationSpec activation) => Op.Of(activation.Kind) is { } op ? Apply(op, activation.Alpha) : this;

    /// <summary>A node is itself alone, and its number is unlike those of others of its graph.</summary>
    public override int GetHashCode() => Id;

    public override bool Equals(object? obj) => ReferenceEquals(this, obj);

    public bool IsSignal(SignalKind kind) => Op == Op.Signal && Kind == kind;

    public bool IsConstant(float value) => Op == Op.Constant && Value == value;

    /// <summary>The owner of all nodes that it may be combined with.</summary>
    public ExprGraph Graph { get; } = graph;
}

/// <summary>Builds expressions so that equal ones are one node, and x + 0, x + -y, x * 1 and x * 0 never appear.</summary>
internal sealed class ExprGraph
{
    private readonly Dictionary<string, Expr> _nodes = [];

    public Expr Signal(SignalKind kind, string name) => Intern(Op.Signal, [], kind, name, 0);

    public Expr Constant(float value) => Intern(Op.Constant, [], default, "", value);

    public Expr Add(Expr a, Expr b) =>
        a.IsConstant(0) ? b
        : b.IsConstant(0) ? a
        : IsNegation(b) ? Subtract(a, b.Arguments[1])
        : IsNegation(a) ? Subtract(b, a.Arguments[1])
        : Intern(Op.Add, [a, b]);

    public Expr Subtract(Expr a, Expr b) => b.IsConstant(0) ? a : Intern(Op.Subtract, [a, b]);

    public Expr Multiply(Expr a, Expr b) =>
        a.IsConstant(0) || b.IsConstant(1) ? a : b.IsConstant(0) || a.IsConstant(1) ? b : Intern(Op.Multiply, [a, b]);

    /// <summary>A function of one argument.</summary>
    /// <param name="op">The function.</param>
    /// <param name="a">Its argument.</param>
    /// <param name="constant">Its constant; 0 where it has none.</param>
    public Expr Apply(Op op, Expr a, float constant) => Intern(op, [a], value: constant);

    /// <summary>A function of two arguments.</summary>
    public Expr Apply(Op op, Expr a, Expr b) => Intern(op, [a, b]);

    /// <summary>
    /// The sum of a row's values, in which what is one number for the row is a factor outside, and what is centred vanishes.
    /// </summary>
    /// <param name="a">The values.</param>
    /// <param name="size">How many a row has.</param>
    public Expr Sum(Expr a, int size)
    {
        if (a.IsOfRow || a.Op == Op.Constant)
        {
            return Multiply(Constant(size), a);
        }

        if (IsCentred(a))
        {
            return Constant(0);
        }

        var terms = a.Arguments;
        if (a.Op == Op.Multiply && terms.Any(IsOfRow))
        {
            return IsOfRow(terms[0]) ? Multiply(terms[0], Sum(terms[1], size)) : Multiply(Sum(terms[0], size), terms[1]);
        }

        // Terms that stay whole are summed up together.
        if (a.Op == Op.Add || a.Op == Op.Subtract)
        {
            var (first, second) = (Sum(terms[0], size), Sum(terms[1], size));
            if (first.Op != Op.Sum || second.Op != Op.Sum)
            {
                return a.Op == Op.Add ? Add(first, second) : Subtract(first, second);
            }
        }

        return Intern(Op.Sum, [a]);

        static bool IsOfRow(Expr e) => e.IsOfRow || e.Op == Op.Constant;

        bool IsCentred(Expr e) => e.Op == Op.Subtract && e.Arguments[1] is { } mean && mean.Op == Op.Per && mean.Value == size
            && mean.Arguments[0].Op == Op.Sum && mean.Arguments[0].Arguments[0] == e.Arguments[0];
    }

    private static bool IsNegation(Expr e) => e.Op == Op.Subtract && e.Arguments[0].IsConstant(0);

    private Expr Intern(Op op, Expr[] arguments, SignalKind kind = default, string name = "", float value = 0)
    {
        var key = $"{op.Name}/{kind}/{name}/{value.ToString("R", CultureInfo.InvariantCulture)}/" +
            $"{string.Join(",", arguments.Select(a => a.Id))}";
        if (!_nodes.TryGetValue(key, out var node))
        {
            node = new Expr(this, _nodes.Count, op, arguments, kind, name, value);
            _nodes.Add(key, node);
        }

        return node;
    }
}
