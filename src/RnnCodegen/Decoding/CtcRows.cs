using System.Numerics.Tensors;

namespace RnnCodegen;

/// <summary>The outputs of one sample that was trained by <see cref="CtcLoss"/>, as log-probabilities.</summary>
internal sealed class CtcRows
{
    private double[] _logs = [];

    public CtcRows(int classes, int blankIndex)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        ArgumentOutOfRangeException.ThrowIfNegative(blankIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(blankIndex, classes);
        (Classes, Blank) = (classes, blankIndex);
    }

    /// <summary>Features of an output row, the blank included.</summary>
    public int Classes { get; }

    public int Blank { get; }

    /// <summary>What made the rows.</summary>
    public OutputTransform Output
    {
        get;
        set => field = value is not OutputTransform.Sigmoid
            ? value
            : throw new ArgumentException("Sigmoids are no distribution over classes; CTC trains softmax.", nameof(Output));
    }

    /// <summary>Rows of an output [T, F].</summary>
    public int Steps(ReadOnlySpan<float> output)
    {
        var (steps, rest) = Math.DivRem(output.Length, Classes);
        return rest == 0
            ? steps
            : throw new ArgumentException($"{output.Length} values are no whole number of rows of {Classes} classes.", nameof(output));
    }

    /// <summary>The log-probabilities of a row; valid until the next call.</summary>
    public ReadOnlySpan<double> Logs(ReadOnlySpan<float> output, int step)
    {
        if (_logs.Length == 0)
        {
            _logs = new double[Classes];
        }

        var row = output.Slice(step * Classes, Classes);
        if (GradientGuard.IndexOfBad(row) is >= 0 and var bad)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"Output {bad} at step {step} is {row[bad]}, with which nothing can be decoded."),
                nameof(output));
        }

        if (Output == OutputTransform.Softmax && (TensorPrimitives.Min(row) < 0 || TensorPrimitives.Max(row) == 0))
        {
            throw new ArgumentException($"The outputs at step {step} are no probabilities; set Output to what made them.", nameof(output));
        }

        SoftmaxRow.Logs(row, Output, _logs);
        return _logs;
    }
}
