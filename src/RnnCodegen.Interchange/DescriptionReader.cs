using System.Reflection;

namespace RnnCodegen.Interchange;

/// <summary>Reads an annotated class back into the data that it was written from.</summary>
public static class DescriptionReader
{
    /// <summary>What a class's attributes say.</summary>
    /// <param name="type">A class with <see cref="RnnModelAttribute"/>, compiled.</param>
    /// <param name="weights">Its parameters; none where null.</param>
    /// <exception cref="ArgumentException">The class is not an annotated one.</exception>
    public static ModelDescription Read(Type type, ParameterSet? weights = null)
    {
        ArgumentNullException.ThrowIfNull(type);
        if (type.GetCustomAttribute<RnnModelAttribute>() is not { } options)
        {
            throw new ArgumentException($"{type.FullName} has no [RnnModel].", nameof(type));
        }

        var model = new ModelDescription { Model = options, IsOfClass = true };

        // Tokens of metadata ascend in the order of the class's text.
        var properties = type.GetProperties(
            BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly);
        foreach (var property in properties.OrderBy(p => p.MetadataToken))
        {
            if (property.GetCustomAttribute<LayerAttribute>() is { } layer)
            {
                model.Add(property.Name, layer);
            }
        }

        foreach (var tensor in weights?.Tensors ?? [])
        {
            model.AddWeight(tensor.Name, tensor.Shape, tensor.Values.ToArray());
        }

        return model;
    }
}
