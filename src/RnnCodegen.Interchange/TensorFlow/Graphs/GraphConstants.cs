using System.Globalization;

namespace RnnCodegen.Interchange.TensorFlow.Graphs;

/// <summary>What of a graph does not depend on its input: constants and their parts.</summary>
internal sealed class GraphConstants(IReadOnlyDictionary<string, GraphNode> nodes)
{
    private const int MaxDepth = 64;
    private const int MaxRange = 1 << 16;

    private readonly Dictionary<string, GraphConstant?> _found = new(StringComparer.Ordinal);

    /// <summary>A value's constant; null where it depends on the input, or is made in a way that is not followed.</summary>
    public GraphConstant? Of(string value) => Of(value, 0);

    /// <summary>The size of the last axis of a value that is made of zeros; null where the file does not say it.</summary>
    public int? LastSize(string value, int depth = 0)
    {
        if (depth > MaxDepth || !nodes.TryGetValue(value, out var node))
        {
            return null;
        }

        switch (node.Op)
        {
            case "Identity" or "Enter":
                return LastSize(node.Inputs[0], depth + 1);
            case "Fill":
                return LastItem(node.Inputs[0], depth + 1);
            case "Tile":
                return LastItem(node.Inputs[1], depth + 1);
            default:
                return Of(value) is { Shape: [.., var size] } ? size : null;
        }
    }

    /// <summary>Whether a value is zeros, whatever its shape.</summary>
    public bool IsZero(string value, int depth = 0)
    {
        if (depth > MaxDepth || !nodes.TryGetValue(value, out var node))
        {
            return false;
        }

        return node.Op switch
        {
            "ZerosLike" => true,
            "Identity" or "Enter" or "Tile" or "ExpandDims" or "Sum" or "Reshape" or "Mean" => IsZero(node.Inputs[0], depth + 1),
            "Fill" => Of(node.Inputs[1])?.Number == 0,
            _ => Of(value)?.Number == 0,
        };
    }

    /// <summary>Whether a value is 0, 1, 2 and so on, however many.</summary>
    public bool CountsUp(string value, int depth = 0) => depth <= MaxDepth && nodes.GetValueOrDefault(value) switch
    {
        { Op: "Identity" or "Enter", Inputs: [var source, ..] } => CountsUp(source, depth + 1),
        { Op: "Range", Inputs: [var start, _, var step] } => Of(start)?.Number == 0 && Of(step)?.Number == 1,
        _ => Of(value) is { } list && list.Values.Select((v, k) => v == k).All(same => same),
    };

    private GraphConstant? Of(string value, int depth)
    {
        if (depth <= MaxDepth && value.IndexOf(':') is > 0 and var colon
            && int.TryParse(value.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var output))
        {
            return nodes.GetValueOrDefault(value[..colon]) is { Op: "Unpack" } parts ? Part(parts, output, depth + 1) : null;
        }

        if (depth > MaxDepth || !nodes.TryGetValue(value, out var node))
        {
            return null;
        }

        if (!_found.TryGetValue(value, out var found))
        {
            found = Compute(node, depth + 1);
            _found[value] = found;
        }

        return found;
    }

    private GraphConstant? Compute(GraphNode node, int depth)
    {
        switch (node.Op)
        {
            case "Const":
                return node.Value;
            case "Identity" or "Enter" or "StopGradient" or "Snapshot":
                return Of(node.Inputs[0], depth);
            case "Fill":
                // Of any shape, so that it stands for as many as are needed.
                return Of(node.Inputs[1], depth) is { Number: { } number } ? new GraphConstant([], [number]) : null;
            case "StridedSlice":
                return Sliced(node, depth);
            case "Unpack":
                return Part(node, 0, depth);
            case "Transpose":
                return (Of(node.Inputs[0], depth), Of(node.Inputs[1], depth)) is
                    ({ Shape: [var rows, var columns] } matrix, { Values: [1, 0] })
                        ? new GraphConstant([columns, rows], Transposed(matrix.Values, rows, columns))
                        : null;
            case "ConcatV2" or "Pack":
                var count = node.Op == "Pack" ? node.Inputs.Count : node.Inputs.Count - 1;
                var parts = node.Inputs.Take(count).Select(i => Of(i, depth)).ToList();
                return parts.TrueForAll(p => p is { Shape.Length: < 2 })
                    ? new GraphConstant([parts.Sum(p => p!.Values.Length)], [.. parts.SelectMany(p => p!.Values)])
                    : null;
            case "Range":
                return (Of(node.Inputs[0], depth)?.Number, Of(node.Inputs[1], depth)?.Number, Of(node.Inputs[2], depth)?.Number) is
                    ({ } first, { } end, 1) && end - first is >= 0 and < MaxRange and var length
                        ? new GraphConstant([(int)length], [.. Enumerable.Range(0, (int)length).Select(k => first + k)])
                        : null;
            default:
                return null;
        }
    }

    /// <summary>The transpose [columns, rows] of a matrix.</summary>
    public static double[] Transposed(double[] matrix, int rows, int columns) =>
        [.. Enumerable.Range(0, columns).SelectMany(c => Enumerable.Range(0, rows).Select(r => matrix[(r * columns) + c]))];

    /// <summary>One of the rows that a node makes of a matrix.</summary>
    private GraphConstant? Part(GraphNode node, int row, int depth) =>
        Of(node.Inputs[0], depth) is { Shape: [var rows, var columns] } matrix
        && node.Numbers.GetValueOrDefault("axis") == 0 && row >= 0 && row < rows
            ? new GraphConstant([columns], matrix.Values[(row * columns)..((row + 1) * columns)])
            : null;

    /// <summary>Parts of a vector, or of the columns or rows of a matrix.</summary>
    private GraphConstant? Sliced(GraphNode node, int depth)
    {
        if (Of(node.Inputs[0], depth) is not { Shape.Length: 1 or 2 } source || Of(node.Inputs[1], depth) is not { } begin
            || Of(node.Inputs[2], depth) is not { } end || Of(node.Inputs[3], depth) is not { Number: 1 }
            || begin.Values.Length != source.Shape.Length || node.Numbers.GetValueOrDefault("ellipsis_mask") != 0
            || node.Numbers.GetValueOrDefault("new_axis_mask") != 0 || node.Numbers.GetValueOrDefault("shrink_axis_mask") != 0)
        {
            return null;
        }

        var ranges = source.Shape.Select((size, axis) => (
            From: Place(begin.Values[axis], size, node.Numbers.GetValueOrDefault("begin_mask") >> axis & 1, 0),
            To: Place(end.Values[axis], size, node.Numbers.GetValueOrDefault("end_mask") >> axis & 1, size))).ToArray();
        if (Array.Exists(ranges, r => r.To < r.From))
        {
            return null;
        }

        var inner = ranges[^1];
        var rows = ranges.Length == 1 ? [source.Values] : source.Values.Chunk(source.Shape[1]).Take(ranges[0].To).Skip(ranges[0].From);
        return new GraphConstant([.. ranges.Select(r => r.To - r.From)], [.. rows.SelectMany(row => row[inner.From..inner.To])]);

        static int Place(double value, int size, long isOpen, int open) =>
            isOpen != 0 ? open : (int)Math.Clamp(value < 0 ? value + size : value, 0, size);
    }

    /// <summary>The last number of a list of sizes, of which the others may depend on the input.</summary>
    private int? LastItem(string sizes, int depth)
    {
        if (Of(sizes) is { Values: [.., var last] })
        {
            return (int)last;
        }

        return depth < MaxDepth && nodes.TryGetValue(sizes, out var node)
            ? node.Op switch
            {
                "ConcatV2" when node.Inputs.Count > 1 => LastItem(node.Inputs[^2], depth + 1),
                "Pack" when node.Inputs.Count > 0 => LastItem(node.Inputs[^1], depth + 1),
                _ => null,
            }
            : null;
    }
}
