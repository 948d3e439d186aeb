using System.Runtime.Intrinsics;
using RnnCodegen.Reference;
using RnnCodegen.Runtime;

namespace RnnCodegen.Tests;

/// <summary>One function of VectorMath at every width, beside its definition in double.</summary>
internal sealed record Function(
    string Name,
    Func<double, double> Exact,
    Func<float, float> Scalar,
    Func<Vector128<float>, Vector128<float>> V128,
    Func<Vector256<float>, Vector256<float>> V256,
    Func<Vector512<float>, Vector512<float>> V512)
{
    public static readonly Function Exp = new(
        "Exp", Math.Exp, VectorMath.Exp, VectorMath.Exp, VectorMath.Exp, VectorMath.Exp);

    public static readonly Function Sigmoid = new(
        "Sigmoid",
        x => ScalarFunction.Value(Activation.Sigmoid, x),
        VectorMath.Sigmoid,
        VectorMath.Sigmoid,
        VectorMath.Sigmoid,
        VectorMath.Sigmoid);

    public static readonly Function Tanh = new(
        "Tanh", x => ScalarFunction.Value(Activation.Tanh, x), VectorMath.Tanh, VectorMath.Tanh, VectorMath.Tanh, VectorMath.Tanh);

    public static readonly Function SigmoidFast = new(
        "SigmoidFast",
        x => ScalarFunction.Value(Activation.Sigmoid, x),
        VectorMath.SigmoidFast,
        VectorMath.SigmoidFast,
        VectorMath.SigmoidFast,
        VectorMath.SigmoidFast);

    public static readonly Function TanhFast = new(
        "TanhFast",
        x => ScalarFunction.Value(Activation.Tanh, x),
        VectorMath.TanhFast,
        VectorMath.TanhFast,
        VectorMath.TanhFast,
        VectorMath.TanhFast);

    public static readonly Function Relu = new(
        "Relu", x => ScalarFunction.Value(Activation.Relu, x), VectorMath.Relu, VectorMath.Relu, VectorMath.Relu, VectorMath.Relu);

    public static readonly Function HardSigmoid = new(
        "HardSigmoid",
        x => ScalarFunction.Value(Activation.HardSigmoid, x),
        VectorMath.HardSigmoid,
        VectorMath.HardSigmoid,
        VectorMath.HardSigmoid,
        VectorMath.HardSigmoid);

    public static readonly Function HardSigmoidKeras2 = new(
        "HardSigmoidKeras2",
        x => ScalarFunction.Value(Activation.HardSigmoidKeras2, x),
        VectorMath.HardSigmoidKeras2,
        VectorMath.HardSigmoidKeras2,
        VectorMath.HardSigmoidKeras2,
        VectorMath.HardSigmoidKeras2);

    public static readonly Function StepMask = new(
        "StepMask", x => x > 0 ? 1 : 0, VectorMath.StepMask, VectorMath.StepMask, VectorMath.StepMask, VectorMath.StepMask);

    public static readonly Function InsideUnit = new(
        "InsideUnit",
        x => x > 0 && x < 1 ? 1 : 0,
        VectorMath.InsideUnit,
        VectorMath.InsideUnit,
        VectorMath.InsideUnit,
        VectorMath.InsideUnit);

    public static readonly Function LeakyRelu = new(
        "LeakyRelu",
        x => ScalarFunction.Value(Activation.LeakyRelu, x),
        x => VectorMath.LeakyRelu(x, 0.01f),
        x => VectorMath.LeakyRelu(x, 0.01f),
        x => VectorMath.LeakyRelu(x, 0.01f),
        x => VectorMath.LeakyRelu(x, 0.01f));

    public static readonly Function LeakyReluSlope = new(
        "LeakyReluSlope",
        y => y > 0 ? 1 : 0.01f,
        y => VectorMath.LeakyReluSlope(y, 0.01f),
        y => VectorMath.LeakyReluSlope(y, 0.01f),
        y => VectorMath.LeakyReluSlope(y, 0.01f),
        y => VectorMath.LeakyReluSlope(y, 0.01f));

    public static readonly Function PRelu = new(
        "PRelu",
        x => x > 0 ? x : -0.3f * x,
        x => VectorMath.PRelu(x, -0.3f),
        x => VectorMath.PRelu(x, Vector128.Create(-0.3f)),
        x => VectorMath.PRelu(x, Vector256.Create(-0.3f)),
        x => VectorMath.PRelu(x, Vector512.Create(-0.3f)));

    public static readonly Function PReluSlope = new(
        "PReluSlope",
        x => x > 0 ? 1 : -0.3f,
        x => VectorMath.PReluSlope(x, -0.3f),
        x => VectorMath.PReluSlope(x, Vector128.Create(-0.3f)),
        x => VectorMath.PReluSlope(x, Vector256.Create(-0.3f)),
        x => VectorMath.PReluSlope(x, Vector512.Create(-0.3f)));

    public static readonly Function NegativePart = new(
        "NegativePart",
        x => Math.Min(x, 0),
        VectorMath.NegativePart,
        VectorMath.NegativePart,
        VectorMath.NegativePart,
        VectorMath.NegativePart);

    public static readonly Function Elu = new(
        "Elu",
        x => ScalarFunction.Value(Activation.Elu, x),
        x => VectorMath.Elu(x, 1f),
        x => VectorMath.Elu(x, 1f),
        x => VectorMath.Elu(x, 1f),
        x => VectorMath.Elu(x, 1f));

    public static readonly Function EluOfThree = new(
        "EluOfThree",
        x => ScalarFunction.Value(Activation.Elu, x, 3),
        x => VectorMath.Elu(x, 3f),
        x => VectorMath.Elu(x, 3f),
        x => VectorMath.Elu(x, 3f),
        x => VectorMath.Elu(x, 3f));

    public static readonly Function EluSlope = new(
        "EluSlope",
        y => y > 0 ? 1 : y + 1,
        y => VectorMath.EluSlope(y, 1f),
        y => VectorMath.EluSlope(y, 1f),
        y => VectorMath.EluSlope(y, 1f),
        y => VectorMath.EluSlope(y, 1f));

    public static readonly Function Clip = new(
        "Clip",
        x => Math.Clamp(x, -3, 3),
        x => VectorMath.Clip(x, 3f),
        x => VectorMath.Clip(x, 3f),
        x => VectorMath.Clip(x, 3f),
        x => VectorMath.Clip(x, 3f));

    public static readonly Function InsideBound = new(
        "InsideBound",
        y => Math.Abs(y) < 3 ? 1 : 0,
        y => VectorMath.InsideBound(y, 3f),
        y => VectorMath.InsideBound(y, 3f),
        y => VectorMath.InsideBound(y, 3f),
        y => VectorMath.InsideBound(y, 3f));

    public static readonly Function Silu = new(
        "Silu", x => ScalarFunction.Value(Activation.Silu, x), VectorMath.Silu, VectorMath.Silu, VectorMath.Silu, VectorMath.Silu);

    public static readonly Function SiluSlope = new(
        "SiluSlope",
        x => ScalarFunction.Derivative(Activation.Silu, x),
        VectorMath.SiluSlope,
        VectorMath.SiluSlope,
        VectorMath.SiluSlope,
        VectorMath.SiluSlope);

    public static readonly Function Gelu = new(
        "Gelu", x => ScalarFunction.Value(Activation.Gelu, x), VectorMath.Gelu, VectorMath.Gelu, VectorMath.Gelu, VectorMath.Gelu);

    public static readonly Function GeluSlope = new(
        "GeluSlope",
        x => ScalarFunction.Derivative(Activation.Gelu, x),
        VectorMath.GeluSlope,
        VectorMath.GeluSlope,
        VectorMath.GeluSlope,
        VectorMath.GeluSlope);

    public static readonly Function GeluTanh = new(
        "GeluTanh", x => ScalarFunction.Value(Activation.GeluTanh, x), VectorMath.GeluTanh, VectorMath.GeluTanh, VectorMath.GeluTanh,
        VectorMath.GeluTanh);

    public static readonly Function GeluTanhSlope = new(
        "GeluTanhSlope",
        x => ScalarFunction.Derivative(Activation.GeluTanh, x),
        VectorMath.GeluTanhSlope,
        VectorMath.GeluTanhSlope,
        VectorMath.GeluTanhSlope,
        VectorMath.GeluTanhSlope);

    public static readonly Function Softplus = new(
        "Softplus", x => ScalarFunction.Value(Activation.Softplus, x), VectorMath.Softplus, VectorMath.Softplus, VectorMath.Softplus,
        VectorMath.Softplus);

    public static readonly Function SoftplusSlope = new(
        "SoftplusSlope",
        x => ScalarFunction.Derivative(Activation.Softplus, x),
        VectorMath.SoftplusSlope,
        VectorMath.SoftplusSlope,
        VectorMath.SoftplusSlope,
        VectorMath.SoftplusSlope);

    public static readonly Function Mish = new(
        "Mish", x => ScalarFunction.Value(Activation.Mish, x), VectorMath.Mish, VectorMath.Mish, VectorMath.Mish, VectorMath.Mish);

    public static readonly Function MishSlope = new(
        "MishSlope",
        x => ScalarFunction.Derivative(Activation.Mish, x),
        VectorMath.MishSlope,
        VectorMath.MishSlope,
        VectorMath.MishSlope,
        VectorMath.MishSlope);

    public static readonly Function HardSwish = new(
        "HardSwish", x => ScalarFunction.Value(Activation.HardSwish, x), VectorMath.HardSwish, VectorMath.HardSwish, VectorMath.HardSwish,
        VectorMath.HardSwish);

    public static readonly Function HardSwishSlope = new(
        "HardSwishSlope",
        x => ScalarFunction.Derivative(Activation.HardSwish, x),
        VectorMath.HardSwishSlope,
        VectorMath.HardSwishSlope,
        VectorMath.HardSwishSlope,
        VectorMath.HardSwishSlope);

    public static readonly Function Sqrt = new(
        "Sqrt", x => ScalarFunction.Value(Activation.Sqrt, x), VectorMath.Sqrt, VectorMath.Sqrt, VectorMath.Sqrt,
        VectorMath.Sqrt);

    public static readonly Function SqrtSlope = new(
        "SqrtSlope",
        x => ScalarFunction.Derivative(Activation.Sqrt, x),
        VectorMath.SqrtSlope,
        VectorMath.SqrtSlope,
        VectorMath.SqrtSlope,
        VectorMath.SqrtSlope);

    public static readonly Function[] All =
    [
        Exp, Sigmoid, Tanh, SigmoidFast, TanhFast, Relu, HardSigmoid, HardSigmoidKeras2, StepMask, InsideUnit, LeakyRelu, LeakyReluSlope,
        PRelu, PReluSlope, NegativePart, Elu, EluOfThree, EluSlope,
        Clip, InsideBound, Silu, SiluSlope, Gelu, GeluSlope, GeluTanh, GeluTanhSlope, Softplus, SoftplusSlope, Mish, MishSlope, HardSwish,
        HardSwishSlope, Sqrt, SqrtSlope,
    ];

    public static Function Named(string name) => All.Single(f => f.Name == name);

    /// <summary>f of every element of x, by vectors of the given number of floats; x holds whole vectors.</summary>
    public void Apply(int lanes, ReadOnlySpan<float> x, Span<float> y)
    {
        for (int i = 0; i < x.Length; i += lanes)
        {
            switch (lanes)
            {
                case 1: y[i] = Scalar(x[i]); break;
                case 4: V128(Vector128.Create(x[i..])).CopyTo(y[i..]); break;
                case 8: V256(Vector256.Create(x[i..])).CopyTo(y[i..]); break;
                default: V512(Vector512.Create(x[i..])).CopyTo(y[i..]); break;
            }
        }
    }

    /// <summary>f of one value in every lane of a vector.</summary>
    public float At(int lanes, float x)
    {
        Span<float> all = stackalloc float[lanes];
        Span<float> y = stackalloc float[lanes];
        all.Fill(x);
        Apply(lanes, all, y);
        return y[^1];
    }
}
