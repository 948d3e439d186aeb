using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>A model's outputs for the samples of a set, in the set's order, without padding.</summary>
public sealed class Predictions
{
    private readonly float[] _values;
    private readonly int[] _starts;

    private Predictions(ModelDefinition model, TrainingSet set)
    {
        OutputSize = model.OutputSize;
        _starts = new int[set.Count + 1];
        for (var i = 0; i < set.Count; i++)
        {
            var end = _starts[i] + (model.OutputRows(set[i].Steps, 1) * OutputSize);
            _starts[i + 1] = end <= Array.MaxLength
                ? (int)end
                : throw new ArgumentException(
                    $"The outputs of samples 0 to {i} are {end} values, and an array holds {Array.MaxLength}: predict for parts of it.",
                    nameof(set));
        }

        _values = new float[_starts[^1]];
    }

    /// <summary>Features F of an output row.</summary>
    public int OutputSize { get; }

    /// <summary>Number of samples.</summary>
    public int Count => _starts.Length - 1;

    /// <summary>All rows of all samples, sample after sample.</summary>
    public ReadOnlyMemory<float> Values => _values;

    /// <summary>
    /// A sample's output rows [T, F]; T is the number of its own steps (fewer where windows have a stride), or 1 where the model's output
    /// is one row per sequence.
    /// </summary>
    /// <param name="sample">Its place in the set.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sample.</exception>
    public ReadOnlyMemory<float> this[int sample] => Values[RangeOf(sample)];

    /// <summary>Output rows T of a sample.</summary>
    /// <param name="sample">Its place in the set.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sample.</exception>
    public int StepsOf(int sample) => this[sample].Length / OutputSize;

    /// <summary>One output row [F].</summary>
    /// <param name="sample">The sample's place in the set.</param>
    /// <param name="step">The step; <c>^1</c> is the sample's last.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sample, or it has no such step.</exception>
    public ReadOnlySpan<float> Row(int sample, Index step)
    {
        var row = step.GetOffset(StepsOf(sample));
        return (uint)row < (uint)StepsOf(sample)
            ? this[sample].Span.Slice(row * OutputSize, OutputSize)
            : throw new ArgumentOutOfRangeException(
                nameof(step), step, $"Sample {sample} has the output steps 0 to {StepsOf(sample) - 1}.");
    }

    /// <summary>The class of each output row of a sample: its largest output, the first of equals.</summary>
    /// <param name="sample">Its place in the set.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sample.</exception>
    public int[] Classes(int sample)
    {
        var classes = new int[StepsOf(sample)];
        for (var t = 0; t < classes.Length; t++)
        {
            classes[t] = ClassMetric.Predict(Row(sample, t));
        }

        return classes;
    }

    /// <summary>Runs a model over a set.</summary>
    internal static Predictions Of(ModelCore core, TrainingSet set, int batchSize, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(set);
        if (core.Definition.MemorySize > 0)
        {
            throw new ArgumentException(
                $"{core.Definition.Name} attends to a memory, which samples do not have: predict with its encoder and it together, by " +
                "SequenceToSequenceTrainer or GreedyDecoder.", nameof(set));
        }

        set.CheckInput(core.Definition, nameof(set));
        var plan = new BatchPlan(set, new TrainingSettings { BatchSize = batchSize, BucketBatches = int.MaxValue }, evaluates: true);
        var predictions = new Predictions(core.Definition, set);
        plan.Arrange(null);
        var source = new SourceRows(core, plan.MaxSteps, plan.MaxCount);
        var output = new float[BatchRoom.Of(
            "output steps", core.Definition.OutputRows(plan.MaxSteps, 1), plan.MaxCount, core.Definition.OutputSize)];
        for (var p = 0; p < plan.Count; p++)
        {
            cancellation.ThrowIfCancellationRequested();
            var portion = plan[p];
            var samples = plan.Samples(portion);
            var isPadded = false;
            foreach (var sample in samples)
            {
                isPadded |= set[sample].Steps < portion.Steps;
            }

            source.Load(set, samples, 0, portion.Steps, isPadded);
            var length = (int)core.Definition.OutputRows(portion.Steps, portion.Count) * core.Definition.OutputSize;
            source.Run(output.AsSpan(0, length), portion.Steps);
            predictions.Take(output, samples);
        }

        return predictions;
    }

    private Range RangeOf(int sample) => (uint)sample < (uint)Count
        ? _starts[sample].._starts[sample + 1]
        : throw new ArgumentOutOfRangeException(nameof(sample), sample, $"There are the samples 0 to {Count - 1}.");

    /// <summary>Takes a batch's outputs [T, B, F].</summary>
    private void Take(ReadOnlySpan<float> output, ReadOnlySpan<int> samples)
    {
        for (var b = 0; b < samples.Length; b++)
        {
            for (var t = 0; t < StepsOf(samples[b]); t++)
            {
                output.Slice(((t * samples.Length) + b) * OutputSize, OutputSize)
                    .CopyTo(_values.AsSpan(_starts[samples[b]] + (t * OutputSize)));
            }
        }
    }
}
