using PureHDF;

namespace RnnCodegen.Interchange;

/// <summary>
/// Writes variables as Keras 3 looks for them: <c>layers/lstm_1/cell/vars/0</c>, with the layers of a class counted from 0.
/// </summary>
internal static class KerasWeightWriter
{
    public static byte[] Write(IReadOnlyList<KerasNode> nodes)
    {
        // Keras opens a group 'vars' of everything that could have variables of its own.
        var file = new H5File { ["vars"] = new H5Group() };
        var layers = new H5Group();
        file["layers"] = layers;
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var node in nodes)
        {
            var group = new H5Group { ["vars"] = new H5Group() };
            layers[KerasPathWeights.Counted(node.ClassName, counts)] = group;
            foreach (var (path, array) in node.Variables)
            {
                Add(group, path, array);
            }
        }

        using var stream = new MemoryStream();
        file.Write(stream);
        return stream.ToArray();
    }

    /// <summary>Adds a variable to the group 'vars' at a path, which is made on the way; variables there are counted from 0.</summary>
    private static void Add(H5Group group, string path, KerasArray array)
    {
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            group = Child(group, part);
        }

        var vars = Child(group, "vars");
        vars[vars.Count.ToString()] = new H5Dataset(array.Values, fileDims: [.. array.Shape.Select(size => (ulong)size)]);
    }

    private static H5Group Child(H5Group group, string name)
    {
        if (!group.TryGetValue(name, out var child))
        {
            group[name] = child = new H5Group();
        }

        return (H5Group)child;
    }
}
