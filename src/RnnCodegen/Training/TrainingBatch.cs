namespace RnnCodegen;

/// <summary>
/// Memory for one batch of samples side by side: padded inputs and targets, outputs, and the tape they run on. Made once for the largest
/// batch and filled anew for each.
/// </summary>
internal sealed class TrainingBatch
{
    private readonly ModelCore _core;
    private readonly ModelDefinition _model;
    private readonly Loss _loss;
    private readonly Tape _tape;
    private readonly float[] _rows;
    private readonly int[] _tokens;
    private readonly TargetBatch _target;
    private readonly float[] _output;
    private readonly float[] _outputGradient;
    private readonly int[] _lengths;
    private int _steps;
    private int _count;
    private bool _isPadded;

    public TrainingBatch(ModelCore core, Loss loss, int maxSteps, int maxCount)
    {
        (_core, _model, _loss) = (core, core.Definition, loss);
        var rows = checked(maxSteps * maxCount);
        var outputRows = _model.OutputIsSequence ? rows : maxCount;
        _rows = new float[checked(rows * _model.InputSize)];
        _tokens = new int[_model.TakesTokens ? rows : 0];
        _output = new float[checked(outputRows * _model.OutputSize)];
        _outputGradient = new float[_output.Length];
        _target = new TargetBatch(loss, _model.OutputSize, outputRows, maxCount);
        _lengths = new int[maxCount];
        _tape = core.CreateTape(maxSteps, maxCount);
    }

    /// <summary>What the batch's loss counts in a mean over batches: the weight of all that its own mean is over.</summary>
    public double Weight { get; private set; }

    private ReadOnlySpan<int> Lengths => _isPadded ? _lengths.AsSpan(0, _count) : default;

    private int OutputSteps => _model.OutputIsSequence ? _steps : 1;

    private LossShape Shape => new(OutputSteps, _count, _model.OutputSize, _model.OutputIsSequence ? Lengths : default)
    {
        SampleWeights = _target.Weights,
    };

    /// <summary>Lays the chosen samples out time-major, zeros behind the shorter ones.</summary>
    public void Fill(TrainingSet set, ReadOnlySpan<int> samples)
    {
        (_steps, _count, _isPadded) = (0, samples.Length, false);
        for (var b = 0; b < samples.Length; b++)
        {
            _lengths[b] = set[samples[b]].Steps;
            _steps = Math.Max(_steps, _lengths[b]);
        }

        _isPadded = _lengths.AsSpan(0, _count).ContainsAnyExcept(_steps);
        for (var b = 0; b < samples.Length; b++)
        {
            var sample = set[samples[b]];
            if (_model.TakesTokens)
            {
                Spread(sample.Tokens.Span, _tokens, 1, _steps, b, _count);
            }
            else
            {
                Spread(sample.Rows.Span, _rows, _model.InputSize, _steps, b, _count);
            }
        }

        _target.Fill(set, samples, OutputSteps);
        _tape.Reshape(_steps, _count);
    }

    /// <summary>The batch's loss without dropout.</summary>
    public float Evaluate()
    {
        _tape.Training = false;
        return Forward(default);
    }

    /// <summary>The batch's loss with dropout; ready for <see cref="Backward"/>.</summary>
    public float Train(ulong dropoutSeed)
    {
        _tape.Training = true;
        _tape.DropoutSeed = dropoutSeed;
        return Forward(_outputGradient.AsSpan(0, OutputLength));
    }

    /// <summary>Gradients of the loss that <see cref="Train"/> returned.</summary>
    public void Backward(ParameterSet gradients) => _core.Backward(_outputGradient.AsSpan(0, OutputLength), default, _tape, gradients);

    private int OutputLength => OutputSteps * _count * _model.OutputSize;

    private float Forward(Span<float> gradient)
    {
        var output = _output.AsSpan(0, OutputLength);
        var rows = _steps * _count;
        if (_model.TakesTokens)
        {
            _core.Forward(_tokens.AsSpan(0, rows), output, _tape, Lengths);
        }
        else
        {
            _core.Forward(_rows.AsSpan(0, rows * _model.InputSize), output, _tape, Lengths);
        }

        // A batch in which nothing counts has the loss 0 and no gradient.
        Weight = _loss.Divisor(_target.Targets, Shape);
        var sum = _loss.Sum(output, _target.Targets, gradient, Shape, Weight);
        return (float)(Weight > 0 ? sum / Weight : 0);
    }

    /// <summary>Copies a sample's rows to every B-th row of a batch.</summary>
    internal static void Spread<T>(ReadOnlySpan<T> sample, Span<T> batch, int width, int steps, int b, int count)
    {
        var sampleSteps = sample.Length / width;
        for (var t = 0; t < steps; t++)
        {
            var row = batch.Slice(((t * count) + b) * width, width);
            if (t < sampleSteps)
            {
                sample.Slice(t * width, width).CopyTo(row);
            }
            else
            {
                row.Clear();
            }
        }
    }
}
