namespace RnnCodegen.Benchmarks.Engines;

/// <summary>A step of training as one writes it without a library.</summary>
/// <typeparam name="TMath">What the rows are computed with.</typeparam>
internal sealed class LoopTrainingStep<TMath> : Session
    where TMath : struct, IRowMath
{
    private const float Beta1 = 0.9f;
    private const float Beta2 = 0.999f;
    private const float Epsilon = 1e-8f;

    private readonly LoopTraining<TMath> _training;
    private readonly (float[] Weights, float[] Gradient, float[] Mean, float[] Square)[] _parameters;
    private readonly float[] _dy;
    private float _loss;
    private int _steps;

    public LoopTrainingStep(Workload workload, LayerData data)
        : base(workload, data)
    {
        // Weights of its own: they change.
        var own = data.Copy();
        _training = new LoopTraining<TMath>(workload, own);
        _parameters = [.. own.Weights.Zip(_training.Gradient, (w, g) => (w, g, new float[w.Length], new float[w.Length]))];
        _dy = new float[_training.Y.Length];
    }

    public override void Invoke()
    {
        _training.Forward();
        var (y, scale, sum) = (_training.Y, 2f / _dy.Length, 0.0);
        for (var k = 0; k < y.Length; k++)
        {
            var difference = y[k] - Data.Targets[k];
            sum += difference * difference;
            _dy[k] = scale * difference;
        }

        _loss = (float)(sum / y.Length);
        _training.Backward(_dy);
        Update();
    }

    public override float[] Output() => [_loss];

    // As PyTorch's AdamW with its default settings.
    private void Update()
    {
        _steps++;
        var rate = LearningRate / (1 - MathF.Pow(Beta1, _steps));
        var unbias = 1 / MathF.Sqrt(1 - MathF.Pow(Beta2, _steps));
        foreach (var (weights, gradient, mean, square) in _parameters)
        {
            for (var k = 0; k < weights.Length; k++)
            {
                mean[k] = (Beta1 * mean[k]) + ((1 - Beta1) * gradient[k]);
                square[k] = (Beta2 * square[k]) + ((1 - Beta2) * gradient[k] * gradient[k]);
                weights[k] -= (LearningRate * (float)WeightDecay * weights[k])
                    + (rate * mean[k] / ((MathF.Sqrt(square[k]) * unbias) + Epsilon));
            }
        }
    }
}
