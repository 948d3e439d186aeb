using System.Numerics;
using System.Runtime.InteropServices;

namespace RnnCodegen;

/// <summary>
/// Adam with decoupled weight decay (Loshchilov and Hutter, 2019), as PyTorch's <c>AdamW</c>, at step t:
/// p -= learningRate weightDecay p; m += (1 - beta1) (g - m); v = beta2 v + (1 - beta2) g^2;
/// p -= learningRate / (1 - beta1^t) m / (sqrt(v / (1 - beta2^t)) + epsilon). Weight decay applies to all parameters.
/// </summary>
public sealed class AdamW : Optimizer
{
    private readonly double _beta1;
    private readonly double _beta2;
    private readonly double _epsilon;
    private readonly double _weightDecay;
    private float[] _mean = [];
    private float[] _square = [];

    /// <summary>A new optimizer.</summary>
    /// <param name="learningRate">Size of the steps.</param>
    /// <param name="beta1">Memory of the gradients' mean, in [0, 1).</param>
    /// <param name="beta2">Memory of the gradients' mean square, in [0, 1).</param>
    /// <param name="epsilon">Keeps the division finite.</param>
    /// <param name="weightDecay">Pull of the parameters towards 0, times the learning rate.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public AdamW(double learningRate, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0.01)
        : base(learningRate)
    {
        _beta1 = RequireFraction(beta1, nameof(beta1));
        _beta2 = RequireFraction(beta2, nameof(beta2));
        _epsilon = RequireNotNegative(epsilon, nameof(epsilon));
        _weightDecay = RequireNotNegative(weightDecay, nameof(weightDecay));
    }

    private protected override void Allocate(int count) => (_mean, _square) = (new float[count], new float[count]);

    private protected override void Update(Span<float> parameters, ReadOnlySpan<float> gradients)
    {
        // Subtracted, not multiplied by 1 - decay, whose rounding would pull every parameter the same way.
        var decay = (float)(LearningRate * _weightDecay);
        var (newMean, oldSquare, newSquare) = ((float)(1 - _beta1), (float)_beta2, (float)(1 - _beta2));
        var rate = (float)(LearningRate / (1 - Math.Pow(_beta1, StepCount)));
        var unbias = (float)(1 / Math.Sqrt(1 - Math.Pow(_beta2, StepCount)));
        var epsilon = (float)_epsilon;

        var epsilons = new Vector<float>(epsilon);
        var p = MemoryMarshal.Cast<float, Vector<float>>(parameters);
        var g = MemoryMarshal.Cast<float, Vector<float>>(gradients);
        var m = MemoryMarshal.Cast<float, Vector<float>>(_mean.AsSpan());
        var v = MemoryMarshal.Cast<float, Vector<float>>(_square.AsSpan());
        for (var i = 0; i < p.Length; i++)
        {
            m[i] += (g[i] - m[i]) * newMean;
            v[i] = (v[i] * oldSquare) + (g[i] * g[i] * newSquare);
            p[i] -= (p[i] * decay) + (m[i] * rate / ((Vector.SquareRoot(v[i]) * unbias) + epsilons));
        }

        for (var i = p.Length * Vector<float>.Count; i < parameters.Length; i++)
        {
            _mean[i] += (gradients[i] - _mean[i]) * newMean;
            _square[i] = (_square[i] * oldSquare) + (gradients[i] * gradients[i] * newSquare);
            parameters[i] -= (parameters[i] * decay) + (_mean[i] * rate / ((MathF.Sqrt(_square[i]) * unbias) + epsilon));
        }
    }
}
