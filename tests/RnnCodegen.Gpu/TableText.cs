using System.Globalization;

namespace RnnCodegen.Gpu;

/// <summary>The table of both sides, in Markdown.</summary>
static class TableText
{
    /// <summary>Columns of PyTorch's side, as its script names them.</summary>
    private static readonly string[] s_columns = ["fp32", "tf32", "fp16", "bf16"];

    /// <summary>Writes the table.</summary>
    /// <param name="ours">Lines of name and microseconds a step.</param>
    /// <param name="theirs">The same with a column's name between; may be empty.</param>
    /// <param name="isRehearsal">Whether times mean nothing, and are left out.</param>
    public static void Write(string[] ours, string[] theirs, bool isRehearsal)
    {
        Console.WriteLine(
            "| microseconds a step | RnnCodegen | PyTorch fp32 | PyTorch TF32 | PyTorch fp16, flattened | " +
            "PyTorch bf16 (compacts its weights at each call) | times PyTorch of the same precision | target | |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
        var own = ours.Select(line => line.Split('\t')).ToDictionary(f => f[0], f => Number(f[1]));
        var other = theirs.Select(line => line.Split('\t')).ToDictionary(f => (f[0], f[1]), f => Number(f[2]));
        foreach (var row in ComparisonRow.All)
        {
            double? mine = own.TryGetValue(row.Name, out var value) ? value : null;
            var column = row.Precision switch
            {
                CudaPrecision.TensorFloat32 => "tf32", CudaPrecision.BFloat16 => "bf16", _ => "fp32",
            };
            double? theirsOfIt = other.TryGetValue((row.Name, column), out var there) ? there : null;
            var cells = s_columns.Select(c => other.TryGetValue((row.Name, c), out var took) ? Text(took) : "-");
            var ratio = theirsOfIt / mine;
            Console.WriteLine(
                $"| {row.Name} | {(isRehearsal ? "rehearsed" : mine is { } m ? Text(m) : "-")} | {string.Join(" | ", cells)} | " +
                $"{(isRehearsal || ratio is null ? "-" : Text(ratio.Value))} | {Target(row)} | " +
                $"{(isRehearsal ? "not yet run on a GPU" : Verdict(row, mine, ratio))} |");
        }
    }

    private static string Target(ComparisonRow row) => string.Join(" and ", new[]
    {
        row.Target > 0 ? $">= {row.Target.ToString(CultureInfo.InvariantCulture)} times" : "",
        row.Microseconds > 0 ? $"< {row.Microseconds} us" : "",
    }.Where(part => part.Length > 0));

    private static string Verdict(ComparisonRow row, double? mine, double? ratio) =>
        mine is null || (row.Target > 0 && ratio is null) ? "not measured"
        : (row.Target > 0 && ratio < row.Target) || (row.Microseconds > 0 && mine >= row.Microseconds) ? "missed"
        : "met";

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static string Text(double value) => value.ToString(value < 10 ? "F2" : "F1", CultureInfo.InvariantCulture);
}
