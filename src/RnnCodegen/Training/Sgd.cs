using System.Numerics;
using System.Runtime.InteropServices;

namespace RnnCodegen;

/// <summary>
/// Stochastic gradient descent, as PyTorch's <c>SGD</c>: g += weightDecay p; m = momentum m + g; p -= learningRate m.
/// </summary>
public sealed class Sgd : Optimizer
{
    private readonly double _momentum;
    private readonly double _weightDecay;
    private float[] _velocity = [];

    /// <summary>A new optimizer.</summary>
    /// <param name="learningRate">Size of the steps.</param>
    /// <param name="momentum">Part of the last step that is kept, in [0, 1).</param>
    /// <param name="weightDecay">Pull of the parameters towards 0, through the gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public Sgd(double learningRate, double momentum = 0, double weightDecay = 0)
        : base(learningRate)
    {
        _momentum = RequireFraction(momentum, nameof(momentum));
        _weightDecay = RequireNotNegative(weightDecay, nameof(weightDecay));
    }

    private protected override void Allocate(int count) => _velocity = new float[_momentum > 0 ? count : 0];

    private protected override void Update(Span<float> parameters, ReadOnlySpan<float> gradients)
    {
        var (rate, momentum, decay) = ((float)LearningRate, (float)_momentum, (float)_weightDecay);
        var p = MemoryMarshal.Cast<float, Vector<float>>(parameters);
        var g = MemoryMarshal.Cast<float, Vector<float>>(gradients);
        var m = MemoryMarshal.Cast<float, Vector<float>>(_velocity.AsSpan());
        var tail = p.Length * Vector<float>.Count;
        if (_velocity.Length == 0)
        {
            for (var i = 0; i < p.Length; i++)
            {
                p[i] -= (g[i] + (p[i] * decay)) * rate;
            }

            for (var i = tail; i < parameters.Length; i++)
            {
                parameters[i] -= (gradients[i] + (parameters[i] * decay)) * rate;
            }

            return;
        }

        for (var i = 0; i < p.Length; i++)
        {
            m[i] = (m[i] * momentum) + g[i] + (p[i] * decay);
            p[i] -= m[i] * rate;
        }

        for (var i = tail; i < parameters.Length; i++)
        {
            _velocity[i] = (_velocity[i] * momentum) + gradients[i] + (parameters[i] * decay);
            parameters[i] -= _velocity[i] * rate;
        }
    }
}
