namespace RnnCodegen.Interchange;

/// <summary>Reads a state dict's tensors as weights.</summary>
internal static class StateDictValues
{
    /// <summary>The values as finite floats.</summary>
    /// <exception cref="InvalidDataException">The tensor holds whole numbers, or a value is not finite or beyond float32.</exception>
    public static float[] Read(string file, SafeTensor tensor)
    {
        if (tensor.DataType is not ("F32" or "F64" or "F16" or "BF16"))
        {
            throw new InvalidDataException(
                $"'{file}': the tensor '{tensor.Name}' is {tensor.DataType}; weights are F32, F64, F16 or BF16. Quantised models are not " +
                "read: save the float one.");
        }

        float[] values;
        try
        {
            values = tensor.ToFloats();
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"'{file}': {e.Message}", e);
        }

        var bad = values.AsSpan().IndexOfAnyExceptInRange(float.MinValue, float.MaxValue);
        return bad < 0
            ? values
            : throw new InvalidDataException(
                $"'{file}': value {bad} of the tensor '{tensor.Name}' is {values[bad]}; weights must be finite.");
    }
}
