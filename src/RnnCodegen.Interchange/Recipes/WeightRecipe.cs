namespace RnnCodegen.Interchange;

/// <summary>
/// Fills a model, of which the layers are known, with weights that another program laid out in its own way: transposed, with other gates
/// first, in one matrix or as whole numbers.
/// </summary>
public static class WeightRecipe
{
    /// <summary>What TensorFlow's LSTM cells add to the forget gate at run time, unless they are told otherwise.</summary>
    public const float DefaultForgetBias = 1;

    /// <summary>Makes a model of the same layers that has the weights.</summary>
    /// <param name="file">The file's name in messages.</param>
    /// <param name="model">The layers.</param>
    /// <param name="tensors">The tensors; a layer's have its name before what they are, e.g. <c>encoder.kernel</c>.</param>
    /// <param name="layout">How they are laid out.</param>
    /// <param name="forgetBias">What is added to the forget gate of TensorFlow's LSTM cells.</param>
    /// <returns>The model; its notes say which tensors went where.</returns>
    /// <exception cref="InvalidDataException">A tensor is missing, left over or of another shape, or a layer has weights that the layout
    /// does not know; the message names it.</exception>
    public static ModelDescription Fill(
        string file, ModelDescription model, IReadOnlyList<FileTensor> tensors, WeightLayout layout, float forgetBias = DefaultForgetBias)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(tensors);
        var result = new ModelDescription { Model = model.Model, IsOfClass = model.IsOfClass };
        result.Layers.AddRange(model.Layers);
        var widths = new Dictionary<string, int>(StringComparer.Ordinal) { [RnnModelAttribute.Input] = model.Model.InputSize };
        var wanted = new List<RecipeLayer>();
        foreach (var (layer, shape, sources) in model.Layers.Zip(LayerShapes.Of(model), LayerSources.Of(model)))
        {
            if (RecipeLayer.Of(file, layer, widths.GetValueOrDefault(sources[0]), layout, forgetBias) is { } own)
            {
                wanted.Add(own);
            }

            widths[layer.Name] = shape.Width;
        }

        foreach (var (layer, group) in Matched(file, wanted, RecipeTensors.Group(file, tensors)))
        {
            layer.Fill(result, group);
            result.Notes.Add($"{layer.Name} has its weights of {group}.");
        }

        if (layout == WeightLayout.TensorFlow && model.Layers.Exists(l => l.Options is LstmAttribute))
        {
            result.Notes.Add(string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"{forgetBias} is added to the forget gates' biases, as TensorFlow's cells do at run time."));
        }

        return result.RequireFinite(file);
    }

    /// <summary>Each layer with its tensors: those of its name, or else the only ones that fit.</summary>
    private static List<(RecipeLayer Layer, RecipeTensors Group)> Matched(string file, List<RecipeLayer> layers, List<RecipeTensors> groups)
    {
        var result = new Dictionary<RecipeLayer, RecipeTensors>();

        // Longer names first: "input_dense" is that of InputDense before it is that of Dense.
        foreach (var layer in layers.OrderByDescending(l => l.Name.Length))
        {
            if (groups.FindAll(g => g.IsOf(layer.Name) && !result.ContainsValue(g)) is [var named])
            {
                result[layer] = named;
            }
        }

        // What is left is told by shapes, as long as something fits in one place alone.
        var left = groups.FindAll(g => !result.ContainsValue(g));
        for (var found = true; found;)
        {
            found = false;
            foreach (var layer in layers.Where(l => !result.ContainsKey(l)).ToList())
            {
                if (left.FindAll(layer.Fits) is [var only] && layers.Count(l => !result.ContainsKey(l) && l.Fits(only)) == 1)
                {
                    (result[layer], found) = (only, true);
                    left.Remove(only);
                }
            }
        }

        if (layers.Find(l => !result.ContainsKey(l)) is { } without)
        {
            var fitting = left.FindAll(without.Fits);
            throw new InvalidDataException(
                $"'{file}': {(fitting.Count == 0 ? "no tensors are" : "several tensors may be")} those of {without.Name}, {without}; " +
                (left.Count == 0 ? "none are left" : $"left are {string.Join("; ", left)}") +
                $". Call a layer's tensors by its name: {without.Name}.kernel and the like.");
        }

        return left.Count == 0
            ? [.. layers.Select(l => (l, result[l]))]
            : throw new InvalidDataException($"'{file}': no layer of the class has the tensors {string.Join("; ", left)}.");
    }
}
