using System.Reflection;
using Xunit;

namespace RnnCodegen.Interchange.Tests.Onnx;

/// <summary>Whether two descriptions are of one model: names, everything that attributes say, and weights bit for bit.</summary>
internal static class Same
{
    public static void Assert(ModelDescription expected, ModelDescription actual)
    {
        Xunit.Assert.Equal(Text(expected.Model), Text(actual.Model));
        Xunit.Assert.Equal(expected.Layers.Select(l => $"{l.Name}: {Text(l.Options)}"),
            actual.Layers.Select(l => $"{l.Name}: {Text(l.Options)}"));
        Xunit.Assert.Equal(expected.Weights.Keys.Order(), actual.Weights.Keys.Order());
        foreach (var (name, tensor) in expected.Weights)
        {
            Xunit.Assert.Equal(tensor.Shape, actual.Weights[name].Shape);
            Xunit.Assert.True(tensor.Values.AsSpan().SequenceEqual(actual.Weights[name].Values), name);
        }
    }

    /// <summary>An attribute with all that it says.</summary>
    public static string Text(Attribute attribute)
    {
        var options = attribute.GetType()
            .GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.Name != nameof(Attribute.TypeId))
            .Select(
                p =>
                    $"{p.Name} = {(p.GetValue(attribute) is IEnumerable<string> names ? string.Join('|', names) : p.GetValue(attribute))}");
        return $"{attribute.GetType().Name}({string.Join(", ", options)})";
    }
}
