using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>The inputs of a batch of samples, time-major and padded, and Forward over them.</summary>
internal sealed class SourceRows
{
    private readonly ModelCore _core;
    private readonly float[] _rows;
    private readonly int[] _tokens;
    private readonly int[] _lengths;
    private int _count;
    private bool _isPadded;

    /// <summary>Room for so many samples of so many steps.</summary>
    public SourceRows(ModelCore core, int maxSteps, int maxCount)
    {
        _core = core;
        _rows = new float[BatchRoom.Of("steps", maxSteps, maxCount, core.Definition.InputSize)];
        _tokens = new int[core.Definition.TakesTokens ? BatchRoom.Of("steps", maxSteps, maxCount) : 0];
        _lengths = new int[maxCount];
    }

    /// <summary>Valid steps of each sample; empty where all have all steps.</summary>
    public ReadOnlySpan<int> Lengths => _isPadded ? _lengths.AsSpan(0, _count) : default;

    /// <summary>Lays the chosen samples' steps out, from a first one on, zeros behind the shorter ones.</summary>
    /// <param name="set">The set.</param>
    /// <param name="samples">The samples.</param>
    /// <param name="first">The first step.</param>
    /// <param name="steps">Number of steps.</param>
    /// <param name="isPadded">Whether a sample of the batch, here or on another rank, has fewer.</param>
    public void Load(TrainingSet set, ReadOnlySpan<int> samples, int first, int steps, bool isPadded)
    {
        (_count, _isPadded) = (samples.Length, isPadded);
        for (var b = 0; b < samples.Length; b++)
        {
            var sample = set[samples[b]];
            _lengths[b] = Math.Clamp(sample.Steps - first, 0, steps);
            if (_core.Definition.TakesTokens)
            {
                Spread(sample.Tokens.Span, _tokens, 1, first, steps, b, _count);
            }
            else
            {
                Spread(sample.Rows.Span, _rows, _core.Definition.InputSize, first, steps, b, _count);
            }
        }
    }

    /// <summary>Runs the model over as many steps as the tape has.</summary>
    public void Forward(Tape tape, Span<float> output, ReadOnlySpan<int> lengths, ModelState? initialState, ModelState? finalState)
    {
        var rows = tape.Steps * tape.Batch;
        if (_core.Definition.TakesTokens)
        {
            _core.Forward(_tokens.AsSpan(0, rows), output, tape, lengths, initialState, finalState);
        }
        else
        {
            _core.Forward(_rows.AsSpan(0, rows * _core.Definition.InputSize), output, tape, lengths, initialState, finalState);
        }
    }

    /// <summary>What a device reads, of as many steps as the tape has.</summary>
    public DeviceRows OnDevice(Tape tape)
    {
        var rows = tape.Steps * tape.Batch;
        var input = _core.Definition.TakesTokens
            ? new ModelInput(_tokens.AsSpan(0, rows))
            : new ModelInput(_rows.AsSpan(0, rows * _core.Definition.InputSize));

        return OnDevice(_core.Definition, input, tape, Lengths);
    }

    /// <summary>What a device reads, once it is checked.</summary>
    public static DeviceRows OnDevice(ModelDefinition model, ModelInput input, Tape tape, ReadOnlySpan<int> lengths)
    {
        // What a table has no row for would end the device's work.
        if (model.TakesTokens)
        {
            ModelChecks.Tokens(model, input.Tokens, (long)tape.Steps * tape.Batch, "tokens");
        }
        else
        {
            ModelChecks.Categories(model, input.Rows, tape.Batch, lengths);
        }

        tape.Forget();
        tape.SetLengths(lengths);
        return new DeviceRows(input, tape, lengths);
    }

    /// <summary>Inference over as many steps as were laid out.</summary>
    public void Run(Span<float> output, int steps)
    {
        var rows = steps * _count;
        if (_core.Definition.TakesTokens)
        {
            _core.Run(_tokens.AsSpan(0, rows), output, steps, _count, Lengths);
        }
        else
        {
            _core.Run(_rows.AsSpan(0, rows * _core.Definition.InputSize), output, steps, _count, Lengths);
        }
    }

    /// <summary>Copies a sample's rows, from a first one on, to every B-th row of a batch; zeros where the sample has no more.</summary>
    public static void Spread<T>(ReadOnlySpan<T> sample, Span<T> batch, int width, int first, int steps, int b, int count)
    {
        sample = sample[Math.Min(first * width, sample.Length)..];
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
