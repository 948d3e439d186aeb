using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace RnnCodegen.Build;

/// <summary>
/// Reads the headers of the files that RnnWeights and RnnGolden items name, and writes for each a manifest that the source generator checks
/// against the model. What is wrong with an item or its file is an error at the item in the project file.
/// </summary>
public sealed class DescribeModelFiles : Microsoft.Build.Utilities.Task
{
    private const string Help = "https://github.com/rnncodegen/rnncodegen/blob/main/docs/diagnostics.md#";

    /// <summary>The RnnWeights items.</summary>
    public ITaskItem[] Weights { get; set; } = [];

    /// <summary>The RnnGolden items.</summary>
    public ITaskItem[] Golden { get; set; } = [];

    /// <summary>Folder that receives the manifests.</summary>
    [Required]
    public string Folder { get; set; } = "";

    /// <summary>The manifests written, for the compiler's additional files.</summary>
    [Output]
    public ITaskItem[] Manifests { get; private set; } = [];

    /// <inheritdoc/>
    public override bool Execute()
    {
        var manifests = new List<ITaskItem>();
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var items = Weights.Select(item => ("RnnWeights", item)).Concat(Golden.Select(item => ("RnnGolden", item)));
        foreach (var (kind, item) in items)
        {
            var model = item.GetMetadata("Model").Trim();
            var place = ItemLocator.Find(item.GetMetadata("DefiningProjectFullPath"), kind, item.ItemSpec, model);
            try
            {
                RequireModel(kind, item, model);
                var file = new FileItem(kind, model, item.ItemSpec, place, HeaderReader.Read(item.GetMetadata("FullPath")));
                manifests.Add(new TaskItem(Write(file, names)));
            }
            catch (ModelFileException e)
            {
                var message = e.Code == ModelFileException.NoModel ? e.Message : $"{kind} '{item.ItemSpec}' of '{model}': {e.Message}";
                Log.LogError(null, e.Code, null, Help + e.Code.ToLowerInvariant(), place.Project, place.Line, place.Column, 0, 0, "{0}",
                    VisibleText.Of(message));
            }
        }

        Manifests = [.. manifests];
        return !Log.HasLoggedErrors;
    }

    private static void RequireModel(string kind, ITaskItem item, string model)
    {
        if (model.Length == 0 || !model.All(c => c is '.' or '_' || char.IsLetterOrDigit(c)))
        {
            throw new ModelFileException(
                ModelFileException.NoModel,
                $"Give the {kind} item '{item.ItemSpec}' the full name of its model's class: Model=\"Namespace.Name\"" +
                (model.Length == 0 ? "" : $"; '{model}' is none"));
        }
    }

    private string Write(FileItem file, HashSet<string> names)
    {
        var start = $"{file.Model}.{file.Kind}";
        var name = start;
        for (var i = 2; !names.Add(name); i++)
        {
            name = $"{start}.{i}";
        }

        Directory.CreateDirectory(Folder);
        var path = Path.Combine(Folder, name + Manifest.Extension);
        var text = Manifest.Write(file);

        // An equal manifest keeps its time, so that an unchanged project is not compiled again.
#pragma warning disable RS0030 // Half a manifest is written anew by the next build, which compares it.
        if (!File.Exists(path) || File.ReadAllText(path) != text)
        {
            File.WriteAllText(path, text, new UTF8Encoding(false));
        }
#pragma warning restore RS0030

        return path;
    }
}
