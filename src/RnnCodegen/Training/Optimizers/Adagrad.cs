using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RnnCodegen;

/// <summary>
/// Adagrad (Duchi, Hazan and Singer, 2011), as PyTorch's <c>Adagrad</c>, at step t: g += weightDecay p; s += g^2;
/// p -= learningRate / (1 + (t - 1) rateDecay) g / (sqrt(s) + epsilon).
/// </summary>
public sealed class Adagrad : Optimizer
{
    private readonly double _rateDecay;
    private readonly double _initialSum;
    private readonly double _epsilon;

    /// <summary>A new optimizer.</summary>
    /// <param name="learningRate">Size of the steps.</param>
    /// <param name="rateDecay">How fast the learning rate falls with the number of steps.</param>
    /// <param name="initialSum">The sum of squares before the first step.</param>
    /// <param name="epsilon">Keeps the division finite.</param>
    /// <param name="weightDecay">Pull of the parameters towards 0, through the gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public Adagrad(double learningRate, double rateDecay = 0, double initialSum = 0, double epsilon = 1e-10, double weightDecay = 0)
        : base(learningRate, weightDecay)
    {
        _rateDecay = RequireNotNegative(rateDecay, nameof(rateDecay));
        _initialSum = RequireNotNegative(initialSum, nameof(initialSum));
        _epsilon = RequireNotNegative(epsilon, nameof(epsilon));
    }

    // The sum never ends to grow, so it is kept in two floats, the second of which holds what the first has no digits for.
    private protected override string[] SlotNames => ["sum", "sum_rest"];

    private protected override float InitialState(int slot) => slot == 0 ? (float)_initialSum : 0;

    private protected override FormattableString Settings =>
        $"Adagrad: rateDecay {_rateDecay}, initialSum {_initialSum}, epsilon {_epsilon}";

    private protected override void Update(in Stretch stretch) => Sweep(RuleOf(stretch.Rate, stretch.WeightDecay), stretch);

    private protected override void WriteRule(double rate, float weightDecay, Span<byte> rule) =>
        MemoryMarshal.Write(rule, RuleOf(rate, weightDecay));

    private Rule RuleOf(double rate, float weightDecay) => new()
    {
        Rate = (float)(rate / (1 + ((StepCount - 1) * _rateDecay))),
        Decay = weightDecay,
        Epsilon = (float)_epsilon,
    };

    private readonly struct Rule : IUpdateRule
    {
        public required float Rate { get; init; }

        public required float Decay { get; init; }

        public required float Epsilon { get; init; }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply(ref Vector<float> p, Vector<float> g, ref Vector<float> s, ref Vector<float> rest, ref Vector<float> c)
        {
            g += p * Decay;
            var term = (g * g) + rest;
            var sum = s + term;

            // Knuth's exact remainder: what was lost of either part. Infinity has none.
            var added = sum - s;
            var lost = (s - (sum - added)) + (term - added);
            rest = Vector.ConditionalSelect(Vector.Equals(sum, new Vector<float>(float.PositiveInfinity)), Vector<float>.Zero, lost);
            s = sum;
            p -= g * Rate / (Vector.SquareRoot(s) + new Vector<float>(Epsilon));
        }
    }
}
