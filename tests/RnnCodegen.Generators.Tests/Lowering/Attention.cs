using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Lowering;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Tests.Lowering;

/// <summary>The memory of a call and attention to it.</summary>
/// <param name="rows">Rows [S, B, M].</param>
/// <param name="batch">Samples.</param>
/// <param name="lengths">Valid rows of each sample; null when all are.</param>
/// <param name="parameters">Every tensor, by name.</param>
internal sealed class Attention(double[] rows, int batch, int[]? lengths, IReadOnlyDictionary<string, double[]> parameters)
{
    private readonly Dictionary<AttentionNode, double[]> _keyGradients = [];

    /// <summary>Gradient of the rows.</summary>
    public double[] Gradient { get; } = new double[rows.Length];

    public void Forward(Attend a, RowsView query, RowsView y, RowsView? statistics, RowsView? scoreWeight, bool[] valid)
    {
        var (memory, keys) = (a.Node.Spec.Memory, Keys(a.Node));
        for (var r = 0; r < valid.Length; r++)
        {
            var shares = Shares(a.Node, query, r, keys, scoreWeight, valid[r]);
            for (var k = 0; k < memory; k++)
            {
                y[r, k] = shares.Select((share, s) => share * rows[(At(s, r) * memory) + k]).Sum();
            }

            // Shares are made anew by Backward, so that what is kept is only said to be written.
            if (statistics is { } kept)
            {
                (kept[r, 0], kept[r, 1]) = (0, 0);
            }
        }
    }

    public void Backward(
        AttendBack a, RowsView query, RowsView y, RowsView dy, RowsView dQuery, RowsView? scoreWeight, RowsView? dScoreWeight, bool[] valid)
    {
        var (node, memory, keys, width) = (a.Node, a.Node.Spec.Memory, Keys(a.Node), a.Node.KeyWidth);
        var dKeys = node.KeyWeight is null ? Gradient : _keyGradients[node] = new double[keys.Length];
        for (var r = 0; r < valid.Length; r++)
        {
            var shares = Shares(node, query, r, keys, scoreWeight, valid[r]);
            for (var s = 0; s < shares.Length; s++)
            {
                var row = At(s, r);
                var dScore = 0.0;
                for (var k = 0; k < memory; k++)
                {
                    Gradient[(row * memory) + k] += shares[s] * dy[r, k];
                    dScore += shares[s] * dy[r, k] * (rows[(row * memory) + k] - y[r, k]);
                }

                for (var u = 0; u < width; u++)
                {
                    var key = keys[(row * width) + u];
                    if (scoreWeight is { } w)
                    {
                        var tanh = Math.Tanh(query[r, u] + key);
                        dScoreWeight!.Value[0, u] += dScore * tanh;
                        dQuery[r, u] += dScore * w[0, u] * (1 - (tanh * tanh));
                        dKeys[(row * width) + u] += dScore * w[0, u] * (1 - (tanh * tanh));
                    }
                    else
                    {
                        dQuery[r, u] += dScore * Scale(node) * key;
                        dKeys[(row * width) + u] += dScore * Scale(node) * query[r, u];
                    }
                }
            }
        }
    }

    public void KeysBackward(AttendKeysBack a, RowsView weight, RowsView dWeight)
    {
        var (dKeys, width, memory) = (_keyGradients[a.Node], a.Node.KeyWidth, a.Node.Spec.Memory);
        for (var i = 0; i < dKeys.Length; i++)
        {
            for (var k = 0; k < memory; k++)
            {
                dWeight[0, (i % width * memory) + k] += dKeys[i] * rows[(i / width * memory) + k];
                Gradient[(i / width * memory) + k] += dKeys[i] * weight[0, (i % width * memory) + k];
            }
        }
    }

    private static double Scale(AttentionNode node) => node.Spec.Score == AttentionScoreKind.ScaledDot ? 1 / Math.Sqrt(node.KeyWidth) : 1;

    private double[] Keys(AttentionNode node)
    {
        if (node.KeyWeight is null)
        {
            return rows;
        }

        var (weight, memory, width) = (parameters[$"{node.Name}.{node.KeyWeight}"], node.Spec.Memory, node.KeyWidth);
        return [.. Enumerable.Range(0, rows.Length / memory * width)
            .Select(i => Enumerable.Range(0, memory).Sum(k => weight[(i % width * memory) + k] * rows[(i / width * memory) + k]))];
    }

    /// <summary>The shares of a row; none past a sample's length.</summary>
    private double[] Shares(AttentionNode node, RowsView query, int row, double[] keys, RowsView? scoreWeight, bool isValid)
    {
        var (width, steps) = (node.KeyWidth, !isValid ? 0 : lengths?[row % batch] ?? rows.Length / node.Spec.Memory / batch);
        double[] scores = [.. Enumerable.Range(0, steps).Select(s => Enumerable.Range(0, width).Sum(u =>
        {
            var key = keys[(At(s, row) * width) + u];
            return scoreWeight is { } w ? w[0, u] * Math.Tanh(query[row, u] + key) : Scale(node) * query[row, u] * key;
        }))];
        var sum = scores.Sum(v => Math.Exp(v - scores.Max()));
        return [.. scores.Select(v => Math.Exp(v - scores.Max()) / sum)];
    }

    private int At(int step, int row) => (step * batch) + (row % batch);
}
