using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RnnCodegen;

/// <summary>
/// What <see cref="Adam"/> and <see cref="AdamW"/> share: steps along the
/// gradients' running mean, divided by their running root mean square.
/// </summary>
public abstract class AdaptiveMoments : Optimizer
{
    private readonly double _beta1;
    private readonly double _beta2;
    private readonly double _epsilon;
    private readonly bool _isDecoupled;

    private protected AdaptiveMoments(
        double learningRate, double beta1, double beta2, double epsilon, double weightDecay, bool isDecoupled)
        : base(learningRate, weightDecay)
    {
        _beta1 = RequireFraction(beta1, nameof(beta1));
        _beta2 = RequireFraction(beta2, nameof(beta2));
        _epsilon = RequireNotNegative(epsilon, nameof(epsilon));
        _isDecoupled = isDecoupled;
    }

    private protected override string[] SlotNames => ["mean", "square"];

    private protected override FormattableString Settings =>
        $"{(_isDecoupled ? nameof(AdamW) : nameof(Adam))}: beta1 {_beta1}, beta2 {_beta2}, epsilon {_epsilon}";

    private protected override void Update(in Stretch stretch) => Sweep(RuleOf(stretch.Rate, stretch.WeightDecay), stretch);

    private protected override void WriteRule(double rate, float weightDecay, Span<byte> rule) =>
        MemoryMarshal.Write(rule, RuleOf(rate, weightDecay));

    private Rule RuleOf(double rate, float weightDecay)
    {
        // Decoupled decay is subtracted, not multiplied by 1 - decay, whose rounding would pull every parameter the same way.
        var (decay, shrink) = _isDecoupled ? (0f, (float)(rate * weightDecay)) : (weightDecay, 0f);
        return new Rule
        {
            Decay = decay,
            Shrink = shrink,
            NewMean = (float)(1 - _beta1),
            OldSquare = (float)_beta2,
            NewSquare = (float)(1 - _beta2),
            Rate = (float)(rate / (1 - Math.Pow(_beta1, StepCount))),
            Unbias = (float)(1 / Math.Sqrt(1 - Math.Pow(_beta2, StepCount))),
            Epsilon = (float)_epsilon,
        };
    }

    private readonly struct Rule : IUpdateRule
    {
        public required float Decay { get; init; }

        public required float Shrink { get; init; }

        public required float NewMean { get; init; }

        public required float OldSquare { get; init; }

        public required float NewSquare { get; init; }

        public required float Rate { get; init; }

        public required float Unbias { get; init; }

        public required float Epsilon { get; init; }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply(ref Vector<float> p, Vector<float> g, ref Vector<float> m, ref Vector<float> v, ref Vector<float> c)
        {
            g += p * Decay;
            m += (g - m) * NewMean;
            v = (v * OldSquare) + (g * g * NewSquare);
            p -= (p * Shrink) + (m * Rate / ((Vector.SquareRoot(v) * Unbias) + new Vector<float>(Epsilon)));
        }
    }
}
