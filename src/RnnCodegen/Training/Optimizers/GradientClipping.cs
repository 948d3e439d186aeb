using System.Numerics.Tensors;

namespace RnnCodegen;

/// <summary>Keeps gradients small.</summary>
public static class GradientClipping
{
    // PyTorch's, so that equal gradients are scaled equally.
    private const double Epsilon = 1e-6;

    /// <summary>
    /// Scales all gradients by maxNorm / (norm + 1e-6) where that is less than 1, as PyTorch's <c>clip_grad_norm_</c>. The norm is summed
    /// in double precision in a fixed order. Gradients whose norm is not finite are left as they are.
    /// </summary>
    /// <param name="gradients">The gradients of all parameters.</param>
    /// <param name="maxNorm">Largest norm allowed; infinity only measures.</param>
    /// <returns>The norm before scaling: the root of the sum of all squares.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The largest norm is negative or NaN.</exception>
    public static float ByGlobalNorm(ParameterSet gradients, float maxNorm)
    {
        ArgumentNullException.ThrowIfNull(gradients);
        return ByGlobalNorm([gradients], maxNorm);
    }

    /// <summary>As for one model's gradients, for those of several models that are trained together: their norm is that of all.</summary>
    /// <param name="gradients">The gradients of all parameters of each model.</param>
    /// <param name="maxNorm">Largest norm allowed; infinity only measures.</param>
    /// <returns>The norm before scaling: the root of the sum of all squares.</returns>
    /// <exception cref="ArgumentNullException">A model's gradients are null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The largest norm is negative or NaN.</exception>
    public static float ByGlobalNorm(ReadOnlySpan<ParameterSet> gradients, float maxNorm)
    {
        RequireLimit(maxNorm, nameof(maxNorm));
        var squares = 0.0;
        foreach (var set in gradients)
        {
            ArgumentNullException.ThrowIfNull(set, nameof(gradients));
            squares += DoubleSum.OfSquares(set.Values);
        }

        var norm = Math.Sqrt(squares);
        var scale = maxNorm / (norm + Epsilon);
        if (scale < 1 && double.IsFinite(norm))
        {
            foreach (var set in gradients)
            {
                var values = set.Edit();
                TensorPrimitives.Multiply(values, (float)scale, values);
            }
        }

        return (float)norm;
    }

    /// <summary>
    /// Limits each gradient to [-maxValue, maxValue], as PyTorch's <c>clip_grad_value_</c>. Infinities become the limit; NaN stays NaN.
    /// </summary>
    /// <param name="gradients">The gradients of all parameters.</param>
    /// <param name="maxValue">Largest absolute value allowed; infinity changes nothing.</param>
    /// <exception cref="ArgumentOutOfRangeException">The largest value is negative or NaN.</exception>
    public static void ByValue(ParameterSet gradients, float maxValue)
    {
        ArgumentNullException.ThrowIfNull(gradients);
        RequireLimit(maxValue, nameof(maxValue));
        var values = gradients.Edit();

        // Min and Max hand on what is not a number.
        TensorPrimitives.Min(values, maxValue, values);
        TensorPrimitives.Max(values, -maxValue, values);
    }

    private static void RequireLimit(float limit, string name)
    {
        if (!(limit >= 0))
        {
            throw new ArgumentOutOfRangeException(name, limit, "Must be 0 or more.");
        }
    }
}
