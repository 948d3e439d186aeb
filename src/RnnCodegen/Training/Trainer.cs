using System.Diagnostics;

namespace RnnCodegen;

/// <summary>
/// Trains a model on batches of samples. Equal models, sets, settings and calls give equal results. Batches of samples of unequal lengths
/// are padded, and the padding counts neither in the model nor in the loss.
/// </summary>
/// <typeparam name="TModel">The model class.</typeparam>
public sealed class Trainer<TModel>
    where TModel : class, IRnnModel<TModel>
{
    private readonly ModelCore _core;
    private readonly Loss _loss;
    private readonly Optimizer _optimizer;
    private readonly ParameterSet _gradients;
    private SeededRandom? _random;

    /// <summary>A trainer of one model.</summary>
    /// <param name="model">The model; its parameters change.</param>
    /// <param name="loss">What to make small.</param>
    /// <param name="optimizer">How; it keeps its state from one Fit to the next.</param>
    public Trainer(TModel model, Loss loss, Optimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(optimizer);
        (_core, _loss, _optimizer) = (model.Core, loss, optimizer);
        _gradients = _core.CreateGradients();
    }

    /// <summary>
    /// Largest global norm of a batch's gradients, see <see cref="GradientClipping"/>; infinity, the default, does not clip.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public float ClipNorm
    {
        get;
        init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(ClipNorm), value, "Must be positive.");
    } = float.PositiveInfinity;

    /// <summary>Samples of a batch; the last batch of an epoch may have fewer. 32 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public int BatchSize
    {
        get;
        init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(BatchSize), value, "Must be positive.");
    } = 32;

    /// <summary>Seed of the samples' order and of dropout.</summary>
    public int Seed { get; init; }

    /// <summary>Trains for a number of epochs: in each, every sample is used once, in a new random order.</summary>
    /// <param name="training">Samples to train with.</param>
    /// <param name="validation">Samples to evaluate with after each epoch, or null.</param>
    /// <param name="epochs">Number of epochs.</param>
    /// <param name="progress">Told after each batch.</param>
    /// <param name="cancellation">Stops training between two batches.</param>
    /// <returns>The losses of each epoch.</returns>
    /// <exception cref="ArgumentException">A set is empty, or does not fit the model or the loss; nothing was trained.</exception>
    /// <exception cref="TrainingDivergedException">
    /// A loss or gradient is not finite; the parameters are those before that batch.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled; the parameters are those after the last batch.</exception>
    public TrainingResult Fit(
        TrainingSet training, TrainingSet? validation, int epochs, IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentOutOfRangeException.ThrowIfNegative(epochs);
        training.Check(_core.Definition, _loss, nameof(training));
        validation?.Check(_core.Definition, _loss, nameof(validation));

        _random ??= new SeededRandom((ulong)Seed);
        var batch = CreateBatch(training, validation);
        var order = new int[training.Count];
        var batches = CountBatches(training);
        var (trainingLosses, validationLosses) = (new List<float>(epochs), new List<float>(epochs));
        var clock = Stopwatch.StartNew();
        for (var epoch = 1; epoch <= epochs; epoch++)
        {
            // From the set's own order each time, so that several calls of Fit do what one of as many epochs does.
            Number(order);
            _random.Shuffle(order);
            var mean = default(LossMean);
            for (var b = 1; b <= batches; b++)
            {
                cancellation.ThrowIfCancellationRequested();
                var norm = TrainOn(batch, training, Slice(order, b), ref mean, epoch, b);
                if (b == batches)
                {
                    trainingLosses.Add(mean.Value);
                    if (validation is not null)
                    {
                        validationLosses.Add(Evaluate(batch, validation, cancellation));
                    }
                }

                if (progress is not null)
                {
                    var (elapsed, done) = (clock.Elapsed, ((double)(epoch - 1) * batches) + b);
                    var samples = ((double)(epoch - 1) * training.Count) + Math.Min((long)b * BatchSize, training.Count);
                    progress.Report(new TrainingProgress(
                        epoch, epochs, b, batches, mean.Value, validationLosses.Count > 0 ? validationLosses[^1] : null, norm,
                        samples / elapsed.TotalSeconds, elapsed, elapsed * ((((double)epochs * batches) - done) / done)));
                }
            }
        }

        return new TrainingResult(trainingLosses.AsReadOnly(), validationLosses.AsReadOnly(), clock.Elapsed);
    }

    /// <summary>The mean loss over all samples, without dropout; the model stays as it is.</summary>
    /// <param name="set">Samples to evaluate with.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <returns>The loss; not a number where the model's outputs are not.</returns>
    /// <exception cref="ArgumentException">The set is empty, or does not fit the model or the loss.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public float Evaluate(TrainingSet set, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(set);
        set.Check(_core.Definition, _loss, nameof(set));
        return Evaluate(CreateBatch(set, null), set, cancellation);
    }

    private TrainingBatch CreateBatch(TrainingSet set, TrainingSet? other) => new(
        _core, _loss, Math.Max(set.MaxSteps, other?.MaxSteps ?? 0), Math.Min(BatchSize, Math.Max(set.Count, other?.Count ?? 0)));

    private int CountBatches(TrainingSet set) => (int)(((long)set.Count + BatchSize - 1) / BatchSize);

    /// <summary>The samples of batch b, counted from 1.</summary>
    private ReadOnlySpan<int> Slice(ReadOnlySpan<int> order, int b)
    {
        var start = (b - 1) * BatchSize;
        return order.Slice(start, Math.Min(BatchSize, order.Length - start));
    }

    /// <summary>One step of the parameters; returns the gradients' norm.</summary>
    private float TrainOn(TrainingBatch batch, TrainingSet set, ReadOnlySpan<int> samples, ref LossMean mean, int epoch, int b)
    {
        batch.Fill(set, samples);
        var loss = batch.Train(_random!.NextUInt64());
        RequireFinite(loss, "loss", epoch, b, "Look for values in the data that are not finite or not scaled");
        batch.Backward(_gradients);
        var norm = GradientClipping.ByGlobalNorm(_gradients, ClipNorm);
        RequireFinite(norm, "gradients' norm", epoch, b, "The loss was finite, so a value grew too large on the way back");
        _optimizer.Step(_core.Parameters, _gradients);
        mean.Add(loss, batch.Weight);
        return norm;
    }

    private float Evaluate(TrainingBatch batch, TrainingSet set, CancellationToken cancellation)
    {
        var order = new int[set.Count];
        Number(order);
        var mean = default(LossMean);
        for (var b = 1; b <= CountBatches(set); b++)
        {
            cancellation.ThrowIfCancellationRequested();
            batch.Fill(set, Slice(order, b));
            mean.Add(batch.Evaluate(), batch.Weight);
        }

        return mean.Value;
    }

    private static void Number(Span<int> order)
    {
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }
    }

    private static void RequireFinite(float value, string what, int epoch, int batch, string hint)
    {
        if (!float.IsFinite(value))
        {
            throw new TrainingDivergedException(
                $"The {what} is {value} in epoch {epoch}, batch {batch}. {hint}; a lower learning rate or a smaller ClipNorm may help.");
        }
    }

    /// <summary>A mean of batches' losses in which all that counts has its weight.</summary>
    private struct LossMean
    {
        private double _sum;
        private double _weight;

        public readonly float Value => (float)(_weight > 0 ? _sum / _weight : 0);

        public void Add(float loss, double weight)
        {
            _sum += loss * weight;
            _weight += weight;
        }
    }
}
