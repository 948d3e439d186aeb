namespace RnnCodegen.Reference;

/// <summary>A matrix of doubles in a <see cref="Graph"/>, with its gradient.</summary>
public sealed class Node(int rows, int columns, double[] value)
{
    private double[]? _gradient;

    public int Rows { get; } = rows;

    public int Columns { get; } = columns;

    public double[] Value { get; } = value.Length == rows * columns
        ? value
        : throw new ArgumentException($"[{rows}, {columns}] needs {rows * columns} values, got {value.Length}.", nameof(value));

    /// <summary>What inference keeps these weights as.</summary>
    public WeightFormat Format { get; init; }

    public double[] Gradient => _gradient ??= new double[Value.Length];

    /// <summary>Whether anything read from this node has a gradient yet.</summary>
    public bool HasGradient => _gradient is not null;

    public void AddGradient(ReadOnlySpan<double> gradient)
    {
        for (var i = 0; i < gradient.Length; i++)
        {
            Gradient[i] += gradient[i];
        }
    }
}
