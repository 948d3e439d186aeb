namespace RnnCodegen;

/// <summary>
/// Marks a partial class as a recurrent model. Its annotated partial properties are the layers, in declaration order;
/// the generator writes parameters, inference and training for them at compile time.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class RnnModelAttribute : Attribute
{
    /// <summary>The name by which a layer's <c>From</c>, or a source of a joining layer, reads the model's input rows.</summary>
    public const string Input = "<input>";

    /// <summary>Features in one input row. Required, except where the first layer is an <see cref="EmbeddingAttribute"/>.</summary>
    public int InputSize { get; set; }

    /// <summary>
    /// Features in a row of the memory that the model's <see cref="AttentionAttribute"/> layers read, e.g. an encoder's outputs; 0 where
    /// there are none.
    /// </summary>
    public int MemorySize { get; set; }

    /// <summary>The transform that <c>Step</c> and <c>Run</c> apply to the output row.</summary>
    public OutputTransform Output { get; set; }

    /// <summary>How exactly the layers compute sigmoid and tanh. The output transform is always accurate.</summary>
    public ActivationAccuracy ActivationAccuracy { get; set; }

    /// <summary>How inference keeps the weights of all recurrent and dense layers that do not say so themselves.</summary>
    public WeightFormat WeightFormat { get; set; }

    /// <summary>
    /// Whether the model gets code for NVIDIA GPUs beside that for the CPU, and members that bring it there: <c>TryCreateCuda</c>,
    /// <c>TryToCuda</c>, <c>CreateStreams</c>, <c>IsCuda</c>, <c>Device</c>, <c>Dispose</c>. It needs the package RnnCodegen.Cuda. The
    /// project property <c>RnnCuda</c> sets it for all models of a project.
    /// </summary>
    public bool Cuda { get; set; }

    /// <summary>What a GPU rounds the operands of large products to. Only for models with code for GPUs.</summary>
    public CudaPrecision CudaPrecision { get; set; }
}
