using System.Globalization;

namespace RnnCodegen;

/// <summary>
/// Reads a golden pair and refuses what no model could mean; whether it fits a model is for <see cref="GoldenComparison"/>.
/// </summary>
internal sealed class GoldenParser(string name, SafeTensorsFile file)
{
    private const string Integer32 = "I32";
    private const string Integer64 = "I64";

    private const string Known =
        $"a golden pair holds '{GoldenPair.InputName}' or '{GoldenPair.TokensName}', '{GoldenPair.OutputName}', and may hold " +
        $"'{GoldenPair.LengthsName}', '{GoldenPair.MemoryName}', '{GoldenPair.MemoryLengthsName}', '{GoldenPair.InitialPrefix}SLOT' and " +
        $"'{GoldenPair.FinalPrefix}SLOT'";

    public GoldenPair Parse()
    {
        foreach (var tensor in file.Tensors.Where(t => !IsKnown(t.Name)))
        {
            throw Bad($"tensor '{tensor.Name}' is unknown: {Known}.");
        }

        var takesTokens = file.TryGet(GoldenPair.TokensName, out var tokens);
        if (takesTokens == file.TryGet(GoldenPair.InputName, out var input))
        {
            throw Bad($"it has {(takesTokens ? "both" : "neither of")} '{GoldenPair.InputName}' and '{GoldenPair.TokensName}'; {Known}.");
        }

        if (!file.TryGet(GoldenPair.OutputName, out var output))
        {
            throw Bad($"tensor '{GoldenPair.OutputName}' is missing; {Known}.");
        }

        var source = (tokens ?? input)!;
        RequireRank(source, takesTokens ? "[T, B]" : "[T, B, I]", takesTokens ? 2 : 3);
        RequireRank(output, "[T, B, F] or [B, F]", 2, 3);
        var (steps, batch) = (source.Shape[0], source.Shape[1]);
        if (output.Shape[^2] != batch)
        {
            throw Bad($"'{output.Name}' has {output.Shape[^2]} samples, '{source.Name}' {batch}.");
        }

        var memory = Memory(batch);
        return new GoldenPair(name, steps, batch, Floats(output))
        {
            Input = input is null ? null : Floats(input),
            Tokens = tokens is null ? null : Integers(tokens),
            Lengths = Lengths(GoldenPair.LengthsName, "T", steps, batch),
            Memory = memory,
            MemoryLengths = Lengths(GoldenPair.MemoryLengthsName, "S", memory?.Shape[0] ?? 0, batch),
            Initial = States(GoldenPair.InitialPrefix, batch),
            Final = States(GoldenPair.FinalPrefix, batch),
            Tolerance = Tolerance(GoldenPair.ToleranceKey) ?? GoldenPair.DefaultTolerance,
            RelativeTolerance = Tolerance(GoldenPair.RelativeToleranceKey)
                ?? (file.Metadata.ContainsKey(GoldenPair.ToleranceKey) ? 0 : GoldenPair.DefaultTolerance),
        };
    }

    private static bool IsKnown(string tensor) =>
        tensor is GoldenPair.InputName or GoldenPair.TokensName or GoldenPair.OutputName or GoldenPair.LengthsName
            or GoldenPair.MemoryName or GoldenPair.MemoryLengthsName ||
        tensor.StartsWith(GoldenPair.InitialPrefix, StringComparison.Ordinal) ||
        tensor.StartsWith(GoldenPair.FinalPrefix, StringComparison.Ordinal);

    private SafeTensor? Memory(int batch)
    {
        if (!file.TryGet(GoldenPair.MemoryName, out var tensor))
        {
            return file.TryGet(GoldenPair.MemoryLengthsName, out _)
                ? throw Bad($"it has '{GoldenPair.MemoryLengthsName}', but no '{GoldenPair.MemoryName}'.")
                : null;
        }

        RequireRank(tensor, "[S, B, M]", 3);
        return tensor.Shape[1] == batch
            ? Floats(tensor)
            : throw Bad($"'{tensor.Name}' is of {tensor.Shape[1]} samples, the input of {batch}.");
    }

    private int[] Lengths(string tensorName, string letter, int steps, int batch)
    {
        if (!file.TryGet(tensorName, out var tensor))
        {
            return [];
        }

        if (tensor.Shape.Count != 1 || tensor.Shape[0] != batch)
        {
            throw Bad($"'{tensor.Name}' must have shape [{batch}], but has {SafeTensorsHeader.Describe(tensor.Shape)}.");
        }

        var lengths = Integers(tensor);
        var wrong = lengths.AsSpan().IndexOfAnyExceptInRange(0, steps);
        return wrong < 0
            ? lengths
            : throw Bad($"'{tensor.Name}' says {lengths[wrong]} for sample {wrong}; it must lie between 0 and {letter} = {steps}.");
    }

    private Dictionary<string, SafeTensor> States(string prefix, int batch)
    {
        var states = new Dictionary<string, SafeTensor>(StringComparer.Ordinal);
        foreach (var tensor in file.Tensors.Where(t => t.Name.StartsWith(prefix, StringComparison.Ordinal)))
        {
            RequireRank(tensor, "[B, size]", 2);
            if (tensor.Shape[0] != batch)
            {
                throw Bad($"'{tensor.Name}' is of {tensor.Shape[0]} samples, the input of {batch}.");
            }

            states.Add(tensor.Name[prefix.Length..], Floats(tensor));
        }

        return states;
    }

    private double? Tolerance(string key)
    {
        if (!file.Metadata.TryGetValue(key, out var text))
        {
            return null;
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= 0
            && double.IsFinite(value)
            ? value
            : throw Bad($"the metadata's {key} is '{text}'; it must be a number, 0 or more.");
    }

    private void RequireRank(SafeTensor tensor, string shape, params ReadOnlySpan<int> ranks)
    {
        if (!ranks.Contains(tensor.Shape.Count) || tensor.Shape.Contains(0))
        {
            throw Bad($"'{tensor.Name}' must have shape {shape}, with no size 0, but has {SafeTensorsHeader.Describe(tensor.Shape)}.");
        }
    }

    // A copy, so that the pair does not depend on the memory of the file.
    private SafeTensor Floats(SafeTensor tensor)
    {
        if (!tensor.Type.IsReal)
        {
            throw Bad($"'{tensor.Name}' must be F32, F64, F16 or BF16, but is {tensor.DataType}.");
        }

        return tensor.FindNotFinite() is var (index, value)
            ? throw Bad(
                $"value {index} of '{tensor.Name}' is {value.ToString(CultureInfo.InvariantCulture)}; values must be finite " +
                "float32 numbers.")
            : new SafeTensor(tensor.Name, tensor.Shape, tensor.ToFloats());
    }

    private int[] Integers(SafeTensor tensor)
    {
        if (tensor.DataType == Integer32)
        {
            return tensor.Values<int>().ToArray();
        }

        if (tensor.DataType != Integer64)
        {
            throw Bad($"'{tensor.Name}' must be {Integer32} or {Integer64}, but is {tensor.DataType}.");
        }

        var values = tensor.Values<long>();
        var wrong = values.IndexOfAnyExceptInRange(int.MinValue, int.MaxValue);
        return wrong < 0
            ? Array.ConvertAll(values.ToArray(), value => (int)value)
            : throw Bad($"value {wrong} of '{tensor.Name}' is {values[wrong]}, which is not a 32-bit number.");
    }

    private InvalidDataException Bad(string what) => new($"'{name}': {what}");
}
