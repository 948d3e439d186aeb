using RnnCodegen.Interchange;
using RnnCodegen.Tool.Compilation;

namespace RnnCodegen.Tool.Quantization;

/// <summary>A model as it would be with other weight formats.</summary>
internal static class FormatVariants
{
    /// <summary>The model with one format for all layers, whatever formats they had.</summary>
    public static ModelDescription With(ModelDescription model, WeightFormat format)
    {
        var variant = new ModelDescription
        {
            IsOfClass = model.IsOfClass,
            Model = AttributeText.With(model.Model, nameof(RnnModelAttribute.WeightFormat), format)
        };
        foreach (var layer in model.Layers)
        {
            // Float32 is what is not said, so that a layer takes the model's.
            variant.Add(layer.Name, AttributeText.With(layer.Options, nameof(WeightFormat), WeightFormat.Float32));
        }

        return variant;
    }

    /// <summary>The class of each format, built together.</summary>
    public static IReadOnlyDictionary<WeightFormat, CompiledModel> Build(ModelDescription model, string name)
    {
        var formats = Enum.GetValues<WeightFormat>();
        var layers = model.Layers.Select(l => l.Name).ToList();
        var built = ModelCompiler.Compile([ModelCompiler.MachineWidth],
            [.. formats.Select(
                f => new ModelSource(name, ClassWriter.Write(With(model, f), $"Quantized.{ClassFileNames.After(f.ToString(), layers)}")))]);
        return formats.Zip(built).ToDictionary(p => p.First, p => p.Second);
    }
}
