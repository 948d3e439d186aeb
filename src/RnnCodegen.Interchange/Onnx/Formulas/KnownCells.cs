namespace RnnCodegen.Interchange.Onnx.Formulas;

/// <summary>
/// A cell that layers have, to be recognised by what it computes of its gates. The tests hold what is recognised to the compiled layers.
/// </summary>
/// <param name="Name">Its layer.</param>
/// <param name="Gates">Its gates, in the order of the layer's rows.</param>
/// <param name="Sums">The gates' sums: which read the input, the state, or the state times the reset gate.</param>
/// <param name="States">How many states it has.</param>
/// <param name="Next">The states after the step: of the gates' values, the states before it, and the function of candidate or cell.</param>
internal sealed record KnownCell(string Name, string Gates, CellSum[] Sums, int States, Func<CellValues, (double H, double C)> Next)
{
    private static readonly CellSum s_both = new(ReadsInput: true, ReadsState: true);
    private static readonly CellSum s_input = new(ReadsInput: true, ReadsState: false);

    /// <summary>The cells.</summary>
    public static IReadOnlyList<KnownCell> All { get; } =
    [
        new("Elman", "h", [s_both], 1, v => (v[0], 0)),
        new("Lstm", "ifgo", [s_both, s_both, s_both, s_both], 2, v => Lstm(v, v[0], v[1], v[2], v[3])),
        new("CoupledLstm", "igo", [s_both, s_both, s_both], 2, v => Lstm(v, v[0], 1 - v[0], v[1], v[2])),
        new("GruResetAfter", "rzn", [s_both, s_both, s_input, new(ReadsInput: false, ReadsState: true)], 1,
            v => (Mixed(v[1], v.H, v.Function(v.Sum(2) + (v[0] * v.Sum(3)))), 0)),
        new("GruResetBefore", "rzn", [s_both, s_both, new(ReadsInput: true, ReadsState: false, ReadsReset: true)], 1,
            v => (Mixed(v[1], v.H, v[2]), 0)),
        new("MinGru", "zn", [s_input, s_input], 1, v => (Mixed(v[0], v[1], v.H), 0)),
        new("MinLstm", "fig", [s_input, s_input, s_input], 1, v => (Mixed(v[0] / (v[0] + v[1]), v.H, v[2]), 0)),
    ];

    /// <summary>Whether its gates are sigmoids, whatever else.</summary>
    public bool HasSigmoids => Name is "MinGru" or "MinLstm";

    /// <summary>The gate, by its index, that may be told as 1 minus itself; -1 for none.</summary>
    public int Update => Gates.IndexOf('z', StringComparison.Ordinal);

    private static (double H, double C) Lstm(CellValues v, double i, double f, double g, double o)
    {
        var c = (f * v.C) + (i * g);
        return (o * v.Function(c), c);
    }

    private static double Mixed(double share, double first, double second) => (share * (first - second)) + second;
}

/// <summary>What a gate's sum reads.</summary>
internal sealed record CellSum(bool ReadsInput, bool ReadsState, bool ReadsReset = false);

/// <summary>The numbers of one unit in one step.</summary>
/// <param name="sums">The sums, in the cell's order.</param>
/// <param name="functions">The functions of the gates.</param>
/// <param name="inner">The function that no sum alone has: of a candidate that is made of two sums, or of the cell.</param>
/// <param name="flipped">The gate whose value is 1 minus its function's; -1 for none.</param>
internal sealed class CellValues(double[] sums, ScalarFunction[] functions, ScalarFunction inner, int flipped)
{
    public double H { get; init; }

    public double C { get; init; }

    /// <summary>A gate's value.</summary>
    public double this[int gate] => gate == flipped ? 1 - functions[gate].Of(sums[gate]) : functions[gate].Of(sums[gate]);

    public double Sum(int index) => sums[index];

    public double Function(double x) => inner.Of(x);
}
