using Microsoft.CodeAnalysis;
using RnnCodegen.Generators.Diagnostics;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Files;

/// <summary>Compares a project's embedded files with its models, as far as their headers tell.</summary>
internal static class FileChecker
{
    /// <summary>The finding that no class of the project is the model a file is for; null where one is.</summary>
    /// <param name="file">The file.</param>
    /// <param name="models">Full names of all annotated classes, also of those with errors.</param>
    public static DiagnosticInfo? CheckModel(FileManifest file, IEnumerable<string> models) =>
        models.Contains(file.Model, StringComparer.Ordinal)
            ? null
            : Finding(FileRules.NoSuchModel, file, file.File, file.Model, Nearest(file.Model, models));

    /// <summary>
    /// What is wrong with the files of one model. A rule broken by several tensors is one finding, which names the first.
    /// </summary>
    public static EquatableArray<DiagnosticInfo> Check(ModelWithFiles model) =>
        Defects.Guard(model.Model.HintName, model.Files[0].Place, () => Compare(model), defect => new[] { defect }.ToEquatableArray());

    private static EquatableArray<DiagnosticInfo> Compare(ModelWithFiles model)
    {
        var findings = new List<DiagnosticInfo>();
        foreach (var files in model.Files.GroupBy(f => f.Kind))
        {
            var first = files.First();
            findings.AddRange(
                files.Skip(1).Select(f => Finding(FileRules.TwoFiles, f, f.File, model.Model.HintName, first.File, f.Kind.ToString())));
            findings.AddRange(files.SelectMany(f => CheckTensors(model.Model, f)));
        }

        return findings.ToEquatableArray();
    }

    private static IEnumerable<DiagnosticInfo> CheckTensors(ModelSpec model, FileManifest file)
    {
        var expected = ExpectedTensor.Of(model, file);
        var found = file.Tensors.GroupBy(t => t.Name, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.Last(), StringComparer.Ordinal);
        var known = new HashSet<string>(expected.Select(e => e.Name), StringComparer.Ordinal);
        var pairs = expected.Where(e => found.ContainsKey(e.Name)).Select(e => (Expected: e, Found: found[e.Name])).ToList();
        var missing = expected.Where(e => e.IsRequired && !found.ContainsKey(e.Name)).ToList();
        var unknown = file.Tensors.Where(t => !known.Contains(t.Name)).ToList();
        var shapes = pairs.Where(p => !HasShape(p.Expected, p.Found)).ToList();
        var types = pairs.Where(p => !p.Expected.Types.Contains(p.Found.DataType)).ToList();
        if (missing.Count > 0)
        {
            // What the model knows not may be what it misses, under another name.
            var candidates = (unknown.Count > 0 ? unknown : [.. file.Tensors]).Select(t => t.Name);
            yield return Finding(
                FileRules.TensorMissing, file, file.File, missing[0].Name, missing[0].ShapeText, model.HintName, Others(missing.Count),
                Nearest(missing[0].Name, candidates));
        }

        if (unknown.Count > 0)
        {
            yield return Finding(
                FileRules.TensorUnknown, file, file.File, unknown[0].Name, model.HintName, Others(unknown.Count),
                Nearest(unknown[0].Name, known));
        }

        if (shapes.Count > 0)
        {
            var (right, wrong) = shapes[0];
            yield return Finding(
                FileRules.TensorShape, file, file.File, right.Name, right.ShapeText, model.HintName, $"[{string.Join(", ", wrong.Shape)}]",
                Others(shapes.Count));
        }

        if (types.Count > 0)
        {
            var (right, wrong) = types[0];
            yield return Finding(
                FileRules.TensorType, file, file.File, right.Name, Either(right.Types), model.HintName, wrong.DataType,
                Others(types.Count));
        }
    }

    private static bool HasShape(ExpectedTensor expected, ManifestTensor found) =>
        expected.Shape.Count == found.Shape.Count && expected.Shape.Zip(found.Shape, (e, f) => e.Takes(f)).All(good => good);

    private static string Others(int count) => count switch
    {
        1 => "",
        2 => " (and so with one other)",
        _ => $" (and so with {(count - 1).ToString(System.Globalization.CultureInfo.InvariantCulture)} others)",
    };

    private static string Either(IReadOnlyList<string> types) => string.Join(", ", types.Take(types.Count - 1)) + " or " +
        types[types.Count - 1];

    private static string Nearest(string name, IEnumerable<string> known) => NearestNames.List(name, known) is { Length: > 0 } list
        ? list
        : "there are none";

    private static DiagnosticInfo Finding(DiagnosticDescriptor rule, FileManifest file, params string[] arguments) =>
        new(rule, file.Place, arguments.Select(VisibleText.Of).ToEquatableArray());
}
