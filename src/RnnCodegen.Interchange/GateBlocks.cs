namespace RnnCodegen.Interchange;

/// <summary>
/// Moves the gates' blocks of weights and biases between frameworks' orders.
/// This project's are PyTorch's: i, f, g, o and r, z, n, a row an output.
/// </summary>
public static class GateBlocks
{
    /// <summary>Source block of each of i, f, g, o where the source has i, o, f, c (ONNX).</summary>
    public static ReadOnlySpan<int> LstmFromOnnx => [0, 2, 3, 1];

    /// <summary>
    /// Source block of each of i, f, g, o where the source has i, g, f, o (TensorFlow's BasicLSTM and Block cells, Haste).
    /// </summary>
    public static ReadOnlySpan<int> LstmFromTensorFlow => [0, 2, 1, 3];

    /// <summary>Source block of each of i, f, g, o where the source has i, f, g, o (PyTorch, Keras).</summary>
    public static ReadOnlySpan<int> LstmFromKeras => [0, 1, 2, 3];

    /// <summary>Source block of each of r, z, n where the source has z, r, n (ONNX, Keras, RNNoise).</summary>
    public static ReadOnlySpan<int> GruFromUpdateFirst => [1, 0, 2];

    /// <summary>The inverse of an order: what undoes it.</summary>
    public static int[] Inverse(ReadOnlySpan<int> order)
    {
        var inverse = new int[order.Length];
        for (var k = 0; k < order.Length; k++)
        {
            inverse[order[k]] = k;
        }

        return inverse;
    }

    /// <summary>Blocks of equal length in a new order: block k of the result is block <c>order[k]</c> of the source.</summary>
    /// <param name="values">The blocks, one after the other.</param>
    /// <param name="order">Source block of each block.</param>
    public static float[] Reorder(ReadOnlySpan<float> values, ReadOnlySpan<int> order)
    {
        if (values.Length % order.Length != 0)
        {
            throw new ArgumentException($"{values.Length} values are not {order.Length} blocks.", nameof(values));
        }

        var length = values.Length / order.Length;
        var result = new float[values.Length];
        for (var k = 0; k < order.Length; k++)
        {
            values.Slice(order[k] * length, length).CopyTo(result.AsSpan(k * length));
        }

        return result;
    }

    /// <summary>The transpose [columns, rows] of a matrix [rows, columns].</summary>
    public static float[] Transpose(ReadOnlySpan<float> matrix, int rows, int columns)
    {
        if (matrix.Length != (long)rows * columns)
        {
            throw new ArgumentException($"{matrix.Length} values are not a matrix [{rows}, {columns}].", nameof(matrix));
        }

        var result = new float[matrix.Length];
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                result[(column * rows) + row] = matrix[(row * columns) + column];
            }
        }

        return result;
    }
}
