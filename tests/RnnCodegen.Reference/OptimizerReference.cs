namespace RnnCodegen.Reference;

/// <summary>The published update rules in double precision: one step of (parameters, gradients, number of the step from 1).</summary>
public static class OptimizerReference
{
    /// <summary>PyTorch's documentation of torch.optim.SGD.</summary>
    public static Func<int, Action<double[], float[], int>> Sgd(
        double rate, double momentum = 0, double decay = 0, double dampening = 0, bool nesterov = false) => size =>
    {
        var buffer = new double[size];
        return (p, gradient, t) =>
        {
            for (var i = 0; i < size; i++)
            {
                var g = gradient[i] + (decay * p[i]);
                if (momentum != 0)
                {
                    buffer[i] = t > 1 ? (momentum * buffer[i]) + ((1 - dampening) * g) : g;
                    g = nesterov ? g + (momentum * buffer[i]) : buffer[i];
                }

                p[i] -= rate * g;
            }
        };
    };

    /// <summary>PyTorch's documentation of torch.optim.AdamW and torch.optim.Adam.</summary>
    public static Func<int, Action<double[], float[], int>> Adam(
        double rate, double beta1, double beta2, double epsilon, double decay, bool decoupled) => size =>
    {
        var (m, v) = (new double[size], new double[size]);
        return (p, gradient, t) =>
        {
            for (var i = 0; i < size; i++)
            {
                double g = gradient[i];
                if (decoupled)
                {
                    p[i] -= rate * decay * p[i];
                }
                else
                {
                    g += decay * p[i];
                }

                m[i] = (beta1 * m[i]) + ((1 - beta1) * g);
                v[i] = (beta2 * v[i]) + ((1 - beta2) * g * g);
                var mHat = m[i] / (1 - Math.Pow(beta1, t));
                var vHat = v[i] / (1 - Math.Pow(beta2, t));
                p[i] -= rate * mHat / (Math.Sqrt(vHat) + epsilon);
            }
        };
    };

    /// <summary>PyTorch's documentation of torch.optim.RMSprop.</summary>
    public static Func<int, Action<double[], float[], int>> RmsProp(
        double rate, double alpha, double epsilon, double momentum, bool centered, double decay) => size =>
    {
        var (v, average, buffer) = (new double[size], new double[size], new double[size]);
        return (p, gradient, _) =>
        {
            for (var i = 0; i < size; i++)
            {
                var g = gradient[i] + (decay * p[i]);
                v[i] = (alpha * v[i]) + ((1 - alpha) * g * g);
                var variance = v[i];
                if (centered)
                {
                    average[i] = (alpha * average[i]) + ((1 - alpha) * g);
                    variance -= average[i] * average[i];
                }

                var step = g / (Math.Sqrt(variance) + epsilon);
                buffer[i] = (momentum * buffer[i]) + step;
                p[i] -= rate * (momentum > 0 ? buffer[i] : step);
            }
        };
    };

    /// <summary>PyTorch's documentation of torch.optim.Adagrad.</summary>
    public static Func<int, Action<double[], float[], int>> Adagrad(
        double rate, double rateDecay, double initial, double epsilon, double decay) => size =>
    {
        var sum = Enumerable.Repeat(initial, size).ToArray();
        return (p, gradient, t) =>
        {
            for (var i = 0; i < size; i++)
            {
                var g = gradient[i] + (decay * p[i]);
                sum[i] += g * g;
                p[i] -= rate / (1 + ((t - 1) * rateDecay)) * g / (Math.Sqrt(sum[i]) + epsilon);
            }
        };
    };

    /// <summary>Algorithm 2 of "Symbolic Discovery of Optimization Algorithms".</summary>
    public static Func<int, Action<double[], float[], int>> Lion(double rate, double beta1, double beta2, double decay) => size =>
    {
        var m = new double[size];
        return (p, gradient, _) =>
        {
            for (var i = 0; i < size; i++)
            {
                var update = (beta1 * m[i]) + ((1 - beta1) * gradient[i]);
                m[i] = (beta2 * m[i]) + ((1 - beta2) * gradient[i]);
                p[i] -= rate * (Math.Sign(update) + (decay * p[i]));
            }
        };
    };
}
