using System.Numerics.Tensors;

namespace RnnCodegen;

/// <summary>
/// Saves and loads parameters in the safetensors format, under the names and in the layout of PyTorch's state dictionaries.
/// </summary>
public static class SafeTensors
{
    /// <summary>Saves all tensors; an existing file is replaced only once the new one is completely on the disk.</summary>
    /// <param name="path">The file.</param>
    /// <param name="parameters">The parameters.</param>
    /// <param name="metadata">What the file should say about itself, e.g. <c>format</c> = <c>pt</c>.</param>
    /// <exception cref="IOException">It cannot be written; an existing file is as it was.</exception>
    public static void Save(string path, ParameterSet parameters, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        SafeTensorsFile.Write(path, [.. parameters.Tensors.Select(t => new SafeTensor(t.Name, t.Shape, t.Memory))], metadata);
    }

    /// <summary>Loads all tensors; the parameters are changed only after the whole file was found right.</summary>
    /// <param name="path">The file.</param>
    /// <param name="parameters">The parameters to overwrite.</param>
    /// <exception cref="InvalidDataException">
    /// The file is not valid, lacks a tensor, has one too many, or has one of a wrong type or shape or with a value that is not finite; the
    /// message names the file, the tensor and what was expected.
    /// </exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static void Load(string path, ParameterSet parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        Load(path, SafeTensorsFile.Read(path), parameters);
    }

    /// <summary>Loads all tensors of a file that was read; the parameters are changed only after all of it was found right.</summary>
    internal static void Load(string path, SafeTensorsFile file, ParameterSet parameters)
    {
        Check(path, file, parameters);
        foreach (var tensor in parameters.Tensors)
        {
            file[tensor.Name].Floats.CopyTo(tensor.Edit());
        }
    }

    /// <summary>Refuses a file that lacks a tensor, has one too many or a wrong one.</summary>
    internal static void Check(string path, SafeTensorsFile file, ParameterSet parameters)
    {
        foreach (var expected in parameters.Tensors)
        {
            Check(path, file, expected);
        }

        foreach (var tensor in file.Tensors)
        {
            if (!parameters.TryGet(tensor.Name, out _))
            {
                throw new InvalidDataException(
                    $"'{path}': the model has no tensor '{tensor.Name}'. " +
                    NearestNames.Describe(tensor.Name, parameters.Tensors.Select(t => t.Name)));
            }
        }
    }

    /// <summary>Refuses a file without the tensor, under its name behind a prefix, or with a wrong one.</summary>
    internal static void Check(string path, SafeTensorsFile file, Parameter expected, string prefix = "")
    {
        if (!file.TryGet(prefix + expected.Name, out var found))
        {
            throw new InvalidDataException(
                $"'{path}': the model needs tensor {prefix}{expected}, which the file lacks. " +
                NearestNames.Describe(prefix + expected.Name, file.Tensors.Select(t => t.Name)));
        }

        if (found.DataType != SafeTensorsHeader.Float32)
        {
            throw new InvalidDataException(
                $"'{path}': tensor {expected} must be F32, but the file's is {found.DataType}; convert it first.");
        }

        if (!found.Shape.SequenceEqual(expected.Shape))
        {
            throw new InvalidDataException(
                $"'{path}': tensor '{expected.Name}' must have shape {SafeTensorsHeader.Describe(expected.Shape)}, " +
                $"but the file's has {SafeTensorsHeader.Describe(found.Shape)}.");
        }

        if (!TensorPrimitives.IsFiniteAll(found.Floats))
        {
            var index = found.Floats.IndexOfAnyExceptInRange(float.MinValue, float.MaxValue);
            throw new InvalidDataException(
                $"'{path}': value {index} of tensor {expected} is {found.Floats[index]}; weights must be finite.");
        }
    }
}
