using System.Text;

namespace RnnCodegen.Interchange;

/// <summary>
/// Writes a model as the annotated class that a person would have written. Attributes are read through their public properties and
/// constructor parameters, so that a new attribute, or a new option of one, needs no word here.
/// </summary>
public static class ClassWriter
{
    // An attribute longer than this stands on a line of its own.
    private const int Beside = 60;
    private const int LineWidth = 120;

    /// <summary>The text of a class file.</summary>
    /// <param name="model">The model.</param>
    /// <param name="fullName">The class's name with its namespace, e.g. <c>My.Models.Denoiser</c>.</param>
    /// <param name="source">Where the model comes from, e.g. <c>denoiser.onnx (ONNX)</c>; nothing is said of it where null.</param>
    /// <exception cref="ArgumentException">A name is not one that C# allows or
    /// occurs twice, or a layer reads one that is not before it.</exception>
    public static string Write(ModelDescription model, string fullName, string? source = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        var names = ClassFileNames.Check(fullName, model.Layers.Select(l => l.Name), model.IsOfClass);
        CheckSources(model, fullName);

        var text = new StringBuilder("using RnnCodegen;\n\n");
        if (names.Namespace is not null)
        {
            text.Append($"namespace {names.Namespace};\n\n");
        }

        AppendSummary(text, model, source);
        text.Append($"[{AttributeText.Of(model.Model, names)}]\npublic partial class {names.Name}\n{{\n");
        AppendLayers(text, model, names);
        return text.Append("}\n").ToString();
    }

    private static void CheckSources(ModelDescription model, string fullName)
    {
        var earlier = new HashSet<string>(StringComparer.Ordinal) { RnnModelAttribute.Input };
        foreach (var layer in model.Layers)
        {
            foreach (var source in AttributeText.Sources(layer.Options))
            {
                if (!earlier.Contains(source))
                {
                    throw new ArgumentException(
                        $"Layer '{layer.Name}' of {fullName} reads '{source}', which is not a layer before it.", nameof(model));
                }
            }

            earlier.Add(layer.Name);
        }
    }

    private static void AppendSummary(StringBuilder text, ModelDescription model, string? source)
    {
        var input = model.Layers is [{ Options: EmbeddingAttribute { Column: < 0 } }, ..] ? "Token ids in"
            : $"{model.Model.InputSize} features a row in";
        var layers = string.Join(", ", model.Layers.Select(l => $"{l.Name} ({AttributeText.Short(l.Options)})"));
        var sentences = $"{(source is null ? "" : $"Imported from {source}. ")}{input}; layers: {layers}.";
        text.Append("/// <summary>\n");
        var line = new StringBuilder("///");
        foreach (var word in CSharpText.Comment(sentences).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length + 1 + word.Length > LineWidth)
            {
                text.Append(line).Append('\n');
                line.Clear().Append("///");
            }

            line.Append(' ').Append(word);
        }

        text.Append(line).Append("\n/// </summary>\n");
    }

    private static void AppendLayers(StringBuilder text, ModelDescription model, ClassFileNames names)
    {
        var attributes = model.Layers.Select(l => $"[{AttributeText.Of(l.Options, names)}]").ToList();
        var width = attributes.Where(a => a.Length <= Beside).Select(a => a.Length).DefaultIfEmpty(0).Max();
        foreach (var (layer, attribute) in model.Layers.Zip(attributes))
        {
            var between = attribute.Length <= Beside ? new string(' ', width - attribute.Length + 1) : "\n    ";
            text.Append(
                $"    {attribute}{between}public partial {LayerType(layer, names)} {CSharpText.Identifier(layer.Name)} {{ get; }}\n");
        }
    }

    /// <summary>The view of a layer, which is called as its attribute is.</summary>
    private static string LayerType(LayerDescription layer, ClassFileNames names)
    {
        var attribute = layer.Options.GetType();
        return names.OfType(
            attribute.Assembly.GetType($"{attribute.Namespace}.{AttributeText.Name(layer.Options)}Layer", throwOnError: true)!);
    }
}
