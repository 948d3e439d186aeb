using System.Text;
using RnnCodegen.Interchange.Onnx.Format;

namespace RnnCodegen.Interchange.Onnx;

/// <summary>
/// What nodes' names say. Exporters name a node after the module it belongs to and its operator: <c>/encoder/lstm/LSTM_1</c>; the module is
/// its scope.
/// </summary>
internal static class NodeScope
{
    public static string Of(NodeProto node)
    {
        var segments = node.Name.Split('/', StringSplitOptions.RemoveEmptyEntries).ToList();
        if (segments.Count > 0 && IsOperator(segments[^1], node.Op))
        {
            segments.RemoveAt(segments.Count - 1);
        }

        return string.Join('/', segments);
    }

    /// <summary>
    /// A property's name for a scope: its last segment that starts with a letter, with those behind it; null where there is none.
    /// </summary>
    public static string? PropertyName(string scope)
    {
        var segments = scope.Split('/');
        var last = Array.FindLastIndex(segments, s => s.Length > 0 && char.IsAsciiLetter(s[0]));
        if (last < 0)
        {
            return null;
        }

        var name = new StringBuilder();
        var isStart = true;
        foreach (var c in string.Join('_', segments[last..]))
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                name.Append(isStart ? char.ToUpperInvariant(c) : c);
                isStart = false;
            }
            else
            {
                isStart = true;
            }
        }

        return name.ToString();
    }

    // MatMul, MatMul_3, MatMul__27 and what Keras calls its additions.
    private static bool IsOperator(string segment, string op)
    {
        var end = segment.Length;
        while (end > 0 && char.IsAsciiDigit(segment[end - 1]))
        {
            end--;
        }

        var stem = end > 0 && end < segment.Length && segment[end - 1] == '_' ? segment[..end].TrimEnd('_') : segment;
        return stem == op || stem is "BiasAdd" or "Tensordot";
    }
}
