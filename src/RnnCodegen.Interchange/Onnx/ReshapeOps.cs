namespace RnnCodegen.Interchange.Onnx;

/// <summary>Reshape and Flatten: which axes of the result are which of the old ones, several in one, or parts of one.</summary>
internal static class ReshapeOps
{
    public static GraphValue[] Reshape(NodeReader n)
    {
        var value = n.Input(0);
        var allowsZero = n.Integer("allowzero", 0) != 0;
        var target = SizeOps.Items(n, n.Input(1)).ToList();
        if (target.Count > Constant.MaxRank)
        {
            throw n.Refuse($"it makes {target.Count} axes, more than the {Constant.MaxRank} that are followed");
        }

        return value is RepeatedSizeValue ? [value]
            : value is RepeatedValue repeated && LayoutOps.IsUniform(repeated) ? [new RepeatedValue(repeated.Part.Uniform())]
            : [Reshaped(n, value, target, allowsZero)];
    }

    public static GraphValue[] Flatten(NodeReader n)
    {
        var value = n.Input(0);
        var sizes = Sizes(n, value);
        var axis = n.Integer("axis", 1) is var given && given == sizes.Length ? sizes.Length : n.Axis(given, sizes.Length);
        return [Reshaped(n, value, [Product(n, sizes[..axis]), Product(n, sizes[axis..])], allowsZero: true)];
    }

    private static GraphValue Reshaped(NodeReader n, GraphValue value, List<AxisSize> target, bool allowsZero)
    {
        if (value is StatesValue states)
        {
            value = RecurrentOps.ToRows(n, states);
        }

        var sizes = Sizes(n, value);
        Resolve(n, sizes, target, allowsZero);
        switch (value)
        {
            case ConstantValue { Tensor: var tensor }:
                var shape = target.Select(
                    t => t.Value is >= 0 and <= int.MaxValue
                        ? (int)t.Value
                        : throw n.Refuse("it gives a constant a shape that depends on the input")).ToArray();
                return shape.Aggregate(1L, (product, size) => product * size) == tensor.Length
                    ? new ConstantValue(tensor.Reshaped(shape))
                    : throw n.Refuse($"it gives {tensor.Length} values the shape {Constant.Describe(shape)}");
            case RowsValue rows:
                return new RowsValue(rows.Source, Match(n, rows.Axes, target)) { TimePads = rows.TimePads };
            case InputPartValue part:
                var axes = Match(n, part.Axes, target);
                return axes.All(a => a.Parts.Length == 0)
                    ? part.Moved(axes, [.. axes.Select(a => Array.IndexOf(part.Axes, a))])
                    : throw n.Refuse("it puts several axes of a part of an input into one");
            case SizesValue list when target.Count <= 1:
                return new SizesValue(list.Items, isScalar: target.Count == 0);
            default:
                throw n.Refuse($"it reshapes {NodeReader.Kind(value)}");
        }
    }

    private static AxisSize[] Sizes(NodeReader n, GraphValue value) => value switch
    {
        ConstantValue { Tensor: var tensor } => [.. tensor.Shape.Select(s => AxisSize.Of(s))],
        RowsValue rows => [.. rows.Axes.Select(AxisSize.Of)],
        StatesValue states => [.. states.Axes.Select(AxisSize.Of)],
        InputPartValue part => [.. part.Axes.Select(AxisSize.Of)],
        SizesValue { IsScalar: true } => [],
        SizesValue list => [AxisSize.Of(list.Items.Length)],
        _ => throw n.Refuse($"it reshapes {NodeReader.Kind(value)}"),
    };

    /// <summary>Replaces 0 (the old size) and -1 (whatever is left) by what they stand for.</summary>
    private static void Resolve(NodeReader n, AxisSize[] sizes, List<AxisSize> target, bool allowsZero)
    {
        var rest = -1;
        for (var k = 0; k < target.Count; k++)
        {
            if (target[k].Value == 0 && !allowsZero)
            {
                target[k] = k < sizes.Length ? sizes[k] : throw n.Refuse($"its size {k} is that of an axis which is not there");
            }
            else if (target[k].Value == -1)
            {
                rest = rest < 0 ? k : throw n.Refuse("two of its sizes are -1");
            }
        }

        if (rest >= 0)
        {
            var others = Product(n, target.Where((_, k) => k != rest));
            target[rest] = Product(n, sizes).DividedBy(others)
                ?? throw n.Refuse("the size that is to be found, -1, does not follow from the others");
        }
    }

    private static AxisSize Product(NodeReader n, IEnumerable<AxisSize> sizes) =>
        sizes.Aggregate((AxisSize?)AxisSize.One, (product, size) => product is null ? null : product * size)
            ?? throw n.Refuse("its sizes have no product");

    /// <summary>Walks both shapes, and pairs the shortest runs of axes that are equally large.</summary>
    private static Axis[] Match(NodeReader n, Axis[] axes, List<AxisSize> target)
    {
        var old = axes.ToList();
        var result = new List<Axis>();
        var (i, j) = (0, 0);
        while (i < old.Count || j < target.Count)
        {
            if (j < target.Count && target[j].IsOne)
            {
                result.Add(i < old.Count && old[i].IsOne ? old[i++] : new Axis(size: 1));
                j++;
            }
            else if (i < old.Count && old[i].IsOne)
            {
                i++;
            }
            else if (i == old.Count || j == target.Count)
            {
                throw n.Refuse("its sizes are not those of its input");
            }
            else
            {
                (i, j) = MatchRun(n, old, target, result, i, j);
            }
        }

        return [.. result];
    }

    private static (int I, int J) MatchRun(NodeReader n, List<Axis> old, List<AxisSize> target, List<Axis> result, int i, int j)
    {
        var first = i;
        AxisSize left = AxisSize.Of(old[i++]), right = target[j++];
        if (left.Equals(right))
        {
            result.Add(old[first]);
            return (i, j);
        }

        // One new axis for several old ones.
        while (right.DividedBy(left) is not null && !left.Equals(right) && i < old.Count)
        {
            left = Product(n, [left, AxisSize.Of(old[i++])]);
        }

        if (left.Equals(right))
        {
            result.Add(Joined(n, old[first..i].Where(a => !a.IsOne).ToList()));
            return (i, j);
        }

        // Several new axes for an old one that is several in one: take it apart, and walk on.
        if (i == first + 1 && old[first].Parts is { Length: > 0 } parts)
        {
            old.RemoveAt(first);
            old.InsertRange(first, parts);
            return (first, j - 1);
        }

        if (i == first + 1 && old[first] is { Role: AxisRole.Feature, Split: null } features
            && Split(features, target, j - 1) is { } pieces)
        {
            result.AddRange(pieces);
            return (i, j - 1 + pieces.Length);
        }

        throw n.Refuse("it mixes axes: steps, samples and features have to stay apart");
    }

    /// <summary>The features as several axes, in their order; null where the sizes are not such.</summary>
    private static Axis[]? Split(Axis features, List<AxisSize> target, int first)
    {
        var (sizes, product) = (new List<long>(), 1L);
        for (var k = first; k < target.Count && product != features.Size && target[k].Value is > 0 and <= int.MaxValue and { } size; k++)
        {
            sizes.Add(size);
            product *= size;
            if (product > features.Size)
            {
                return null;
            }
        }

        var count = sizes.Count(s => s != 1);
        var index = 0;
        return product != features.Size || count < 2 ? null
            : features.Joint is { } joint && sizes.Count == 2 && joint.Directions.Size == sizes[0] && joint.Features.Size == sizes[1]
                ? [joint.Directions, joint.Features]
            : [.. sizes.Select(s => s == 1 ? new Axis(size: 1) : new Axis(AxisRole.Feature, s) { Split = (features, index++, count) })];
    }

    private static Axis Joined(NodeReader n, List<Axis> parts)
    {
        if (parts is [{ Role: AxisRole.Direction }, { Role: AxisRole.Feature }])
        {
            return new Axis(AxisRole.Feature, parts[0].Size * parts[1].Size) { Joint = (parts[0], parts[1]) };
        }

        if (parts[0].Split is { } split && split.Count == parts.Count
            && parts.Select((p, k) => p.Split is { } own && own.Whole == split.Whole && own.Index == k).All(fits => fits))
        {
            return split.Whole;
        }

        return parts.Count == 1 ? parts[0]
            : parts.Exists(p => p.Role is AxisRole.Feature or AxisRole.Direction)
                ? throw n.Refuse("it puts features of several steps or samples into one row; no layer reads those")
            : Axis.Merged(parts);
    }
}
