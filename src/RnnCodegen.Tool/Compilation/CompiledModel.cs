using System.Reflection;
using RnnCodegen.Interchange;
using RnnCodegen.Runtime;

namespace RnnCodegen.Tool.Compilation;

/// <summary>A generated class, loaded: what it needs, and its code at each width.</summary>
public sealed class CompiledModel
{
    private readonly Func<SimdWidth, ModelKernels> _kernels;

    private CompiledModel(Type type, ModelDefinition definition, Func<SimdWidth, ModelKernels> kernels) =>
        (Type, Definition, _kernels) = (type, definition, kernels);

    /// <summary>The class.</summary>
    public Type Type { get; }

    /// <summary>Its names and sizes.</summary>
    public ModelDefinition Definition { get; }

    /// <summary>Whether a type is a generated model.</summary>
    public static bool IsModel(Type type) =>
        type is { IsClass: true, IsGenericTypeDefinition: false } &&
        type.GetInterfaces()
            .Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IRnnModel<>) && i.GenericTypeArguments[0] == type);

    /// <summary>A generated model's members.</summary>
    /// <param name="type">A class for which <see cref="IsModel"/> holds.</param>
    public static CompiledModel Of(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        if (!IsModel(type))
        {
            throw new ArgumentException(
                $"{type.FullName} is not a generated model: annotate it with [RnnModel] and build it with the package RnnCodegen.",
                nameof(type));
        }

        var generic = typeof(CompiledModel).GetMethod(nameof(Read), BindingFlags.NonPublic | BindingFlags.Static)!;
        return generic.MakeGenericMethod(type).CreateDelegate<Func<CompiledModel>>()();
    }

    /// <summary>The model at one width, over parameters of its own.</summary>
    /// <param name="width">Vector width; one that this machine lacks runs in software.</param>
    /// <param name="weights">The parameters by name.</param>
    /// <exception cref="InvalidDataException">A parameter is missing, of another shape, or one too many; the message names it.</exception>
    public ModelCore Create(SimdWidth width, IReadOnlyDictionary<string, NamedTensor> weights) => Create(width, CreateParameters(weights));

    /// <summary>The model at one width, over existing parameters, which several widths may share.</summary>
    /// <param name="width">Vector width; one that this machine lacks runs in software.</param>
    /// <param name="parameters">Parameters of this model.</param>
    public ModelCore Create(SimdWidth width, ParameterSet parameters) => new(Definition, _kernels(width), parameters);

    /// <summary>Parameters with the given values.</summary>
    /// <param name="weights">The parameters by name.</param>
    /// <exception cref="InvalidDataException">A parameter is missing, of another shape, or one too many; the message names it.</exception>
    public ParameterSet CreateParameters(IReadOnlyDictionary<string, NamedTensor> weights) =>
        ModelOutline.Of(Definition).CreateParameters(weights);

    private static CompiledModel Read<TModel>()
        where TModel : class, IRnnModel<TModel> => new(typeof(TModel), TModel.Definition, TModel.CreateKernels);
}
