using System.Text;

namespace RnnCodegen.Interchange;

/// <summary>The weights of a Keras file, layer by layer, in the order of Keras' <c>layer.weights</c>.</summary>
internal abstract class KerasWeights
{
    /// <summary>What was decided about which weights are whose, a sentence each.</summary>
    public virtual IReadOnlyList<string> Notes => [];

    /// <summary>A layer's weights; empty where the file has none for it.</summary>
    public abstract IReadOnlyList<KerasArray> Of(KerasLayer layer);

    /// <summary>Finds out how an HDF5 file is laid out.</summary>
    /// <param name="file">Its name in messages.</param>
    /// <param name="hdf5">The file.</param>
    /// <param name="layers">The model's layers as stored.</param>
    /// <exception cref="InvalidDataException">It is not laid out as Keras does.</exception>
    public static KerasWeights Open(string file, Hdf5File hdf5, IReadOnlyList<KerasLayer> layers)
    {
        foreach (var root in (ReadOnlySpan<string>)["layers", "_layer_checkpoint_dependencies"])
        {
            if (hdf5.Exists(root))
            {
                return new KerasPathWeights(hdf5, root, layers);
            }
        }

        var group = hdf5.Exists("model_weights") ? "model_weights" : "/";
        return hdf5.Names(group, "layer_names") is { } names
            ? new KerasNamedWeights(file, hdf5, group, KerasLayerNames.Match(file, layers, names, out var notes), notes)
            : throw new InvalidDataException(
                $"'{file}': it has neither a group 'layers' nor an attribute 'layer_names', so it is not a file of Keras weights.");
    }
}

/// <summary>Weights as .h5 files have them: a group a layer, whose attribute weight_names lists its datasets in order.</summary>
/// <param name="file">The file's name in messages.</param>
/// <param name="hdf5">The file.</param>
/// <param name="group">The group that the layers' groups are in.</param>
/// <param name="names">The layers' groups, by the layers' names in the model.</param>
/// <param name="notes">How these were found.</param>
internal sealed class KerasNamedWeights(
    string file, Hdf5File hdf5, string group, IReadOnlyDictionary<string, string> names, IReadOnlyList<string> notes) : KerasWeights
{
    public override IReadOnlyList<string> Notes => notes;

    public override IReadOnlyList<KerasArray> Of(KerasLayer layer)
    {
        if (!names.TryGetValue(layer.Name, out var name))
        {
            return [];
        }

        var path = group == "/" ? name : $"{group}/{name}";
        var datasets = hdf5.Names(path, "weight_names")
            ?? throw new InvalidDataException($"'{file}': {path} has no attribute weight_names.");
        return [.. datasets.Select(dataset => hdf5.Read($"{path}/{dataset}"))];
    }
}

/// <summary>
/// Weights as .keras and .weights.h5 files have them: at the path of attributes that leads to their variables, with layers of one class
/// counted from 0.
/// </summary>
internal sealed class KerasPathWeights : KerasWeights
{
    private readonly Hdf5File _hdf5;
    private readonly Dictionary<string, string> _paths = new(StringComparer.Ordinal);

    public KerasPathWeights(Hdf5File hdf5, string root, IReadOnlyList<KerasLayer> layers)
    {
        _hdf5 = hdf5;
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var layer in layers)
        {
            _paths[layer.Name] = $"{root}/{Counted(layer.ClassName, counts)}";
        }
    }

    public override IReadOnlyList<KerasArray> Of(KerasLayer layer)
    {
        var arrays = new List<KerasArray>();
        Collect(_paths[layer.Name], layer, arrays);
        return arrays;
    }

    /// <summary>A class in snake case, with a number from its second use on, e.g. <c>simple_rnn_1</c>.</summary>
    public static string Counted(string className, Dictionary<string, int> counts)
    {
        var name = SnakeCase(className);
        var count = counts.GetValueOrDefault(name);
        counts[name] = count + 1;
        return count == 0 ? name : $"{name}_{count}";
    }

    /// <summary>Keras' snake case: a word starts at a capital before a small letter and at a capital after one.</summary>
    public static string SnakeCase(string className)
    {
        var name = new StringBuilder();
        for (var i = 0; i < className.Length; i++)
        {
            var isStart = i > 0 && char.IsAsciiLetterUpper(className[i])
                && (char.IsAsciiLetterLower(className[i - 1]) || (i + 1 < className.Length && char.IsAsciiLetterLower(className[i + 1])));
            name.Append(isStart ? "_" : "").Append(char.ToLowerInvariant(className[i]));
        }

        return name.ToString();
    }

    private void Collect(string path, KerasLayer layer, List<KerasArray> arrays)
    {
        switch (layer.ClassName)
        {
            case "Bidirectional":
                Add($"{path}/forward_layer", layer.Inner("layer"), arrays);
                Add($"{path}/backward_layer", layer.IsNull("backward_layer") ? layer.Inner("layer") : layer.Inner("backward_layer"),
                    arrays);
                break;
            case "TimeDistributed":
                Add($"{path}/layer", layer.Inner("layer"), arrays);
                break;
            case "RNN":
                var counts = new Dictionary<string, int>(StringComparer.Ordinal);
                var (cells, isStack) = KerasRecurrent.Cells(layer);
                foreach (var cell in cells)
                {
                    Add(isStack ? $"{path}/cell/cells/{Counted(cell.ClassName, counts)}" : $"{path}/cell", cell, arrays);
                }

                break;
            default:
                Add(path, layer, arrays);
                break;
        }
    }

    /// <summary>Reads the variables of a layer that wraps no other.</summary>
    private void Add(string path, KerasLayer layer, List<KerasArray> arrays)
    {
        var vars = layer.ClassName is "LSTM" or "GRU" or "SimpleRNN" ? $"{path}/cell/vars" : $"{path}/vars";
        for (var i = 0; _hdf5.Exists($"{vars}/{i}"); i++)
        {
            arrays.Add(_hdf5.Read($"{vars}/{i}"));
        }
    }
}
