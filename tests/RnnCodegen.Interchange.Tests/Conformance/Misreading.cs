using System.Reflection;
using Xunit;

namespace RnnCodegen.Interchange.Tests.Conformance;

/// <summary>Copies of a description with something read in a way that others mean otherwise.</summary>
internal static class Misreading
{
    private static readonly MethodInfo s_clone = typeof(object).GetMethod("MemberwiseClone",
        BindingFlags.NonPublic | BindingFlags.Instance)!;

    /// <summary>All gate blocks of a layer in another order.</summary>
    public static ModelDescription Gates(ModelDescription model, string layer, params ReadOnlySpan<int> order)
    {
        var blocks = order.ToArray();
        return Weights(
            model,
            name => name.StartsWith($"{layer}.weight_ih", StringComparison.Ordinal)
                || name.StartsWith($"{layer}.weight_hh", StringComparison.Ordinal) ||
                name.StartsWith($"{layer}.bias_", StringComparison.Ordinal),
            values => GateBlocks.Reorder(values, blocks));
    }

    /// <summary>A layer with other options.</summary>
    public static ModelDescription Options<TOptions>(ModelDescription model, string layer, Action<TOptions> change)
        where TOptions : LayerAttribute
    {
        var copy = Copy(model);
        var index = copy.Layers.FindIndex(l => l.Name == layer);
        var options = (TOptions)s_clone.Invoke(copy.Layers[index].Options, [])!;
        change(options);
        copy.Layers[index] = new(layer, options);
        return copy;
    }

    /// <summary>Other values of one tensor.</summary>
    public static ModelDescription Weights(ModelDescription model, string name, Func<float[], float[]> change) => Weights(model,
        n => n == name, change);

    /// <summary>Other values of tensors.</summary>
    public static ModelDescription Weights(ModelDescription model, Func<string, bool> which, Func<float[], float[]> change)
    {
        var copy = Copy(model);
        string[] names = [.. copy.Weights.Keys.Where(which)];
        Assert.NotEmpty(names);
        foreach (var name in names)
        {
            copy.Weights[name] = copy.Weights[name] with { Values = change(copy.Weights[name].Values) };
        }

        return copy;
    }

    /// <summary>The same layers and tensors in lists of their own.</summary>
    public static ModelDescription Copy(ModelDescription model)
    {
        var copy = new ModelDescription { Model = model.Model };
        copy.Layers.AddRange(model.Layers);
        foreach (var (name, tensor) in model.Weights)
        {
            copy.Weights.Add(name, tensor);
        }

        return copy;
    }
}
