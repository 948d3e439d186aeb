using System.Text.Json;

namespace RnnCodegen.Interchange;

/// <summary>
/// Reads how the layers of a Functional model are connected: Keras 3 says
/// it with serialised tensors, all earlier versions with nested lists.
/// </summary>
internal static class KerasNodes
{
    /// <summary>The layer with the tensors that it is called on.</summary>
    /// <exception cref="InvalidDataException">The layer is called more than once, or with arguments that mean something else.</exception>
    public static KerasLayer Read(KerasLayer layer, JsonElement item)
    {
        if (!item.TryGetProperty("inbound_nodes", out var nodes) || nodes.ValueKind != JsonValueKind.Array)
        {
            throw layer.Bad("it has no inbound_nodes.");
        }

        var sources = new List<KerasSource>();
        var hasMask = false;
        switch (nodes.GetArrayLength())
        {
            case 0:
                break;
            case 1 when nodes[0].ValueKind == JsonValueKind.Object:
                hasMask = ReadCall(layer, nodes[0], sources);
                break;
            case 1 when nodes[0].ValueKind == JsonValueKind.Array:
                foreach (var tensor in nodes[0].EnumerateArray())
                {
                    sources.Add(End(tensor) ?? throw layer.Bad("an entry of its inbound_nodes is not [layer, node, tensor]."));
                    if (tensor.GetArrayLength() > 3)
                    {
                        hasMask |= CheckArguments(layer, tensor[3]);
                    }
                }

                break;
            case 1:
                throw layer.Bad("its inbound_nodes cannot be read.");
            default:
                throw layer.Bad("it is called more than once; a layer that several places share is not supported.");
        }

        return layer with { Sources = sources, HasMask = hasMask };
    }

    /// <summary>
    /// The ends that a model's input_layers and output_layers list: one triple, or a list of them; null where it is neither.
    /// </summary>
    public static IReadOnlyList<KerasSource>? Ends(JsonElement value)
    {
        if (End(value) is { } single)
        {
            return [single];
        }

        var ends = value.EnumerateArray().Select(End).ToList();
        return ends.TrueForAll(end => end is not null) ? [.. ends.Select(end => end!.Value)] : null;
    }

    private static bool ReadCall(KerasLayer layer, JsonElement call, List<KerasSource> sources)
    {
        if (!call.TryGetProperty("args", out var arguments) || arguments.ValueKind != JsonValueKind.Array
            || arguments.GetArrayLength() != 1)
        {
            throw layer.Bad(
                "it is called on something other than one tensor or one list of tensors, e.g. with an initial state, which is " +
                "not supported.");
        }

        var list = arguments[0].ValueKind == JsonValueKind.Array ? arguments[0].EnumerateArray() : arguments.EnumerateArray();
        foreach (var tensor in list)
        {
            sources.Add(History(tensor) ?? throw layer.Bad("it is called on something that is not another layer's output."));
        }

        var fields = new JsonFields(call);
        fields.Ignore("args", "kwargs");
        fields.RefuseUnread(layer.File, $"the call of layer '{layer.Name}'");
        return call.TryGetProperty("kwargs", out var named) && CheckArguments(layer, named);
    }

    private static KerasSource? History(JsonElement tensor) =>
        KerasClass.Find(tensor) is ("__keras_tensor__", { ValueKind: JsonValueKind.Object } config)
            && config.TryGetProperty("keras_history", out var history)
            ? End(history)
            : null;

    private static KerasSource? End(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array && value.GetArrayLength() >= 3 && value[0].ValueKind == JsonValueKind.String
        && value[1].ValueKind == JsonValueKind.Number && value[1].TryGetInt32(out var node)
        && value[2].ValueKind == JsonValueKind.Number && value[2].TryGetInt32(out var tensor)
            ? new KerasSource(value[0].GetString()!, node, tensor)
            : null;

    /// <summary>
    /// Whether a mask is among the arguments; others that change nothing in inference are null, or say that it is inference.
    /// </summary>
    private static bool CheckArguments(KerasLayer layer, JsonElement arguments)
    {
        if (arguments.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        var hasMask = false;
        foreach (var argument in arguments.EnumerateObject())
        {
            var isNull = argument.Value.ValueKind == JsonValueKind.Null;
            hasMask |= argument.Name == "mask" && !isNull;
            var isHarmless = isNull || argument.Name == "mask"
                || (argument.Name == "training" && argument.Value.ValueKind == JsonValueKind.False);
            if (!isHarmless)
            {
                throw layer.Bad($"it is called with the argument {argument.Name}, which is not supported.");
            }
        }

        return hasMask;
    }
}
