using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>
/// What the generator implements, explicitly, on each annotated class: how runtime code such as the trainer reaches
/// a model without reflection.
/// </summary>
/// <typeparam name="TSelf">The model class.</typeparam>
public interface IRnnModel<TSelf>
    where TSelf : class, IRnnModel<TSelf>
{
    /// <summary>Names and sizes.</summary>
    static abstract ModelDefinition Definition { get; }

    /// <summary>The generated code for the widest vectors this machine has; a constant choice after compilation.</summary>
    static abstract ModelKernels CreateKernels();

    /// <summary>The generated code for a given width, whatever the machine has (missing widths run in software).</summary>
    static abstract ModelKernels CreateKernels(SimdWidth width);

    /// <summary>A model over existing parameters and kernels.</summary>
    static abstract TSelf Create(ModelCore core);

    /// <summary>The model's parameters and kernels.</summary>
    ModelCore Core { get; }
}
