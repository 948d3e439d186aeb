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
    /// <exception cref="ArgumentException">The set is empty or does not fit the model or the loss, or the loss does not fit the
    /// model.</exception>
    /// <exception cref="KeyNotFoundException">A tensor's name is unknown; the message lists the nearest names.</exception>
    public static GradientReport Run<TModel>(TModel model, Loss loss, TrainingSet set, GradientCheckOptions? options = null)
        where TModel : class, IRnnModel<TModel>
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(set);
        TrainingSettings.RequireFit(model.Core.Definition, loss);
        set.Check(model.Core.Definition, loss, nameof(set));
        return new Session(new ModelTask(model.Core, new Sgd(0), loss), set, options ?? new GradientCheckOptions()).Run();
    }

    /// <summary>
    /// Checks the gradients of an encoder and a decoder that train together, as <see cref="Run{TModel}"/> does those of one model: teacher
    /// forcing, with the encoder's gradients coming through the state and, where the decoder attends, through the encoder's outputs.
    /// </summary>
    /// <typeparam name="TEncoder">The encoder's class.</typeparam>
    /// <typeparam name="TDecoder">The decoder's class.</typeparam>
    /// <param name="models">The models; their parameters are moved, and are what they were in the end.</param>
    /// <param name="set">Samples as for <see cref="SequenceToSequenceTrainer{TEncoder, TDecoder}"/>; the first ones are used.</param>
    /// <param name="loss">The loss of the decoder's outputs; plain cross-entropy where null.</param>
    /// <param name="options">The options of the check; tensors' names start with <c>encoder.</c> or <c>decoder.</c>.</param>
    /// <returns>What was found, tensor by tensor.</returns>
    /// <exception cref="ArgumentException">The set is empty or does not fit the models or the loss, or the loss does not fit the
    /// decoder.</exception>
    /// <exception cref="KeyNotFoundException">A tensor's name is unknown; the message lists the nearest names.</exception>
    public static GradientReport Run<TEncoder, TDecoder>(
        EncoderDecoder<TEncoder, TDecoder> models, TrainingSet set, CrossEntropyLoss? loss = null, GradientCheckOptions? options = null)
        where TEncoder : class, IRnnModel<TEncoder>
        where TDecoder : class, IRnnModel<TDecoder>
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(set);
        var task = new PairTask(
            models.Encoder.Core, models.Decoder.Core, new Sgd(0), new Sgd(0), (models.StartToken, models.EndToken))
        {
            CrossEntropy = loss ?? new CrossEntropyLoss(),
        };
        task.CheckModels();
        task.Check(set, nameof(set), []);
        return new Session(task, set, options ?? new GradientCheckOptions()).Run();
    }

    /// <summary>One check: a batch, and the gradients Backward says it has.</summary>
    private sealed class Session
    {
        private readonly TrainingTask _task;
        private readonly GradientCheckOptions _options;
        private readonly TrainingBatch _batch;
        private readonly ParameterSet[] _gradients;
        private readonly SeededRandom _random;
        private readonly double _divisor;
        private readonly double _loss;

        public Session(TrainingTask task, TrainingSet set, GradientCheckOptions options)
        {
            (_task, _options, _random) = (task, options, new SeededRandom((ulong)options.Seed));
            var settings = new TrainingSettings { BatchSize = options.Samples };
            var plan = new BatchPlan(set, settings, evaluates: true);
            plan.Arrange(null);
            var portion = plan[0];
            _batch = task.CreateBatch(new BatchSizes(portion.Steps, plan.MaxLabels, portion.Count), settings, TrainingWorld.Alone);
            _batch.Fill(set, plan.Samples(portion), portion);
            _gradients = [.. task.Trainees.Select(t => t.Core.CreateGradients())];
            _divisor = _batch.Weight;
            _loss = Compute();
            if (!double.IsFinite(_loss))
            {
                throw new ArgumentException(
                    $"The loss of the first {portion.Count} samples is {_loss}; gradients need a finite one.", nameof(set));
            }

            _batch.Backward(_gradients);
        }

        public GradientReport Run()
        {
            (string Name, Parameter Tensor, Parameter Gradient)[] all = [.. _task.Trainees.SelectMany((trainee, i) =>
                trainee.Parameters.Tensors.Select(tensor => (trainee.Prefix + tensor.Name, tensor, _gradients[i][tensor.Name])))];
            var chosen = _options.Tensors is { } names ? names.Select(Find) : all;
            return new GradientReport(
                string.Join(" and ", _task.Trainees.Select(t => t.Name)), _loss, _options.Tolerance,
                [.. chosen.Select(c => CheckTensor(c.Name, c.Tensor, c.Gradient.Values))]);

            (string Name, Parameter Tensor, Parameter Gradient) Find(string name) =>
                Array.FindIndex(all, c => c.Name == name) is >= 0 and var i ? all[i]
                : throw new KeyNotFoundException($"There is no tensor '{name}'. {NearestNames.Describe(name, all.Select(c => c.Name))}");
        }

        /// <summary>The loss, always with the same dropout.</summary>
        private double Compute() => _batch.Train((ulong)_options.Seed, _divisor) / _divisor;

        private TensorCheck CheckTensor(string name, Parameter tensor, ReadOnlySpan<float> gradient)
        {
            var check = new TensorCheck(name, tensor.Shape);
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
