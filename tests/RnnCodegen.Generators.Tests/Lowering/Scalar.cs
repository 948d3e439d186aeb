using System.Collections.Concurrent;
using RnnCodegen.Generators.Graph;
using RnnCodegen.Reference;

namespace RnnCodegen.Generators.Tests.Lowering;

/// <summary>What each op of an expression is, for one number.</summary>
internal static class Scalar
{
    private static readonly ConcurrentDictionary<Op, Func<double[], double, double>> s_rules = new()
    {
        [Op.Constant] = (_, c) => c,
        [Op.Add] = (a, _) => a[0] + a[1],
        [Op.Subtract] = (a, _) => a[0] - a[1],
        [Op.Multiply] = (a, _) => a[0] * a[1],
        [Op.Clip] = (a, c) => Math.Clamp(a[0], -c, c),
        [Op.Flush] = (a, _) => Math.Abs(a[0]) < Math.Pow(2, -100) ? 0 : a[0],
        [Op.StepMask] = (a, _) => a[0] > 0 ? 1 : 0,
        [Op.InsideUnit] = (a, _) => a[0] is > 0 and < 1 ? 1 : 0,
        [Op.LeakyReluSlope] = (a, c) => a[0] > 0 ? 1 : c,
        [Op.EluSlope] = (a, c) => a[0] > 0 ? 1 : a[0] + c,
        [Op.PRelu] = (a, _) => a[0] > 0 ? a[0] : a[1] * a[0],
        [Op.PReluSlope] = (a, _) => a[0] > 0 ? 1 : a[1],
        [Op.NegativePart] = (a, _) => Math.Min(a[0], 0),
        [Op.ExpOfNegative] = (a, _) => Math.Exp(a[0]),
        [Op.Per] = (a, c) => a[0] / c,
        [Op.InverseRoot] = (a, _) => 1 / Math.Sqrt(a[0]),
        [Op.Inverse] = (a, _) => 1 / a[0],
        [Op.Log] = (a, _) => Math.Log(a[0]),
        [Op.InsideBound] = (a, c) => Math.Abs(a[0]) < c ? 1 : 0,
    };

    /// <summary>An op as a function of its arguments and its constant.</summary>
    public static Func<double[], double, double> RuleOf(Op op) => s_rules.GetOrAdd(op, OfActivation);

    private static Func<double[], double, double> OfActivation(Op op)
    {
        if (Enum.TryParse<Activation>(op.Name, out var activation))
        {
            return op.HasConstant
                ? (a, c) => ScalarFunction.Value(activation, a[0], c)
                : (a, _) => ScalarFunction.Value(activation, a[0]);
        }

        var slope = Enum.Parse<Activation>(op.Name[..^"Slope".Length]);
        return (a, _) => ScalarFunction.Derivative(slope, a[0]);
    }
}
