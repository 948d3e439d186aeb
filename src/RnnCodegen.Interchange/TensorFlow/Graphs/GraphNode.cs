using System.Runtime.InteropServices;
using RnnCodegen.Interchange.Onnx.Format;

namespace RnnCodegen.Interchange.TensorFlow.Graphs;

/// <summary>A constant of a TensorFlow graph.</summary>
/// <param name="Shape">Its sizes.</param>
/// <param name="Values">Its values, row after row.</param>
internal sealed record GraphConstant(int[] Shape, double[] Values)
{
    /// <summary>A number by itself, or one that stands for many alike.</summary>
    public double? Number => Values.Length > 0 && Array.TrueForAll(Values, v => v == Values[0]) ? Values[0] : null;
}

/// <summary>An operator of a TensorFlow graph.</summary>
internal sealed class GraphNode
{
    private const int MaxValues = 1 << 28;

    public string Name { get; private set; } = "";

    public string Op { get; private set; } = "";

    /// <summary>What it reads, <c>node</c> or <c>node:output</c>; not what only has to run before it.</summary>
    public List<string> Inputs { get; } = [];

    /// <summary>Its whole numbers and flags.</summary>
    public Dictionary<string, long> Numbers { get; } = new(StringComparer.Ordinal);

    /// <summary>Its texts.</summary>
    public Dictionary<string, string> Texts { get; } = new(StringComparer.Ordinal);

    /// <summary>The declared sizes of a Placeholder, below 1 where calls choose; null where nothing is declared.</summary>
    public List<int>? Shape { get; private set; }

    /// <summary>The number of the type of its values.</summary>
    public long Type { get; private set; }

    /// <summary>The value of a Const; null where it is of a type without numbers.</summary>
    public GraphConstant? Value { get; private set; }

    /// <summary>Reads the nodes of a frozen graph.</summary>
    /// <exception cref="InvalidDataException">The bytes are not such a file.</exception>
    public static List<GraphNode> ReadAll(string file, byte[] bytes)
    {
        var nodes = new List<GraphNode>();
        try
        {
            MessageReader.Read(file, bytes, (reader, field) =>
            {
                if (field != 1)
                {
                    return false;
                }

                var node = new GraphNode();
                reader.Message(node.ReadField);
                nodes.Add(node);
                return true;
            });
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"'{file}': the file is truncated or not a TensorFlow graph.", e);
        }

        return nodes;
    }

    private bool ReadField(MessageReader reader, int field)
    {
        switch (field)
        {
            case 1:
                Name = reader.Text();
                return true;
            case 2:
                Op = reader.Text();
                return true;
            case 3:
                if (reader.Text() is var input && !input.StartsWith('^'))
                {
                    Inputs.Add(input.EndsWith(":0", StringComparison.Ordinal) ? input[..^2] : input);
                }

                return true;
            case 5:
                var key = "";
                reader.Message((r, number) =>
                {
                    switch (number)
                    {
                        case 1:
                            key = r.Text();
                            return true;
                        case 2:
                            r.Message((v, kind) => ReadAttribute(v, kind, key));
                            return true;
                        default:
                            return false;
                    }
                });
                return true;
            default:
                return false;
        }
    }

    private bool ReadAttribute(MessageReader reader, int kind, string key)
    {
        switch (kind)
        {
            case 2:
                Texts[key] = System.Text.Encoding.UTF8.GetString(reader.Bytes());
                return true;
            case 3 or 5 or 6:
                Numbers[key] = reader.Integer();
                Type = key is "dtype" ? Numbers[key] : Type;
                return true;
            case 7 when key == "shape":
                Shape = ReadShape(reader);
                return true;
            case 8 when key == "value":
                Value = ReadTensor(reader);
                return true;
            default:
                return false;
        }
    }

    private static List<int> ReadShape(MessageReader reader)
    {
        var sizes = new List<int>();
        reader.Message((r, field) =>
        {
            if (field != 2)
            {
                return false;
            }

            // A size of 0 is written by leaving it out.
            var size = 0L;
            r.Message((d, number) =>
            {
                if (number != 1)
                {
                    return false;
                }

                size = d.Integer();
                return true;
            });
            sizes.Add((int)Math.Clamp(size, -1, int.MaxValue));
            return true;
        });
        return sizes;
    }

    private static GraphConstant? ReadTensor(MessageReader reader)
    {
        var (type, shape, raw) = (0L, new List<int>(), Array.Empty<byte>());
        var (floats, doubles, integers) = (new List<float>(), new List<double>(), new List<long>());
        reader.Message((r, field) =>
        {
            switch (field)
            {
                case 1:
                    type = r.Integer();
                    return true;
                case 2:
                    shape = ReadShape(r);
                    return true;
                case 4:
                    raw = r.Bytes();
                    return true;
                case 5:
                    r.Floats(floats);
                    return true;
                case 6:
                    r.Doubles(doubles);
                    return true;
                case 7 or 10 or 11:
                    r.Integers(integers);
                    return true;
                default:
                    return false;
            }
        });
        var count = shape.Aggregate(1L, (product, size) => Math.Min(product * Math.Max(size, 0), MaxValues));
        double[]? values = (type, raw.Length) switch
        {
            (1, > 0) => Array.ConvertAll(MemoryMarshal.Cast<byte, float>(raw).ToArray(), v => (double)v),
            (2, > 0) => MemoryMarshal.Cast<byte, double>(raw).ToArray(),
            (3, > 0) => Array.ConvertAll(MemoryMarshal.Cast<byte, int>(raw).ToArray(), v => (double)v),
            (9, > 0) => Array.ConvertAll(MemoryMarshal.Cast<byte, long>(raw).ToArray(), v => (double)v),
            (10, > 0) => Array.ConvertAll(raw, v => (double)v),
            (1, 0) => [.. floats.Select(v => (double)v)],
            (2, 0) => [.. doubles],
            (3 or 9 or 10, 0) => [.. integers.Select(v => (double)v)],
            _ => null,
        };

        // One value stands for all, and none for zeros.
        return values is null || count >= MaxValues || (values.Length > 1 && values.Length != count) ? null
            : new GraphConstant([.. shape],
                values.Length == count ? values : [.. Enumerable.Repeat(values.Length == 0 ? 0 : values[0], (int)count)]);
    }
}
