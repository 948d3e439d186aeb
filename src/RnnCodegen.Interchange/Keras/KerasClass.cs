using System.Text.Json;

namespace RnnCodegen.Interchange;

/// <summary>
/// Serialised objects of Keras: a class and its options, in an object that may also say the class's module and the name it was registered
/// under. Only Keras' own classes are what their names say; a class of the same name in another package is another one.
/// </summary>
internal static class KerasClass
{
    private static readonly string[] Packages = ["keras", "keras_core", "tf_keras", "tensorflow.keras", "tensorflow.python.keras",
        "tf.keras", "builtins"];

    /// <summary>
    /// What a serialised object says of how it was built and trained, and what the walk through the model has read already.
    /// </summary>
    private static readonly string[] Remarks = ["build_config", "compile_config", "shared_object_id", "name", "inbound_nodes",
        "keras_version", "backend"];

    /// <summary>A layer of no package of Keras', whose meaning is known by its name.</summary>
    private const string OwnMeaning = "AttentionWeightedAverage";

    /// <summary>A serialised object's class, as it is called since Keras 2, and options; null where it is none.</summary>
    public static (string ClassName, JsonElement Config)? Find(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object
        && value.TryGetProperty("class_name", out var name) && name.ValueKind == JsonValueKind.String
        && value.TryGetProperty("config", out var config)
        && config.ValueKind is JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.String
            ? (KerasVersions.Class(name.GetString()!), config)
            : null;

    /// <summary>Refuses an object of a class that is not Keras' own, or that says something of which nothing is known.</summary>
    /// <param name="value">The serialised object.</param>
    /// <param name="file">The file, for messages.</param>
    /// <param name="place">Where in the model it stands.</param>
    public static void Check(JsonElement value, string file, string place)
    {
        var fields = new JsonFields(value);
        fields.Ignore(Remarks);
        var full = fields.GetProperty("class_name").GetString()!;
        var name = full[(full.LastIndexOf('>') + 1)..];
        fields.Ignore("config");
        var registered = Text("registered_name");
        var isModuleSaid = fields.TryGetProperty("module", out _);
        var module = Text("module");
        fields.RefuseUnread(file, place);
        if (name == OwnMeaning)
        {
            return;
        }

        // A class from the program that saved the file itself has a registered name, but no module.
        var isOwn = full == name && (registered is null || registered == name)
            && (module is null
                ? !isModuleSaid || registered is null
                : Array.Exists(Packages, p => module == p || module.StartsWith(p + ".", StringComparison.Ordinal)));
        if (!isOwn)
        {
            var said = full != name
                ? full
                : registered is not null && registered != name ? registered
                : module is null ? $"{name} of the program that saved it"
                : $"{module}.{name}";
            throw new InvalidDataException(
                $"'{file}': {place} is of the class {said}, which is not Keras' {name} but one of its own, so what it computes is not " +
                "known here. Build the model with Keras' own layers, and save it anew.");
        }

        string? Text(string key) => fields.Find(key) switch
        {
            null => null,
            { ValueKind: JsonValueKind.String } text => text.GetString(),
            _ => throw new InvalidDataException($"'{file}': {place}: {fields.Show(key)} is not a text."),
        };
    }
}
