namespace RnnCodegen;

/// <summary>The targets and weights of a batch of samples, laid out as a loss takes them.</summary>
internal sealed class TargetBatch
{
    private readonly TargetKind _kind;
    private readonly int _width;
    private readonly float[] _values;
    private readonly int[] _labelLengths;
    private readonly float[] _weights;
    private readonly int _maxRows;
    private int[] _ids;
    private float[] _stepWeights = [];
    private bool _isStepWeighted;
    private int _rows;
    private int _labels;
    private int _count;
    private bool _isWeighted;

    /// <summary>Room for batches of so many output rows and samples.</summary>
    public TargetBatch(Loss loss, int features, int maxRows, int maxCount)
    {
        (_kind, _maxRows) = (loss.TargetKind, maxRows);
        _width = _kind == TargetKind.Values ? loss.TargetWidth(features) : 1;
        _values = new float[_kind == TargetKind.Values ? checked(maxRows * _width) : 0];
        _ids = new int[_kind == TargetKind.Classes ? maxRows : 0];
        _labelLengths = new int[_kind == TargetKind.Labels ? maxCount : 0];
        _weights = new float[maxCount];
    }

    /// <summary>The targets; time-major, with zeros behind the shorter samples.</summary>
    public LossTargets Targets => _kind switch
    {
        TargetKind.Values => new LossTargets(_values.AsSpan(0, _rows * _width)),
        TargetKind.Classes => new LossTargets(_ids.AsSpan(0, _rows)),
        _ => new LossTargets(_ids.AsSpan(0, _labels), _labelLengths.AsSpan(0, _count)),
    };

    /// <summary>The samples' weights; empty when all are 1.</summary>
    public ReadOnlySpan<float> Weights => _isWeighted ? _weights.AsSpan(0, _count) : default;

    /// <summary>The rows' weights; empty when all are 1.</summary>
    public ReadOnlySpan<float> StepWeights => _isStepWeighted ? _stepWeights.AsSpan(0, _rows) : default;

    /// <summary>Takes the chosen samples' targets: so many output rows of each, from a first one on.</summary>
    public void Fill(TrainingSet set, ReadOnlySpan<int> samples, int steps, int first = 0)
    {
        (_count, _rows, _labels) = (samples.Length, steps * samples.Length, 0);
        for (var b = 0; b < samples.Length; b++)
        {
            var sample = set[samples[b]];
            _weights[b] = sample.Weight;
            switch (_kind)
            {
                case TargetKind.Values:
                    SourceRows.Spread(sample.Values.Span, _values, _width, first, steps, b, _count);
                    break;
                case TargetKind.Classes:
                    SourceRows.Spread(sample.Ids.Span, _ids, 1, first, steps, b, _count);
                    break;
                default:
                    Append(sample.Ids.Span, b);
                    break;
            }
        }

        _isWeighted = _weights.AsSpan(0, _count).ContainsAnyExcept(1f);
        FillStepWeights(set, samples, steps, first);
    }

    /// <summary>Takes the chosen samples' label sequences as classes, each with an end behind it.</summary>
    /// <param name="set">The set.</param>
    /// <param name="samples">The samples.</param>
    /// <param name="steps">Steps of the longest sequence, its end included.</param>
    /// <param name="end">The end's class.</param>
    public void FillEnded(TrainingSet set, ReadOnlySpan<int> samples, int steps, int end)
    {
        (_count, _rows, _labels) = (samples.Length, steps * samples.Length, 0);
        for (var b = 0; b < samples.Length; b++)
        {
            var sample = set[samples[b]];
            _weights[b] = sample.Weight;
            SourceRows.Spread(sample.Ids.Span, _ids, 1, 0, steps, b, _count);
            _ids[(sample.Ids.Length * _count) + b] = end;
        }

        _isWeighted = _weights.AsSpan(0, _count).ContainsAnyExcept(1f);
    }

    /// <summary>Takes the weights of steps where a sample of the batch has some; the room for them is made at the first that has.</summary>
    private void FillStepWeights(TrainingSet set, ReadOnlySpan<int> samples, int steps, int first)
    {
        _isStepWeighted = false;
        foreach (var sample in samples)
        {
            _isStepWeighted |= !set[sample].StepWeights.IsEmpty;
        }

        if (!_isStepWeighted)
        {
            return;
        }

        if (_stepWeights.Length == 0)
        {
            _stepWeights = new float[_maxRows];
        }

        for (var b = 0; b < samples.Length; b++)
        {
            var weights = set[samples[b]].StepWeights.Span;
            if (!weights.IsEmpty)
            {
                SourceRows.Spread(weights, _stepWeights, 1, first, steps, b, _count);
                continue;
            }

            for (var t = 0; t < steps; t++)
            {
                _stepWeights[(t * _count) + b] = 1;
            }
        }
    }

    private void Append(ReadOnlySpan<int> labels, int b)
    {
        if (_labels + labels.Length > _ids.Length)
        {
            Array.Resize(ref _ids, checked(2 * (_labels + labels.Length)));
        }

        labels.CopyTo(_ids.AsSpan(_labels));
        _labels += labels.Length;
        _labelLengths[b] = labels.Length;
    }
}
