using RnnCodegen.Generators.Graph;
using RnnCodegen.Numerics.Tests.Reference;

namespace RnnCodegen.Generators.Tests.Lowering;

/// <summary>What each op of an expression is, for one number.</summary>
internal static class Scalar
{
    /// <param name="op">The op.</param>
    /// <param name="c">Its constant.</param>
    /// <param name="a">Its arguments.</param>
    public static double Apply(Op op, double c, double[] a) => op switch
    {
        Op.Constant => c,
        Op.Add => a[0] + a[1],
        Op.Subtract => a[0] - a[1],
        Op.Multiply => a[0] * a[1],
        Op.Sigmoid => ScalarFunction.Value(Activation.Sigmoid, a[0]),
        Op.Tanh => ScalarFunction.Value(Activation.Tanh, a[0]),
        Op.Relu => ScalarFunction.Value(Activation.Relu, a[0]),
        Op.HardSigmoid => ScalarFunction.Value(Activation.HardSigmoid, a[0]),
        Op.HardSigmoidKeras2 => ScalarFunction.Value(Activation.HardSigmoidKeras2, a[0]),
        Op.LeakyRelu => ScalarFunction.Value(Activation.LeakyRelu, a[0], c),
        Op.Elu => ScalarFunction.Value(Activation.Elu, a[0], c),
        Op.Clip => Math.Clamp(a[0], -c, c),
        Op.Flush => Math.Abs(a[0]) < Math.Pow(2, -100) ? 0 : a[0],
        Op.StepMask => a[0] > 0 ? 1 : 0,
        Op.InsideUnit => a[0] is > 0 and < 1 ? 1 : 0,
        Op.LeakyReluSlope => a[0] > 0 ? 1 : c,
        Op.EluSlope => a[0] > 0 ? 1 : a[0] + c,
        Op.InsideBound => Math.Abs(a[0]) < c ? 1 : 0,
        _ => throw new ArgumentOutOfRangeException(nameof(op), op, "No rule."),
    };
}
