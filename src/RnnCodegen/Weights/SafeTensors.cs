namespace RnnCodegen;

/// <summary>
/// Saves and loads parameters in the safetensors format, under the names and in the layout of PyTorch's state dictionaries.
/// </summary>
public static class SafeTensors
{
    /// <summary>Saves all tensors as F32; an existing file is replaced only once the new one is completely on the disk.</summary>
    /// <param name="path">The file.</param>
    /// <param name="parameters">The parameters.</param>
    /// <param name="metadata">Metadata to store in the file, e.g. <c>format</c> = <c>pt</c>.</param>
    /// <exception cref="IOException">It cannot be written; an existing file is as it was.</exception>
    public static void Save(string path, ParameterSet parameters, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        SafeTensorsFile.Write(path, [.. parameters.Tensors.Select(t => new SafeTensor(t.Name, t.Shape, t.Memory))], metadata);
    }

    /// <summary>
    /// Loads all tensors; the parameters are changed only after the whole file was read and found right. F16 and BF16 become the same
    /// float32 values, F64 the nearest. The file is read into memory, up to <see cref="SafeTensorsFile.ReadLimit"/> bytes; for a larger
    /// one, see <see cref="Load(string, SafeTensorsFile, ParameterSet)"/>.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="parameters">The parameters to overwrite.</param>
    /// <exception cref="InvalidDataException">
    /// The file is not valid, lacks a tensor, has one too many, or has one of a wrong type or shape or with a value that is not finite or
    /// beyond float32's range; the message names the file, the tensor and what was expected.
    /// </exception>
    /// <exception cref="IOException">It cannot be read, is a folder, pipe or device, is larger, or changed while it was read.</exception>
    public static void Load(string path, ParameterSet parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (!parameters.IsClear)
        {
            SafeTensorsFile.ReadFor(path, file => Load(path, file, parameters));
            return;
        }

        // What there is to preserve is zeros, which need no second copy of the file.
        try
        {
            SafeTensorsFile.ReadEach(path, file => CheckLayout(path, file, parameters), tensor =>
            {
                var parameter = parameters[tensor.Name];
                CheckValues(path, tensor, parameter);
                tensor.CopyTo(parameter.Edit());
            });
        }
        catch when (!parameters.IsClear)
        {
            parameters.Clear();
            throw;
        }
    }

    /// <summary>
    /// Loads all tensors of a file that is in memory, e.g. an embedded resource, as <see cref="Load(string, ParameterSet)"/> does.
    /// </summary>
    /// <param name="name">Name of the file in messages.</param>
    /// <param name="content">All bytes of the file.</param>
    /// <param name="parameters">The parameters to overwrite.</param>
    /// <exception cref="InvalidDataException">As for a file on disk.</exception>
    public static unsafe void Load(string name, ReadOnlySpan<byte> content, ParameterSet parameters)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(parameters);
        fixed (byte* pointer = content)
        {
            Load(name, SafeTensorsFile.Read(name, pointer, content.Length, owner: null), parameters);
        }
    }

    /// <summary>
    /// Loads all tensors of a file that is open, e.g. mapped (<see cref="SafeTensorsFile.Map"/>, which says what may not happen to it
    /// meanwhile), as <see cref="Load(string, ParameterSet)"/> does. Values of a mapped file are copied once, straight to the parameters.
    /// </summary>
    /// <param name="name">Name of the file in messages.</param>
    /// <param name="file">The file.</param>
    /// <param name="parameters">The parameters to overwrite.</param>
    /// <exception cref="InvalidDataException">As for a path.</exception>
    public static void Load(string name, SafeTensorsFile file, ParameterSet parameters)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(parameters);
        Check(name, file, parameters);
        foreach (var tensor in parameters.Tensors)
        {
            file[tensor.Name].CopyTo(tensor.Edit());
        }
    }

    /// <summary>Refuses a file that lacks a tensor, has one too many or a wrong one.</summary>
    internal static void Check(string path, SafeTensorsFile file, ParameterSet parameters)
    {
        CheckLayout(path, file, parameters);
        foreach (var expected in parameters.Tensors)
        {
            CheckValues(path, file[expected.Name], expected);
        }
    }

    /// <summary>Refuses a file without the tensor, under its name behind a prefix, or with a wrong one.</summary>
    internal static void Check(string path, SafeTensorsFile file, Parameter expected, string prefix = "") =>
        CheckValues(path, CheckLayout(path, file, expected, prefix), expected);

    private static void CheckLayout(string path, SafeTensorsFile file, ParameterSet parameters)
    {
        foreach (var expected in parameters.Tensors)
        {
            _ = CheckLayout(path, file, expected, "");
        }

        foreach (var tensor in file.Tensors)
        {
            if (!parameters.TryGet(tensor.Name, out _))
            {
                throw new InvalidDataException(
                    $"'{path}': the model has no tensor '{SafeTensorsHeader.Shown(tensor.Name)}'. " +
                    NearestNames.Describe(tensor.Name, parameters.Tensors.Select(t => t.Name)));
            }
        }
    }

    private static SafeTensor CheckLayout(string path, SafeTensorsFile file, Parameter expected, string prefix)
    {
        if (!file.TryGet(prefix + expected.Name, out var found))
        {
            throw new InvalidDataException(
                $"'{path}': the model needs tensor {prefix}{expected}, which the file lacks. " +
                NearestNames.Describe(prefix + expected.Name, file.Tensors.Select(t => t.Name)));
        }

        if (!found.Type.IsReal)
        {
            throw new InvalidDataException(
                $"'{path}': tensor {expected} must be F32, F64, F16 or BF16, but the file's is {found.DataType}; convert it first.");
        }

        if (!found.Shape.SequenceEqual(expected.Shape))
        {
            throw new InvalidDataException(
                $"'{path}': tensor '{expected.Name}' must have shape {SafeTensorsHeader.Describe(expected.Shape)}, " +
                $"but the file's has {SafeTensorsHeader.Describe(found.Shape)}.");
        }

        return found;
    }

    private static void CheckValues(string path, SafeTensor found, Parameter expected)
    {
        if (found.FindNotFinite() is var (index, value))
        {
            throw new InvalidDataException(
                $"'{path}': value {index} of tensor {expected} is {value}; weights must be " +
                (double.IsFinite(value) ? "within float32's range." : "finite."));
        }
    }
}
