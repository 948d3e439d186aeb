using RnnCodegen.Reference;
using RnnCodegen.Runtime;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>An annotated class seen from both sides: what its annotations say, and what was generated for it.</summary>
internal sealed class TestModel
{
    private readonly Func<SimdWidth, ModelKernels> _kernels;
    private readonly Lazy<ModelDefinition> _laborious;

    private TestModel(Type type, ModelDefinition definition, Func<SimdWidth, ModelKernels> kernels)
    {
        (Type, Definition, _kernels) = (type, definition, kernels);
        Reference = ReferenceModel.Of(type);
        _laborious = new(() => Laborious(definition));
    }

    public Type Type { get; }

    public ModelDefinition Definition { get; }

    public ReferenceModel Reference { get; }

    public static TestModel Of<TModel>()
        where TModel : class, IRnnModel<TModel> => new(typeof(TModel), TModel.Definition, TModel.CreateKernels);

    /// <summary>The same of a class that is known only now.</summary>
    public static TestModel Of(Type model) =>
        (TestModel)typeof(TestModel).GetMethod(nameof(Of), 1, [])!.MakeGenericMethod(model).Invoke(null, null)!;

    /// <summary>The generated code of one width over parameters of its own.</summary>
    /// <param name="width">Vector width.</param>
    /// <param name="values">The parameters.</param>
    /// <param name="threads">MaxThreads; where there are several, small batches too are worth them.</param>
    /// <param name="memory">Where the code's memory comes from; null for the engine's own.</param>
    public ModelCore Create(SimdWidth width, IReadOnlyDictionary<string, double[]> values, int threads = 1, CaseMemory? memory = null) =>
        Create((memory ?? CaseMemory.Plain).Guard(_kernels(width), Definition), values, threads);

    /// <summary>The same with a note of the calls.</summary>
    public (ModelCore Core, ProbeKernels Probe) CreateProbed(SimdWidth width, IReadOnlyDictionary<string, double[]> values, int threads)
    {
        var probe = new ProbeKernels(_kernels(width));
        return (Create(probe, values, threads), probe);
    }

    private ModelCore Create(ModelKernels kernels, IReadOnlyDictionary<string, double[]> values, int threads)
    {
        var parameters = new ParameterSet(Definition.Parameters);
        foreach (var tensor in parameters.Tensors)
        {
            Narrow(values[tensor.Name]).CopyTo(tensor.Edit());
        }

        return new ModelCore(threads == 1 ? Definition : _laborious.Value, kernels, parameters) { MaxThreads = threads };
    }

    /// <summary>The same model, said to be so much work that only the number of samples limits the threads.</summary>
    private static ModelDefinition Laborious(ModelDefinition model) => new()
    {
        Name = model.Name,
        InputSize = model.InputSize,
        Vocabulary = model.Vocabulary,
        OutputSize = model.OutputSize,
        OutputIsSequence = model.OutputIsSequence,
        CanStream = model.CanStream,
        FlopsPerStep = 1_000_000_000,
        StepRows = model.StepRows,
        LeastSteps = model.LeastSteps,
        OutputWindows = model.OutputWindows,
        MemorySize = model.MemorySize,
        MemoryKeys = model.MemoryKeys,
        Categories = model.Categories,
        Output = model.Output,
        Parameters = model.Parameters,
        State = model.State,
    };

    /// <summary>The width that this machine runs natively.</summary>
    public static SimdWidth Widest =>
        System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated ? SimdWidth.Vector512
        : System.Runtime.Intrinsics.Vector256.IsHardwareAccelerated ? SimdWidth.Vector256
        : System.Runtime.Intrinsics.Vector128.IsHardwareAccelerated ? SimdWidth.Vector128 : SimdWidth.Scalar;

    public static float[] Narrow(double[] values) => Array.ConvertAll(values, v => (float)v);
}
