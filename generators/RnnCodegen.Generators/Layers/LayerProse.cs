using System.Globalization;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Layers;

/// <summary>The words that descriptions of layers share.</summary>
internal static class LayerProse
{
    /// <summary>An activation with its alpha.</summary>
    public static string Name(ActivationSpec activation) =>
        activation.Kind.ToString().ToLowerInvariant() + (activation.HasAlpha ? $" with alpha {Number(activation.Alpha)}" : "");

    /// <summary>A layer's activation after a comma; nothing where it is the identity.</summary>
    public static string Then(ActivationSpec activation) => activation.Kind == ActivationKind.Linear ? "" : $", {Name(activation)}";

    /// <summary>A weight format after a comma; nothing for float32.</summary>
    public static string Format(WeightFormatKind format) =>
        format == WeightFormatKind.Float32 ? "" : $", {format.ToString().ToLowerInvariant()} weights in inference";

    public static string Number(float value) => value.ToString("R", CultureInfo.InvariantCulture);
}
