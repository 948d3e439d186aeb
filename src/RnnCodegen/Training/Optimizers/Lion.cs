using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RnnCodegen;

/// <summary>
/// Lion (Chen et al., "Symbolic Discovery of Optimization Algorithms", 2023): u = sign(beta1 m + (1 - beta1) g), with sign(0) = 0;
/// p -= learningRate (u + weightDecay p); m = beta2 m + (1 - beta2) g. Its learning rate is usually a third to a tenth of
/// <see cref="AdamW"/>'s, and its weight decay as many times larger.
/// </summary>
public sealed class Lion : Optimizer
{
    private readonly double _beta1;
    private readonly double _beta2;

    /// <summary>A new optimizer.</summary>
    /// <param name="learningRate">Size of the steps.</param>
    /// <param name="beta1">Weight of the memory in a step's direction, in [0, 1).</param>
    /// <param name="beta2">Memory of the gradients, in [0, 1).</param>
    /// <param name="weightDecay">Pull of the parameters towards 0, times the learning rate.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public Lion(double learningRate, double beta1 = 0.9, double beta2 = 0.99, double weightDecay = 0)
        : base(learningRate, weightDecay)
    {
        _beta1 = RequireFraction(beta1, nameof(beta1));
        _beta2 = RequireFraction(beta2, nameof(beta2));
    }

    private protected override string[] SlotNames => ["mean"];

    private protected override FormattableString Settings => $"Lion: beta1 {_beta1}, beta2 {_beta2}";

    private protected override void Update(in Stretch stretch) => Sweep(RuleOf(stretch.Rate, stretch.WeightDecay), stretch);

    private protected override void WriteRule(double rate, float weightDecay, Span<byte> rule) =>
        MemoryMarshal.Write(rule, RuleOf(rate, weightDecay));

    private Rule RuleOf(double rate, float weightDecay) => new()
    {
        Rate = (float)rate,
        Shrink = (float)(rate * weightDecay),
        Old = (float)_beta1,
        New = (float)(1 - _beta1),
        NewMean = (float)(1 - _beta2),
    };

    private readonly struct Rule : IUpdateRule
    {
        public required float Rate { get; init; }

        public required float Shrink { get; init; }

        public required float Old { get; init; }

        public required float New { get; init; }

        public required float NewMean { get; init; }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply(ref Vector<float> p, Vector<float> g, ref Vector<float> m, ref Vector<float> b, ref Vector<float> c)
        {
            // What is neither positive nor negative stays: 0, and what is not a number.
            var direction = (m * Old) + (g * New);
            direction = Vector.ConditionalSelect(Vector.GreaterThan(direction, Vector<float>.Zero), Vector<float>.One, direction);
            direction = Vector.ConditionalSelect(Vector.LessThan(direction, Vector<float>.Zero), -Vector<float>.One, direction);
            p -= (direction * Rate) + (p * Shrink);
            m += (g - m) * NewMean;
        }
    }
}
