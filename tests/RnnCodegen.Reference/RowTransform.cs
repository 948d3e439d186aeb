namespace RnnCodegen.Reference;

/// <summary>Functions of a whole row, as docs/math.md defines them.</summary>
public static class RowTransform
{
    /// <summary>exp(y) / sum(exp(y)).</summary>
    public static double[] Softmax(double[] row) => Array.ConvertAll(LogSoftmax(row), Math.Exp);

    /// <summary>y - log(sum(exp(y))).</summary>
    public static double[] LogSoftmax(double[] row)
    {
        var max = row.Max();
        var total = max + Math.Log(row.Sum(v => Math.Exp(v - max)));
        return Array.ConvertAll(row, v => v - total);
    }

    /// <summary>A row of outputs as inference returns it.</summary>
    public static double[] Of(OutputTransform transform, double[] row) => transform switch
    {
        OutputTransform.None => row,
        OutputTransform.Softmax => Softmax(row),
        OutputTransform.LogSoftmax => LogSoftmax(row),
        OutputTransform.Sigmoid => Array.ConvertAll(row, v => ScalarFunction.Value(Activation.Sigmoid, v)),
        _ => throw new ArgumentOutOfRangeException(nameof(transform), transform, "Use one of the enum's values."),
    };
}
