namespace RnnCodegen.Interchange;

/// <summary>Layers that join others.</summary>
internal static class KerasMerges
{
    public static KerasRows Read(KerasImport import, KerasLayer layer, List<KerasRows> sources)
    {
        if (sources.Count < 2)
        {
            throw layer.Bad("it joins fewer than two tensors.");
        }

        var first = sources[0] with { Masked = KerasMasked.Join(layer, sources) };
        if (sources.Exists(s => s.HasTime != first.HasTime))
        {
            throw layer.Bad("it joins sequences with single rows, which is not supported: repeat no row over the steps.");
        }

        if (sources.Exists(s => s.Width == 0))
        {
            throw layer.Bad("the file does not say how wide the model's input is, which this layer joins.");
        }

        var names = sources.Select(s => s.Name).ToArray();
        if (layer.ClassName == "Concatenate")
        {
            var axis = layer.Axis("axis", -1, first.HasTime ? 3 : 2);
            layer.RequireDefault("axis", axis == (first.HasTime ? 2 : 1), "only features can be joined, not steps or samples");
            var width = sources.Sum(s => (long)s.Width);
            return width <= KerasBuilder.WidthLimit
                ? first with { Name = import.Builder.Join(layer, new ConcatAttribute(names), sources), Width = (int)width }
                : throw layer.Bad($"it gives rows of {width} features; at most {KerasBuilder.WidthLimit} are read.");
        }

        if (sources.Exists(s => s.Width != first.Width))
        {
            throw layer.Bad(
                $"it joins rows of different widths, {string.Join(" and ", sources.Select(s => s.Width))}; broadcasting is not supported.");
        }

        LayerAttribute attribute = layer.ClassName == "Multiply" ? new MultiplyAttribute(names) : new AddAttribute(names);
        var rows = first with { Name = import.Builder.Join(layer, attribute, sources) };
        return layer.ClassName == "Average" ? Scale(import, layer, rows, 1f / sources.Count) : rows;
    }

    /// <summary>Adds a layer that multiplies all features by a number.</summary>
    public static KerasRows Scale(KerasImport import, KerasLayer layer, KerasRows rows, float factor)
    {
        var name = import.Builder.Chain(layer, new AffineAttribute(), rows, "_mean");
        var scale = new float[rows.Width];
        Array.Fill(scale, factor);
        import.Builder.Weight($"{name}.weight", [rows.Width], scale);
        import.Builder.Weight($"{name}.bias", [rows.Width], new float[rows.Width]);
        return rows with { Name = name };
    }
}
