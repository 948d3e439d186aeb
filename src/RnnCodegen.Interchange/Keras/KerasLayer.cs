using System.Text.Json;

namespace RnnCodegen.Interchange;

/// <summary>A layer of a Keras file: its class, its options, and the tensors it is called on.</summary>
/// <param name="File">The file's name, for messages.</param>
/// <param name="Version">Keras' version that wrote it.</param>
/// <param name="Name">Its name.</param>
/// <param name="ClassName">Its class.</param>
/// <param name="Config">Its options, under the names of Keras 2 and 3.</param>
internal sealed record KerasLayer(string File, KerasVersion Version, string Name, string ClassName, JsonFields Config)
{
    private readonly Dictionary<string, KerasLayer[]> _inside = new(StringComparer.Ordinal);

    /// <summary>The layers whose outputs it reads, in order.</summary>
    public IReadOnlyList<KerasSource> Sources { get; init; } = [];

    /// <summary>Whether it is called with a mask as an argument.</summary>
    public bool HasMask { get; init; }

    /// <summary>The layers that were read out of its options.</summary>
    public IEnumerable<KerasLayer> Inside => _inside.Values.SelectMany(layers => layers);

    /// <summary>An error that names the file and the layer.</summary>
    public InvalidDataException Bad(string what) => new($"'{File}': layer '{Name}' ({ClassName}): {what}");

    /// <summary>Whether an option is absent or null.</summary>
    public bool IsNull(string option) => !Config.TryGetProperty(option, out var value) || value.ValueKind == JsonValueKind.Null;

    /// <summary>Refuses an option that asks for something other than its default.</summary>
    public void RequireDefault(string option, bool isDefault, string why)
    {
        if (!isDefault)
        {
            throw Bad($"{option} = {Config.GetProperty(option).GetRawText()}: {why}.");
        }
    }

    public bool Flag(string option, bool @default) => IsNull(option) ? @default : Config.GetProperty(option).ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Bad($"its option {option} is not true or false."),
    };

    public float Number(string option, float @default) => IsNull(option) ? @default
        : Config.GetProperty(option) is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out var number)
            && float.IsFinite((float)number)
            ? (float)number
            : throw Bad($"its option {option} is not a number.");

    public string Text(string option, string @default) => IsNull(option) ? @default
        : Config.GetProperty(option) is { ValueKind: JsonValueKind.String } value
            ? value.GetString()!
            : throw Bad($"its option {option} is not a text.");

    /// <summary>A positive size, given as a number or as a list of one.</summary>
    public int Size(string option, int? @default = null)
    {
        if (IsNull(option))
        {
            return @default ?? throw Bad($"it has no option {option}.");
        }

        var value = Config.GetProperty(option);
        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 1)
        {
            value = value[0];
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var size) && size > 0
            ? size
            : throw Bad($"its option {option} is not a positive size.");
    }

    /// <summary>An axis of a tensor of so many, given as a number or as a list of one, counted from 0.</summary>
    public int Axis(string option, int @default, int rank)
    {
        var value = IsNull(option) ? default : Config.GetProperty(option);
        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 1)
        {
            value = value[0];
        }

        var axis = @default;
        var isAxis = value.ValueKind == JsonValueKind.Undefined || (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out axis));
        axis = axis < 0 ? axis + rank : axis;
        return isAxis && axis >= 0 && axis < rank ? axis : throw Bad($"its option {option} is not an axis of a tensor of {rank}.");
    }

    /// <summary>A layer that is given in an option, e.g. the one that a wrapper wraps.</summary>
    public KerasLayer Inner(string option) => Inner(option,
        () => !IsNull(option) ? [Config.GetProperty(option)] : throw Bad($"it has no option {option}."))[0];

    /// <summary>Layers that are given in the options, read once.</summary>
    /// <param name="key">What they are known under.</param>
    /// <param name="find">Finds them.</param>
    public IReadOnlyList<KerasLayer> Inner(string key, Func<IEnumerable<JsonElement>> find)
    {
        if (!_inside.TryGetValue(key, out var layers))
        {
            _inside[key] = layers = [.. find().Select(Inner)];
        }

        return layers;
    }

    private KerasLayer Inner(JsonElement layer)
    {
        var (className, config) = KerasClass.Find(layer) ?? throw Bad("a layer inside it has no class_name and config.");
        KerasClass.Check(layer, File, $"a layer inside '{Name}'");
        return new KerasLayer(File, Version, Name, className, KerasVersions.Normalize(className, config));
    }

    /// <summary>The shape of the layer's input without the batch's size, where the file says it; 0 for a size it leaves open.</summary>
    public int[]? InputShape()
    {
        foreach (var option in (ReadOnlySpan<string>)["batch_shape", "batch_input_shape"])
        {
            if (Shape(option) is [_, .. var shape])
            {
                return shape;
            }
        }

        return Shape("input_shape");
    }

    /// <summary>A list of sizes, 0 where one is left open; null where the option is absent.</summary>
    public int[]? Shape(string option)
    {
        if (IsNull(option))
        {
            return null;
        }

        var value = Config.GetProperty(option);
        return value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(size => size.ValueKind switch
            {
                JsonValueKind.Null => 0,
                JsonValueKind.Number when size.TryGetInt32(out var number) && number >= -1 => number,
                _ => throw Bad($"its option {option} is not a shape."),
            })]
            : throw Bad($"its option {option} is not a shape.");
    }
}

/// <summary>An output of a layer that another one reads.</summary>
/// <param name="Layer">The layer's name.</param>
/// <param name="Node">Which call of the layer; 0 for the first.</param>
/// <param name="Tensor">Which output; 0 for the first.</param>
internal readonly record struct KerasSource(string Layer, int Node, int Tensor);
