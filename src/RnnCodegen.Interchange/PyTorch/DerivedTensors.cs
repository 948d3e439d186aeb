using System.Text.RegularExpressions;

namespace RnnCodegen.Interchange;

/// <summary>A tensor as the model computes with it, which may be made of several in the file.</summary>
/// <param name="Name">The name that the module knows it by.</param>
/// <param name="Tensor">Its values, or where it cannot be had the first of its parts.</param>
/// <param name="IsDerived">Whether it is made of others, so that its place in the file says nothing.</param>
/// <param name="Note">What was made of what; null where it is as the file has it.</param>
/// <param name="Refusal">Why it cannot be had, with the cure; null where it can.</param>
internal sealed record StateTensor(string Name, SafeTensor Tensor, bool IsDerived = false, string? Note = null, string? Refusal = null);

/// <summary>
/// Finds the tensors that PyTorch computes from others before each use, in the whole file, whatever part of it is imported: a plain tensor
/// beside those is stale. Weight normalisation is computed and a weight drop undone; spectral norm, pruning and other parametrisations are
/// refused with their cure.
/// </summary>
internal sealed partial class DerivedTensors
{
    private const string Parametrizations = "parametrizations.";

    private readonly IReadOnlyList<SafeTensor> _tensors;
    private readonly Dictionary<string, SafeTensor> _byName;
    private readonly Dictionary<string, StateTensor> _derived = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _targets = new(StringComparer.Ordinal);

    private DerivedTensors(IReadOnlyList<SafeTensor> tensors)
    {
        _tensors = tensors;
        _byName = tensors.ToDictionary(t => t.Name, StringComparer.Ordinal);
    }

    /// <summary>The tensors that the modules compute with, in the order of the file.</summary>
    public static List<StateTensor> Resolve(IReadOnlyList<SafeTensor> tensors) => new DerivedTensors(tensors).Resolve();

    private List<StateTensor> Resolve()
    {
        foreach (var group in _tensors.Select(t => (t.Name, Match: PartOf(t.Name))).Where(t => t.Match.Success)
            .GroupBy(
                t => (Module: t.Match.Groups["module"].Value, Base: t.Match.Groups["base"].Value, IsNew: t.Match.Groups["new"].Success)))
        {
            var parts = group.ToDictionary(t => t.Match.Groups["part"].Value, t => _byName[t.Name], StringComparer.Ordinal);
            var target = group.Key.Module + group.Key.Base;
            if ((group.Key.IsNew ? Parametrized(target, parts) : Hooked(group.Key.Module, group.Key.Base, parts)) is { } derived)
            {
                _derived[derived.Name] = derived;
                foreach (var part in parts.Values)
                {
                    _targets[part.Name] = derived.Name;
                }
            }
        }

        // A derived tensor stands where its stale copy does, or else its first part.
        var done = new HashSet<string>(StringComparer.Ordinal);
        var result = new List<StateTensor>();
        foreach (var tensor in _tensors)
        {
            var target = _targets.GetValueOrDefault(tensor.Name, tensor.Name);
            if (!_derived.TryGetValue(target, out var derived))
            {
                result.Add(new StateTensor(tensor.Name, tensor));
            }
            else if ((target == tensor.Name || !_byName.ContainsKey(target)) && done.Add(target))
            {
                result.Add(derived);
            }
        }

        return result;
    }

    /// <summary>What a tensor's name says it is a part of.</summary>
    private static Match PartOf(string name) => OfParametrization().Match(name) is { Success: true } match ? match : OfHook().Match(name);

    // Newer versions move a parameter "weight" to "parametrizations.weight"; hooks of older ones rename it to "weight_orig" and the like.
    [GeneratedRegex(@"^(?<module>(?:.*\.)?)(?<new>parametrizations\.)(?<base>[^.]+)\.(?<part>.+)$")]
    private static partial Regex OfParametrization();

    [GeneratedRegex(@"^(?<module>(?:.*\.)?)(?:(?<base>[^.]+)_(?<part>g|v|u|orig|mask)|(?<base>[^.]*(?:weight|bias)[^.]*)_(?<part>raw))$")]
    private static partial Regex OfHook();

    private StateTensor? Hooked(string module, string name, Dictionary<string, SafeTensor> parts)
    {
        var target = module + name;
        if (parts.ContainsKey("orig"))
        {
            return parts.ContainsKey("mask")
                ? Refused(target, parts["orig"], $"is pruned: it is computed from '{target}_orig' and '{target}_mask'. " +
                    $"Make that permanent, torch.nn.utils.prune.remove(module, '{name}'), and save again")
                : parts.ContainsKey("u")
                    ? Refused(target, parts["orig"], $"has a spectral norm, which is computed from '{target}_orig' and '{target}_u'. " +
                        $"Undo it, torch.nn.utils.remove_spectral_norm(module, '{name}'), and save again")
                    : Refused(target, parts["orig"],
                        $"is computed by a hook from '{target}_orig', in a way that the file does not tell. Remove the hook, " +
                        "and save again");
        }

        return parts.TryGetValue("g", out var g) && parts.TryGetValue("v", out var v) ? WeightNorm(target, g, v)
            : parts.TryGetValue("raw", out var raw) ? WeightDrop(module, name, raw)
            : null;
    }

    private static StateTensor Parametrized(string target, Dictionary<string, SafeTensor> parts)
    {
        if (parts.Count == 2 && parts.TryGetValue("original0", out var g) && parts.TryGetValue("original1", out var v)
            && AxesOfNorm(g, v) is not null)
        {
            return WeightNorm(target, g, v);
        }

        var first = parts.Values.First();
        var name = target[(target.LastIndexOf('.') + 1)..];
        var what = parts.Keys.Any(p => p.EndsWith("._u", StringComparison.Ordinal))
            ? "has a spectral norm"
            : "has a parametrization that the file does not name";
        return Refused(
            target, first,
            $"{what}: it is computed from '{first.Name}'. Undo it, torch.nn.utils.parametrize.remove_parametrizations(module, '{name}'), " +
            "and save again");
    }

    /// <summary>
    /// A weight drop (AWD-LSTM) keeps the weights under another name and
    /// writes what is left of them under the module's own before each step.
    /// </summary>
    private StateTensor WeightDrop(string module, string name, SafeTensor raw)
    {
        var inside = _tensors.Where(
            t => t.Name.StartsWith(module, StringComparison.Ordinal) && t.Name[(t.Name.LastIndexOf('.') + 1)..] == name).ToList();
        var target = inside.Find(t => t.Name == module + name)?.Name ?? (inside.Count == 1 ? inside[0].Name : module + name);
        if (inside.Count > 1 && !_byName.ContainsKey(target))
        {
            return Refused(
                target, raw,
                $"has a weight drop, and which of {string.Join(", ", inside.Select(t => $"'{t.Name}'"))} '{raw.Name}' stands for the " +
                "file does not tell. Save the model without its wrapper");
        }

        if (_byName.TryGetValue(target, out var stale) && !stale.Shape.SequenceEqual(raw.Shape))
        {
            return Refused(
                target, raw,
                $"[{string.Join(", ", stale.Shape)}] and '{raw.Name}' [{string.Join(", ", raw.Shape)}], from which a weight drop " +
                "computes it, differ in shape");
        }

        return new StateTensor(
            target, raw, IsDerived: true,
            $"'{target}' is '{raw.Name}', the weights of a weight " +
            $"drop{(stale is null ? "" : "; those under its own name are what a training step left of them")}.");
    }

    /// <summary>v times g over the norm of v, row by row, in double precision.</summary>
    private static StateTensor WeightNorm(string target, SafeTensor g, SafeTensor v)
    {
        if (AxesOfNorm(g, v) is not { } isNormed || !IsFloat(g) || !IsFloat(v))
        {
            return Refused(
                target, v,
                $"has a weight normalisation whose '{g.Name}' {g.DataType} [{string.Join(", ", g.Shape)}] does not fit " +
                $"'{v.Name}' {v.DataType} [{string.Join(", ", v.Shape)}]");
        }

        var (scales, values) = (g.ToFloats(), v.ToFloats());
        var rows = Rows(v.Shape, isNormed);
        var squares = new double[scales.Length];
        for (var k = 0; k < values.Length; k++)
        {
            squares[rows[k]] += (double)values[k] * values[k];
        }

        if (Array.IndexOf(squares, 0d) is >= 0 and var zero)
        {
            return Refused(target, v,
                $"has a weight normalisation of zeros: row {zero} of '{v.Name}' has no direction, and the weights are not numbers in " +
                "PyTorch either");
        }

        var result = new float[values.Length];
        for (var k = 0; k < values.Length; k++)
        {
            result[k] = (float)(values[k] * (scales[rows[k]] / Math.Sqrt(squares[rows[k]])));
        }

        return new StateTensor(
            target, new SafeTensor(target, v.Shape, result), IsDerived: true,
            $"'{target}' is computed by its weight normalisation from '{g.Name}' and '{v.Name}'.");
    }

    /// <summary>For each value, the number of the norm that it counts to.</summary>
    private static int[] Rows(IReadOnlyList<int> shape, bool[] isNormed)
    {
        var rows = new int[shape.Aggregate(1, (product, size) => product * size)];
        for (var k = 0; k < rows.Length; k++)
        {
            for (var (axis, rest, stride) = (shape.Count - 1, k, 1); axis >= 0; rest /= shape[axis--])
            {
                rows[k] += isNormed[axis] ? 0 : rest % shape[axis] * stride;
                stride *= isNormed[axis] ? 1 : shape[axis];
            }
        }

        return rows;
    }

    /// <summary>
    /// The axes of v that are summed over: those that g has not; all where g is one number; null where the two do not belong together.
    /// </summary>
    private static bool[]? AxesOfNorm(SafeTensor g, SafeTensor v)
    {
        if (v.Shape.Count == 0 || v.Shape.Contains(0) || g.Shape.Contains(0))
        {
            return null;
        }

        if (g.Shape.Count == 0)
        {
            return [.. v.Shape.Select(_ => true)];
        }

        // One axis at most is left by itself.
        return g.Shape.Count == v.Shape.Count && g.Shape.Zip(v.Shape).All(s => s.First == 1 || s.First == s.Second)
            && g.Shape.Count(s => s != 1) <= 1 && (g.Shape.Any(s => s != 1) || v.Shape.Contains(1))
            ? [.. g.Shape.Select(s => s == 1)]
            : null;
    }

    private static bool IsFloat(SafeTensor tensor) => tensor.DataType is "F32" or "F64" or "F16" or "BF16";

    private static StateTensor Refused(string target, SafeTensor part, string why) =>
        new(target, part, IsDerived: true, Refusal: $"the tensor '{target}' {why}.");
}
