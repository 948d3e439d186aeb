using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>
/// Compares a model's Backward with differences of its loss: each checked parameter p is moved to both sides, and the gradient is held
/// against central differences, (L(p + h) - L(p - h)) / 2h.
/// </summary>
public static class GradientCheck
{
    /// <summary>Tries of a smaller step where differences at two steps disagree.</summary>
    private const int Refinements = 3;

    /// <summary>Roundings of a float, relative to the loss, that a difference of losses may be wrong by.</summary>
    private const double Noise = 4.0 / (1 << 24);

    /// <summary>
    /// Checks a model's gradients of a loss over some samples. Outputs are floats, so a difference of losses is noisy by about
    /// 2^-22 L / h: the steps are large, h = max(|p|, 1/4) / 8, and the error of order h^2 that large steps make is taken out by
    /// Richardson's rule, (4 d(h/2) - d(h)) / 3, which leaves one of order h^4. Where the two differences disagree, the step is made
    /// smaller; where they still do, the loss is not smooth there (at a kink of a ReLU, say), and the parameter counts as unclear.
    /// A parameter is right where gradient g and difference n have |g - n| &lt;= tolerance max(|g|, |n|, noise / tolerance).
    /// </summary>
    /// <typeparam name="TModel">The model class.</typeparam>
    /// <param name="model">The model; its parameters are moved, and are what they were in the end.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="set">Samples; the first ones are used.</param>
    /// <param name="options">The options of the check.</param>
    /// <returns>What was found, tensor by tensor.</returns>
    /// <exception cref="ArgumentException">The set is empty or does not fit the model or the loss, the loss does not fit the model, or a
    /// tensor's name is unknown.</exception>
    public static GradientReport Run<TModel>(TModel model, Loss loss, TrainingSet set, GradientCheckOptions? options = null)
        where TModel : class, IRnnModel<TModel>
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(set);
        TrainingSettings.RequireFit(model.Core.Definition, loss);
        set.Check(model.Core.Definition, loss, nameof(set));
        return new Session(model.Core, loss, set, options ?? new GradientCheckOptions()).Run();
    }

    /// <summary>One check: a batch, and the gradients Backward says it has.</summary>
    private sealed class Session
    {
        private readonly ModelCore _core;
        private readonly GradientCheckOptions _options;
        private readonly ModelBatch _batch;
        private readonly ParameterSet _gradients;
        private readonly SeededRandom _random;
        private readonly double _divisor;
        private readonly double _loss;

        public Session(ModelCore core, Loss loss, TrainingSet set, GradientCheckOptions options)
        {
            (_core, _options, _random) = (core, options, new SeededRandom((ulong)options.Seed));
            var plan = new BatchPlan(set, new TrainingSettings { BatchSize = options.Samples }, evaluates: true);
            plan.Arrange(null);
            var portion = plan[0];
            _batch = new ModelBatch(core, loss, new BatchSizes(portion.Steps, plan.MaxLabels, portion.Count), 0, TrainingWorld.Alone);
            _batch.Fill(set, plan.Samples(portion), portion);
            _gradients = core.CreateGradients();
            _divisor = _batch.Weight;
            _loss = Compute();
            if (!double.IsFinite(_loss))
            {
                throw new ArgumentException(
                    $"The loss of the first {portion.Count} samples is {_loss}; gradients need a finite one.", nameof(set));
            }

            _batch.Backward([_gradients]);
        }

        public GradientReport Run()
        {
            var tensors = _options.Tensors is { } names ? names.Select(name => _core.Parameters[name]) : _core.Parameters.Tensors;
            return new GradientReport(
                _core.Definition.Name, _loss, _options.Tolerance,
                [.. tensors.Select(tensor => CheckTensor(tensor, _gradients[tensor.Name].Values))]);
        }

        /// <summary>The loss, always with the same dropout.</summary>
        private double Compute() => _batch.Train((ulong)_options.Seed, _divisor) / _divisor;

        private TensorCheck CheckTensor(Parameter tensor, ReadOnlySpan<float> gradient)
        {
            var check = new TensorCheck(tensor.Name, tensor.Shape);
            foreach (var index in Choose(gradient))
            {
                CheckElement(tensor, index, gradient[index], check);
            }

            return check;
        }

        /// <summary>
        /// Half of the elements with the largest gradients, which show best, and half at random, which might be forgotten.
        /// </summary>
        private int[] Choose(ReadOnlySpan<float> gradient)
        {
            int[] all = [.. Enumerable.Range(0, gradient.Length)];
            if (all.Length <= _options.ElementsPerTensor)
            {
                return all;
            }

            var keys = new float[all.Length];
            for (var i = 0; i < keys.Length; i++)
            {
                keys[i] = -MathF.Abs(gradient[i]);
            }

            Array.Sort(keys, all);
            var largest = (_options.ElementsPerTensor + 1) / 2;
            _random.Shuffle(all.AsSpan(largest));
            return all[.._options.ElementsPerTensor];
        }

        private void CheckElement(Parameter tensor, int index, double gradient, TensorCheck check)
        {
            var step = Math.Max(Math.Abs(tensor.Values[index]), 0.25) / 8;
            for (var refinement = 0; refinement <= Refinements; refinement++, step /= 4)
            {
                var (far, near) = (Difference(tensor, index, step), Difference(tensor, index, step / 2));
                var difference = ((4 * near.Slope) - far.Slope) / 3;
                var noise = Noise * Math.Max(Math.Abs(_loss), 1e-3) / step;
                var scale = Math.Max(Math.Max(Math.Abs(gradient), Math.Abs(difference)), noise / _options.Tolerance);
                var error = Math.Abs(gradient - difference) / scale;

                // What the differences disagree by must be less than the error that is looked for; and the slopes of the two sides must
                // come closer as the step gets smaller, as they do but at a kink.
                var isClear = Math.Abs(near.Slope - far.Slope) / 3 <= scale * _options.Tolerance
                    && (near.Turn <= 0.75 * far.Turn || near.Turn <= scale * _options.Tolerance);
                if (isClear || error <= _options.Tolerance || !double.IsFinite(gradient))
                {
                    check.Add(index, gradient, difference, error, _options.Tolerance);
                    return;
                }
            }

            check.AddUnclear();
        }

        /// <summary>The central difference, and how much the slope is steeper on one side than on the other.</summary>
        private (double Slope, double Turn) Difference(Parameter tensor, int index, double step)
        {
            var value = tensor.Values[index];
            var (above, below) = ((float)(value + step), (float)(value - step));
            try
            {
                tensor.Edit()[index] = above;
                var upper = Compute();
                tensor.Edit()[index] = below;
                var lower = Compute();
                return (
                    (upper - lower) / ((double)above - below),
                    Math.Abs(((upper - _loss) / ((double)above - value)) - ((_loss - lower) / ((double)value - below))));
            }
            finally
            {
                tensor.Edit()[index] = value;
            }
        }
    }
}
