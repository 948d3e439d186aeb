using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Graph;

/// <summary>What an expression can do to vectors of one value a unit, or to numbers of a row: a row of the table of ops.</summary>
internal sealed class Op
{
    /// <summary>A value that comes from outside the expression: a product's result, a previous state, a parameter, an adjoint.</summary>
    public static readonly Op Signal = new("Signal", 0, "", Constants);

    public static readonly Op Constant = new("Constant", 0, "", Constants) { HasConstant = true };

    public static readonly Op Add = new("Add", 2, "{0} + {1}", (_, d) => [d, d]) { Binding = 1 };

    public static readonly Op Subtract = new("Subtract", 2, "{0} - {1}", (_, d) => [d, -d]) { Binding = 1 };

    public static readonly Op Multiply = new("Multiply", 2, "{0} * {1}",
        (y, d) => [d * y.Arguments[1], d * y.Arguments[0]]) { Binding = 2 };

    /// <summary>1 where the argument is positive, else 0.</summary>
    public static readonly Op StepMask = Slope("StepMask", "[{0} > 0]");

    /// <summary>1 where the argument lies strictly between 0 and 1, else 0.</summary>
    public static readonly Op InsideUnit = Slope("InsideUnit", "[0 < {0} < 1]");

    /// <summary>1 where the argument is positive, else the op's constant.</summary>
    public static readonly Op LeakyReluSlope = Slope("LeakyReluSlope", "leakyrelu'({0}, {c})", hasConstant: true);

    /// <summary>1 where the argument is positive, else the argument and the op's constant.</summary>
    public static readonly Op EluSlope = Slope("EluSlope", "elu'({0}, {c})", hasConstant: true);

    /// <summary>1 where the argument lies strictly between minus and plus the op's constant, else 0.</summary>
    public static readonly Op InsideBound = Slope("InsideBound", "[-{c} < {0} < {c}]", hasConstant: true);

    public static readonly Op Sigmoid = Function("Sigmoid", "sigmoid({0})", (y, d) => d * y * (1 - y), hasFastVariant: true);

    public static readonly Op Tanh = Function("Tanh", "tanh({0})", (y, d) => d * (1 - y * y), hasFastVariant: true);

    public static readonly Op Relu = Function("Relu", "relu({0})", (y, d) => d * y.Apply(StepMask));

    public static readonly Op HardSigmoid = Function("HardSigmoid", "hardsigmoid({0})", (y, d) => d * (1f / 6f * y.Apply(InsideUnit)));

    public static readonly Op HardSigmoidKeras2 = Function(
        "HardSigmoidKeras2", "hardsigmoid2({0})", (y, d) => d * (0.2f * y.Apply(InsideUnit)));

    /// <summary>The argument where it is positive, else the op's constant times it.</summary>
    public static readonly Op LeakyRelu = Function(
        "LeakyRelu", "leakyrelu({0}, {c})", (y, d) => d * y.Apply(LeakyReluSlope, y.Value), hasConstant: true);

    /// <summary>The argument x where it is positive, else the op's constant times exp(x) - 1.</summary>
    public static readonly Op Elu = Function("Elu", "elu({0}, {c})", (y, d) => d * y.Apply(EluSlope, y.Value), hasConstant: true);

    /// <summary>The argument, but not below or above minus and plus the op's constant.</summary>
    public static readonly Op Clip = Function("Clip", "clip({0}, {c})", (y, d) => d * y.Apply(InsideBound, y.Value), hasConstant: true);

    /// <summary>
    /// 0 where the argument's magnitude is below 2^-100, else the argument: a state does not decay into subnormal numbers. The derivative
    /// is 1; what passes is flushed too, because a gradient decays through time as a state does.
    /// </summary>
    public static readonly Op Flush = new("Flush", 1, "flush({0})", (y, d) => [d.Apply(y.Op)]);

    /// <summary>The argument where it is positive, else the second argument times it; NaN stays.</summary>
    public static readonly Op PRelu = new("PRelu", 2, "prelu({0}, {1})", (y, d) =>
        [d * y.Graph.Apply(PReluSlope!, y.Arguments[0], y.Arguments[1]), d * y.Arguments[0].Apply(NegativePart!)]);

    /// <summary>1 where the first argument is positive, else the second one.</summary>
    public static readonly Op PReluSlope = new("PReluSlope", 2, "prelu'({0}, {1})", NoDerivative);

    /// <summary>The argument where it is negative, else 0.</summary>
    public static readonly Op NegativePart = Slope("NegativePart", "min({0}, 0)");

    /// <summary>e^x for an x that is not positive.</summary>
    public static readonly Op ExpOfNegative = Function("ExpOfNegative", "exp({0})", (y, d) => d * y);

    /// <summary>The sum of a row's values, which is one number.</summary>
    public static readonly Op Sum = new("Sum", 1, "sum({0})", (_, d) => [d]) { IsReduction = true };

    /// <summary>The largest of a row's values; taken for a constant, as what is subtracted to keep a range and cancels.</summary>
    public static readonly Op Largest = new("Largest", 1, "max({0})", Constants) { IsReduction = true };

    /// <summary>A number of a row by the op's constant.</summary>
    public static readonly Op Per = new("Per", 1, "{0} / {c}", (y, d) => [d.Apply(y.Op, y.Value)])
    {
        HasConstant = true, Binding = 2, IsOfRow = true,
    };

    /// <summary>1 / sqrt(x) of a number of a row.</summary>
    public static readonly Op InverseRoot = OfRow("InverseRoot", "1 / sqrt({0})", (y, d) => d * (-0.5f * (y * y * y)));

    /// <summary>1 / x of a number of a row.</summary>
    public static readonly Op Inverse = OfRow("Inverse", "1 / {0}", (y, d) => -(d * (y * y)));

    /// <summary>The natural logarithm of a number of a row.</summary>
    public static readonly Op Log = OfRow("Log", "log({0})", (y, d) => d * y.Arguments[0].Apply(Inverse));

    private static readonly Op[] s_ofOutput = [Sigmoid, Tanh, Relu, HardSigmoid, HardSigmoidKeras2, LeakyRelu, Elu];

    private static readonly Dictionary<ActivationKind, Op> s_activations = Enum.GetValues(typeof(ActivationKind)).Cast<ActivationKind>()
        .Where(k => k != ActivationKind.Linear).ToDictionary(k => k,
            k => s_ofOutput.FirstOrDefault(o => o.Name == $"{k}") ?? OfArgument($"{k}"));

    private Op(string name, int arity, string equation, Func<Expr, Expr, Expr[]> adjoints) =>
        (Name, Arity, Equation, Adjoints) = (name, arity, equation, adjoints);

    /// <summary>Its name, which the runtime's function has too.</summary>
    public string Name { get; }

    public int Arity { get; }

    /// <summary>How an equation prints it: {0} and {1} are the arguments, {c} is the constant.</summary>
    public string Equation { get; }

    /// <summary>How tightly it holds its arguments in an equation: 1 a sum, 2 a product, 3 a function.</summary>
    public int Binding { get; private init; } = 3;

    public bool HasConstant { get; private init; }

    /// <summary>A nonlinear function, whose output is kept for the backward pass instead of being computed again.</summary>
    public bool IsNonlinear { get; private init; }

    /// <summary>Whether there is a cheaper function, of less accuracy.</summary>
    public bool HasFastVariant { get; private init; }

    /// <summary>Makes one number of all values of a row.</summary>
    public bool IsReduction { get; private init; }

    /// <summary>Takes numbers of a row only, not vectors.</summary>
    public bool IsOfRow { get; private init; }

    /// <summary>The adjoint of each argument, from the node and its own adjoint; none where all are taken for constants.</summary>
    public Func<Expr, Expr, Expr[]> Adjoints { get; }

    /// <summary>An activation's op; null for the identity.</summary>
    public static Op? Of(ActivationKind activation) => activation == ActivationKind.Linear ? null : s_activations[activation];

    public override string ToString() => Name;

    private static Op Function(
        string name, string equation, Func<Expr, Expr, Expr> adjoint, bool hasConstant = false, bool hasFastVariant = false) =>
        new(name, 1, equation, (y, d) => [adjoint(y, d)])
        {
            HasConstant = hasConstant, HasFastVariant = hasFastVariant, IsNonlinear = true,
        };

    /// <summary>
    /// An activation whose derivative its output does not say: the runtime has that of the argument, under its name and Slope.
    /// </summary>
    private static Op OfArgument(string name)
    {
        var (text, slope) = (name.ToLowerInvariant(), $"{name}Slope");
        var derivative = Slope(slope, $"{text}'({{0}})");
        return Function(name, $"{text}({{0}})", (y, d) => d * y.Arguments[0].Apply(derivative));
    }

    /// <summary>A derivative, or a part of one, which no forward equation has.</summary>
    private static Op Slope(string name, string equation, bool hasConstant = false) => new(
        name, 1, equation, NoDerivative) { HasConstant = hasConstant };

    private static Op OfRow(string name, string equation, Func<Expr, Expr, Expr> adjoint) =>
        new(name, 1, equation, (y, d) => [adjoint(y, d)]) { IsNonlinear = true, IsOfRow = true, Binding = 2 };

    private static Expr[] NoDerivative(Expr node, Expr adjoint) =>
        throw new InvalidOperationException($"The derivative of {node.Op} is taken nowhere in a forward graph.");

    private static Expr[] Constants(Expr node, Expr adjoint) => [];
}
