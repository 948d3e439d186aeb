namespace RnnCodegen.Generators.Graph;

/// <summary>What an expression can do to vectors of one value a unit.</summary>
internal enum Op
{
    /// <summary>A value that comes from outside the expression: a product's result, a previous state, a parameter, an adjoint.</summary>
    Signal,
    Constant,
    Add,
    Subtract,
    Multiply,
    Sigmoid,
    Tanh,
    Relu,
    HardSigmoid,
    HardSigmoidKeras2,

    /// <summary>The argument where it is positive, else the op's constant times it.</summary>
    LeakyRelu,

    /// <summary>The argument x where it is positive, else the op's constant times exp(x) - 1.</summary>
    Elu,

    /// <summary>The argument, but not below or above minus and plus the op's constant.</summary>
    Clip,

    /// <summary>0 where the argument's magnitude is below 2^-100, else the argument: a state does not decay into subnormal numbers.</summary>
    Flush,

    /// <summary>1 where the argument is positive, else 0.</summary>
    StepMask,

    /// <summary>1 where the argument lies strictly between 0 and 1, else 0.</summary>
    InsideUnit,

    /// <summary>1 where the argument is positive, else the op's constant.</summary>
    LeakyReluSlope,

    /// <summary>1 where the argument is positive, else the argument and the op's constant.</summary>
    EluSlope,

    /// <summary>1 where the argument lies strictly between minus and plus the op's constant, else 0.</summary>
    InsideBound,
}

/// <summary>Each op's own derivative, beside its name: how an adjoint passes from a node to the node's arguments.</summary>
internal static class OpRules
{
    /// <summary>Nonlinear functions, whose outputs are kept for the backward pass instead of being computed again.</summary>
    public static bool IsNonlinear(Op op) => op is >= Op.Sigmoid and <= Op.Clip;

    /// <summary>The adjoint of each argument of <paramref name="node"/>, given the node's own; nonlinear ops use their output y.</summary>
    public static IEnumerable<(Expr Argument, Expr Adjoint)> Adjoints(ExprGraph g, Expr node, Expr adjoint)
    {
        var a = node.Arguments;
        return node.Op switch
        {
            Op.Add => [(a[0], adjoint), (a[1], adjoint)],
            Op.Subtract => [(a[0], adjoint), (a[1], g.Subtract(g.Constant(0), adjoint))],
            Op.Multiply => [(a[0], g.Multiply(adjoint, a[1])), (a[1], g.Multiply(adjoint, a[0]))],
            Op.Sigmoid => [(a[0], g.Multiply(g.Multiply(adjoint, node), g.Subtract(g.Constant(1), node)))],
            Op.Tanh => [(a[0], g.Multiply(adjoint, g.Subtract(g.Constant(1), g.Multiply(node, node))))],
            Op.Relu => [(a[0], g.Multiply(adjoint, g.StepMask(node)))],
            Op.HardSigmoid => [(a[0], g.Multiply(adjoint, g.Multiply(g.Constant(1f / 6f), g.InsideUnit(node))))],
            Op.HardSigmoidKeras2 => [(a[0], g.Multiply(adjoint, g.Multiply(g.Constant(0.2f), g.InsideUnit(node))))],
            Op.LeakyRelu => [(a[0], g.Multiply(adjoint, g.Apply(Op.LeakyReluSlope, node, node.Value)))],
            Op.Elu => [(a[0], g.Multiply(adjoint, g.Apply(Op.EluSlope, node, node.Value)))],
            Op.Clip => [(a[0], g.Multiply(adjoint, g.Apply(Op.InsideBound, node, node.Value)))],

            // The derivative is 1; what passes is flushed too, because a gradient decays through time as a state does.
            Op.Flush => [(a[0], g.Flush(adjoint))],
            Op.Signal or Op.Constant => [],
            _ => throw new InvalidOperationException($"The derivative of {node.Op} is taken nowhere in a forward graph."),
        };
    }
}
