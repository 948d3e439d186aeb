namespace RnnCodegen.Generators.Graph;

/// <summary>
/// Joins layers that take each row for itself: one that is the only reader of another's rows becomes a part of it, so that rows are walked
/// once.
/// </summary>
internal static class RowFusion
{
    private const int MostFunctions = 8;

    /// <param name="nodes">The nodes of a model, in order.</param>
    /// <param name="output">What the model hands on, which stays a value.</param>
    public static IReadOnlyList<Node> Fuse(IReadOnlyList<Node> nodes, Value output)
    {
        var readers = nodes.SelectMany(n => n.Reads).GroupBy(v => v).ToDictionary(g => g.Key, g => g.Count());
        var fused = new List<Node>();
        foreach (var node in nodes)
        {
            var row = node as RowNode;
            var before = row is { Inputs.Count: 1 } && row.Inputs[0] != output && readers[row.Inputs[0]] == 1
                ? fused.FindIndex(n => n.Result == row.Inputs[0])
                : -1;
            var joined = before < 0 ? null : Join(fused[before], row!);
            if (joined is null)
            {
                fused.Add(node);
            }
            else
            {
                fused.RemoveAt(before);
                fused.Add(joined);
            }
        }

        return fused;
    }

    /// <summary>Null where the two stay apart.</summary>
    private static Node? Join(Node first, RowNode then)
    {
        RowFunction[] functions = [.. FunctionsOf(first), .. then.Functions];

        // Behind sums, all that was computed before is computed again; and a method stays one that can be read.
        if (functions.Length > MostFunctions || functions.Count(f => f.HasSums) > 1)
        {
            return null;
        }

        return first switch
        {
            RowNode row => RowNode.Of(then.Name, functions, row.Inputs, then.Output),
            DenseNode dense => DenseNode.Of(dense.Name, dense.Spec, functions, dense.Input, then.Output) with
            {
                Weight = dense.Weight, Window = dense.Window,
            },
            _ => null,
        };
    }

    private static IReadOnlyList<RowFunction> FunctionsOf(Node node) =>
        node switch { RowNode row => row.Functions, DenseNode dense => dense.Functions, _ => [] };
}
