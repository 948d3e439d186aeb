using RnnCodegen.Runtime;

namespace RnnCodegen.Tool.Quantization;

/// <summary>What a weight format does to a model's tensors: docs/math.md, "Weight formats".</summary>
internal static class WeightRounding
{
    /// <summary>Whether the formats round a tensor; others stay float32.</summary>
    public static bool Applies(ParameterInfo tensor) =>
        tensor.Role is ParameterRole.InputWeight or ParameterRole.HiddenWeight or ParameterRole.ProjectionWeight
            or ParameterRole.DenseWeight;

    /// <summary>Bytes of a tensor in memory; the scales of 8-bit weights included.</summary>
    public static long Bytes(ParameterInfo tensor, WeightFormat format) => !Applies(tensor) ? 4L * tensor.Length : format switch
    {
        WeightFormat.BFloat16 => 2L * tensor.Length,
        WeightFormat.Int8 => tensor.Length + (4L * tensor.Rows),
        _ => 4L * tensor.Length,
    };

    /// <summary>The largest error of a tensor's values, and their errors' root mean square as a part of the values' own.</summary>
    public static (double Largest, double Relative) Error(Parameter tensor, WeightFormat format)
    {
        var (largest, errors, squares) = (0.0, 0.0, 0.0);
        var values = tensor.Values;
        var columns = values.Length / tensor.Info.Rows;
        for (var row = 0; row < tensor.Info.Rows; row++)
        {
            var weights = values.Slice(row * columns, columns);
            var greatest = 0f;
            foreach (var weight in weights)
            {
                greatest = MathF.Max(greatest, MathF.Abs(weight));
            }

            foreach (var weight in weights)
            {
                double error = Rounded(weight, greatest, format) - weight;
                (largest, errors, squares) = (Math.Max(largest, Math.Abs(error)), errors + (error * error),
                    squares + ((double)weight * weight));
            }
        }

        return (largest, squares == 0 ? 0 : Math.Sqrt(errors / squares));
    }

    private static double Rounded(float weight, float greatest, WeightFormat format) => format switch
    {
        WeightFormat.BFloat16 => BitConverter.UInt32BitsToSingle((uint)BFloat16Packer.Round(weight) << 16),
        WeightFormat.Int8 => greatest == 0 ? 0 : Math.Round(weight * (127.0 / greatest), MidpointRounding.ToEven) * (greatest / 127f),
        _ => weight,
    };
}
