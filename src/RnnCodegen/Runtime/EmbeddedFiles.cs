using System.Reflection;

namespace RnnCodegen.Runtime;

/// <summary>Files that the project items RnnWeights and RnnGolden put into an assembly. Generated code calls this.</summary>
public static class EmbeddedFiles
{
    // The package's build files give the resources these names, with the model's full name behind them.
    private const string Weights = "RnnCodegen.Weights.";
    private const string Golden = "RnnCodegen.Golden.";

    /// <summary>
    /// The weights embedded for a model. They are read where they lie in the assembly, without a copy, if the file holds the model's
    /// tensors as F32 in the model's order, as every file that RnnCodegen saved does; else they are copied.
    /// </summary>
    /// <param name="assembly">The model's assembly.</param>
    /// <param name="definition">The model.</param>
    /// <returns>Parameters of the model's layout; <see cref="ParameterSet.IsInPlace"/> says which it was.</returns>
    /// <exception cref="InvalidOperationException">The assembly has no weights for the model.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is not valid or not of this model, or a value is not finite; the message names the tensor.
    /// </exception>
    public static ParameterSet LoadWeights(Assembly assembly, ModelDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        ArgumentNullException.ThrowIfNull(definition);
        return LoadWeights(OpenWeights(assembly, definition), definition);
    }

    /// <summary>The golden pair embedded for a model.</summary>
    /// <param name="assembly">The model's assembly.</param>
    /// <param name="definition">The model.</param>
    /// <exception cref="InvalidOperationException">The assembly has no golden pair for the model.</exception>
    /// <exception cref="InvalidDataException">The file is not valid; the message names the tensor.</exception>
    public static GoldenPair LoadGolden(Assembly assembly, ModelDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        ArgumentNullException.ThrowIfNull(definition);
        var file = EmbeddedFile.Open(assembly, Golden + definition.Name, "RnnGolden");
        return GoldenPair.Parse(file.Name, file.Tensors);
    }

    internal static EmbeddedFile OpenWeights(Assembly assembly, ModelDefinition definition) =>
        EmbeddedFile.Open(assembly, Weights + definition.Name, "RnnWeights");

    internal static ParameterSet LoadWeights(EmbeddedFile file, ModelDefinition definition)
    {
        if (file.InPlace(definition.Parameters) is { } values)
        {
            var inPlace = new ParameterSet(definition.Parameters, values);
            SafeTensors.Check(file.Name, file.Tensors, inPlace);
            return inPlace;
        }

        var parameters = new ParameterSet(definition.Parameters);
        SafeTensors.Load(file.Name, file.Tensors, parameters);
        return parameters;
    }
}
