using RnnCodegen.Kernels;
using RnnCodegen.Numerics.Tests.Reference;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>An annotated class seen from both sides: what its annotations say, and what was generated for it.</summary>
internal sealed class TestModel
{
    private readonly Func<SimdWidth, ModelKernels> _kernels;

    private TestModel(Type type, ModelDefinition definition, Func<SimdWidth, ModelKernels> kernels)
    {
        (Type, Definition, _kernels) = (type, definition, kernels);
        Reference = ReferenceModel.Of(type);
    }

    public Type Type { get; }

    public ModelDefinition Definition { get; }

    public ReferenceModel Reference { get; }

    public static TestModel Of<TModel>()
        where TModel : class, IRnnModel<TModel> => new(typeof(TModel), TModel.Definition, TModel.CreateKernels);

    /// <summary>The generated code of one width over parameters of its own.</summary>
    public ModelCore Create(SimdWidth width, IReadOnlyDictionary<string, double[]> values)
    {
        var parameters = new ParameterSet(Definition.Parameters);
        foreach (var tensor in parameters.Tensors)
        {
            Narrow(values[tensor.Name]).CopyTo(tensor.Edit());
        }

        return new ModelCore(Definition, _kernels(width), parameters);
    }

    public static float[] Narrow(double[] values) => Array.ConvertAll(values, v => (float)v);
}
