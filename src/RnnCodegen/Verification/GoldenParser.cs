using System.Buffers.Binary;
using System.Globalization;
using System.Numerics.Tensors;

namespace RnnCodegen;

/// <summary>Reads a golden pair and refuses what no model could mean; whether it fits a model is for <see cref="GoldenComparison"/>.</summary>
internal sealed class GoldenParser(string name, SafeTensorsFile file)
{
    public const string Integer32 = "I32";
    public const string Integer64 = "I64";

    private const string Known =
        $"a golden pair holds '{GoldenPair.InputName}' or '{GoldenPair.TokensName}', '{GoldenPair.OutputName}', and may hold " +
        $"'{GoldenPair.LengthsName}', '{GoldenPair.InitialPrefix}SLOT' and '{GoldenPair.FinalPrefix}SLOT'";

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

        if (input is not null)
        {
            RequireFloats(input);
        }

        RequireFloats(output);
        return new GoldenPair(name, steps, batch, output)
        {
            Input = input,
            Tokens = tokens is null ? null : Integers(tokens),
            Lengths = Lengths(steps, batch),
            Initial = States(GoldenPair.InitialPrefix, batch),
            Final = States(GoldenPair.FinalPrefix, batch),
            Tolerance = Tolerance(),
        };
    }

    private static bool IsKnown(string tensor) =>
        tensor is GoldenPair.InputName or GoldenPair.TokensName or GoldenPair.OutputName or GoldenPair.LengthsName ||
        tensor.StartsWith(GoldenPair.InitialPrefix, StringComparison.Ordinal) ||
        tensor.StartsWith(GoldenPair.FinalPrefix, StringComparison.Ordinal);

    private int[] Lengths(int steps, int batch)
    {
        if (!file.TryGet(GoldenPair.LengthsName, out var tensor))
        {
            return [];
        }

        if (tensor.Shape.Count != 1 || tensor.Shape[0] != batch)
        {
            throw Bad($"'{tensor.Name}' must have shape [{batch}], but has {SafeTensorsHeader.Describe(tensor.Shape)}.");
        }

        var lengths = Integers(tensor);
        var wrong = lengths.AsSpan().IndexOfAnyExceptInRange(0, steps);
        return wrong < 0 ? lengths : throw Bad($"'{tensor.Name}' says {lengths[wrong]} for sample {wrong}; it must lie between 0 and T = {steps}.");
    }

    private Dictionary<string, SafeTensor> States(string prefix, int batch)
    {
        var states = new Dictionary<string, SafeTensor>(StringComparer.Ordinal);
        foreach (var tensor in file.Tensors.Where(t => t.Name.StartsWith(prefix, StringComparison.Ordinal)))
        {
            RequireRank(tensor, "[B, size]", 2);
            RequireFloats(tensor);
            if (tensor.Shape[0] != batch)
            {
                throw Bad($"'{tensor.Name}' is of {tensor.Shape[0]} samples, the input of {batch}.");
            }

            states.Add(tensor.Name[prefix.Length..], tensor);
        }

        return states;
    }

    private double Tolerance()
    {
        if (!file.Metadata.TryGetValue(GoldenPair.ToleranceKey, out var text))
        {
            return GoldenPair.DefaultTolerance;
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= 0 && double.IsFinite(value)
            ? value
            : throw Bad($"the metadata's {GoldenPair.ToleranceKey} is '{text}'; it must be a number, 0 or more.");
    }

    private void RequireRank(SafeTensor tensor, string shape, params ReadOnlySpan<int> ranks)
    {
        if (!ranks.Contains(tensor.Shape.Count) || tensor.Shape.Contains(0))
        {
            throw Bad($"'{tensor.Name}' must have shape {shape}, with no size 0, but has {SafeTensorsHeader.Describe(tensor.Shape)}.");
        }
    }

    private void RequireFloats(SafeTensor tensor)
    {
        if (tensor.Type != ElementType.Float32)
        {
            throw Bad($"'{tensor.Name}' must be F32, but is {tensor.DataType}.");
        }

        if (!TensorPrimitives.IsFiniteAll(tensor.Floats))
        {
            var index = tensor.Floats.IndexOfAnyExceptInRange(float.MinValue, float.MaxValue);
            throw Bad($"value {index} of '{tensor.Name}' is {tensor.Floats[index].ToString(CultureInfo.InvariantCulture)}; values must be finite.");
        }
    }

    private int[] Integers(SafeTensor tensor)
    {
        var size = tensor.DataType switch
        {
            Integer32 => sizeof(int),
            Integer64 => sizeof(long),
            _ => throw Bad($"'{tensor.Name}' must be {Integer32} or {Integer64}, but is {tensor.DataType}."),
        };
        var values = new int[tensor.Bytes.Length / size];
        for (var i = 0; i < values.Length; i++)
        {
            var bytes = tensor.Bytes[(i * size)..];
            var value = size == sizeof(int) ? BinaryPrimitives.ReadInt32LittleEndian(bytes) : BinaryPrimitives.ReadInt64LittleEndian(bytes);
            values[i] = value is >= int.MinValue and <= int.MaxValue
                ? (int)value
                : throw Bad($"value {i} of '{tensor.Name}' is {value}, which is no 32-bit number.");
        }

        return values;
    }

    private InvalidDataException Bad(string what) => new($"'{name}': {what}");
}
