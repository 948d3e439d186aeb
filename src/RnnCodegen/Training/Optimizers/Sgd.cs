using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RnnCodegen;

/// <summary>
/// Stochastic gradient descent, as PyTorch's <c>SGD</c>: g += weightDecay p; m = momentum m + (1 - dampening) g, at the first step m = g;
/// p -= learningRate m, or with Nesterov's momentum p -= learningRate (g + momentum m). Without momentum p -= learningRate g.
/// </summary>
public sealed class Sgd : Optimizer
{
    private readonly double _momentum;
    private readonly double _dampening;
    private readonly bool _nesterov;

    /// <summary>A new optimizer.</summary>
    /// <param name="learningRate">Size of the steps.</param>
    /// <param name="momentum">Part of the last step that is kept, in [0, 1).</param>
    /// <param name="weightDecay">Pull of the parameters towards 0, through the gradient.</param>
    /// <param name="dampening">Part of the gradient that does not enter the momentum, in [0, 1).</param>
    /// <param name="nesterov">Whether to step from where the momentum leads.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    /// <exception cref="ArgumentException">
    /// Dampening or Nesterov's momentum without momentum, or both at once, for which there is no rule.
    /// </exception>
    public Sgd(double learningRate, double momentum = 0, double weightDecay = 0, double dampening = 0, bool nesterov = false)
        : base(learningRate, weightDecay)
    {
        _momentum = RequireFraction(momentum, nameof(momentum));
        _dampening = RequireFraction(dampening, nameof(dampening));
        _nesterov = nesterov;
        if (momentum == 0 && dampening > 0)
        {
            throw new ArgumentException("Dampening needs a momentum greater than 0.", nameof(dampening));
        }

        if (nesterov && (momentum == 0 || dampening > 0))
        {
            throw new ArgumentException("Nesterov's momentum needs a momentum greater than 0 and no dampening.", nameof(nesterov));
        }
    }

    private protected override string[] SlotNames => _momentum > 0 ? ["velocity"] : [];

    private protected override FormattableString Settings => $"Sgd: momentum {_momentum}, dampening {_dampening}, nesterov {_nesterov}";

    private protected override void Update(in Stretch stretch) => Sweep(RuleOf(stretch.Rate, stretch.WeightDecay), stretch);

    private protected override void WriteRule(double rate, float weightDecay, Span<byte> rule) =>
        MemoryMarshal.Write(rule, RuleOf(rate, weightDecay));

    private Rule RuleOf(double rate, float weightDecay) => new()
    {
        Rate = (float)rate,
        Decay = weightDecay,
        Momentum = (float)_momentum,
        Entering = StepCount == 1 ? 1 : (float)(1 - _dampening),
        Nesterov = _nesterov ? 1 : 0,
    };

    private readonly struct Rule : IUpdateRule
    {
        public required float Rate { get; init; }

        public required float Decay { get; init; }

        public required float Momentum { get; init; }

        public required float Entering { get; init; }

        /// <summary>1 for Nesterov's momentum, else 0.</summary>
        public required float Nesterov { get; init; }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply(ref Vector<float> p, Vector<float> g, ref Vector<float> m, ref Vector<float> b, ref Vector<float> c)
        {
            var step = g + (p * Decay);
            if (Momentum > 0)
            {
                m = (m * Momentum) + (step * Entering);
                step = Nesterov > 0 ? step + (m * Momentum) : m;
            }

            p -= step * Rate;
        }
    }
}
