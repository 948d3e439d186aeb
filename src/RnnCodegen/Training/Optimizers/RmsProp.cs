using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RnnCodegen;

/// <summary>
/// RMSprop (Tieleman and Hinton, 2012), as PyTorch's <c>RMSprop</c>: g += weightDecay p; v = alpha v + (1 - alpha) g^2;
/// d = g / (sqrt(v) + epsilon), or centered, a += (1 - alpha) (g - a) and d = g / (sqrt(v - a^2) + epsilon);
/// p -= learningRate d, or with momentum, u = momentum u + d and p -= learningRate u. Where rounding makes v - a^2 negative it is taken
/// as 0.
/// </summary>
public sealed class RmsProp : Optimizer
{
    private readonly double _alpha;
    private readonly double _epsilon;
    private readonly double _momentum;
    private readonly bool _centered;

    /// <summary>A new optimizer.</summary>
    /// <param name="learningRate">Size of the steps.</param>
    /// <param name="alpha">Memory of the gradients' mean square, in [0, 1).</param>
    /// <param name="epsilon">Keeps the division finite.</param>
    /// <param name="momentum">Part of the last step that is kept, in [0, 1).</param>
    /// <param name="centered">Whether to divide by the gradients' deviation from their mean.</param>
    /// <param name="weightDecay">Pull of the parameters towards 0, through the gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public RmsProp(
        double learningRate, double alpha = 0.99, double epsilon = 1e-8, double momentum = 0, bool centered = false, double weightDecay = 0)
        : base(learningRate, weightDecay)
    {
        _alpha = RequireFraction(alpha, nameof(alpha));
        _epsilon = RequireNotNegative(epsilon, nameof(epsilon));
        _momentum = RequireFraction(momentum, nameof(momentum));
        _centered = centered;
    }

    // The mean is last, so that a slot that is not there leaves no gap.
    private protected override string[] SlotNames => (_momentum > 0, _centered) switch
    {
        (false, false) => ["square"],
        (true, false) => ["square", "velocity"],
        (false, true) => ["square", "mean"],
        (true, true) => ["square", "velocity", "mean"],
    };

    private protected override FormattableString Settings =>
        $"RmsProp: alpha {_alpha}, epsilon {_epsilon}, momentum {_momentum}, centered {_centered}";

    private protected override void Update(in Stretch stretch) => Sweep(RuleOf(stretch.Rate, stretch.WeightDecay), stretch);

    private protected override void WriteRule(double rate, float weightDecay, Span<byte> rule) =>
        MemoryMarshal.Write(rule, RuleOf(rate, weightDecay));

    private Rule RuleOf(double rate, float weightDecay) => new()
    {
        Rate = (float)rate,
        Decay = weightDecay,
        Old = (float)_alpha,
        New = (float)(1 - _alpha),
        Epsilon = (float)_epsilon,
        Momentum = (float)_momentum,
        Centered = _centered ? 1 : 0,
    };

    private readonly struct Rule : IUpdateRule
    {
        public required float Rate { get; init; }

        public required float Decay { get; init; }

        public required float Old { get; init; }

        public required float New { get; init; }

        public required float Epsilon { get; init; }

        public required float Momentum { get; init; }

        /// <summary>1 where it is centered, else 0.</summary>
        public required float Centered { get; init; }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply(ref Vector<float> p, Vector<float> g, ref Vector<float> v, ref Vector<float> second, ref Vector<float> third)
        {
            g += p * Decay;
            v = (v * Old) + (g * g * New);
            var variance = v;
            if (Centered > 0)
            {
                ref var mean = ref Momentum > 0 ? ref third : ref second;
                mean += (g - mean) * New;
                variance = Vector.Max(v - (mean * mean), Vector<float>.Zero);
            }

            var step = g / (Vector.SquareRoot(variance) + new Vector<float>(Epsilon));
            if (Momentum > 0)
            {
                second = (second * Momentum) + step;
                step = second;
            }

            p -= step * Rate;
        }
    }
}
