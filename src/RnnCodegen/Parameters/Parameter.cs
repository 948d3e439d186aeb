using System.Numerics.Tensors;

namespace RnnCodegen;

/// <summary>A named, shaped view of one tensor of a <see cref="ParameterSet"/>; row-major, rows are output features.</summary>
public sealed class Parameter
{
    private readonly ParameterSet _owner;
    private readonly nint[] _lengths;

    internal Parameter(ParameterSet owner, ParameterInfo info)
    {
        _owner = owner;
        Info = info;
        int[] shape = info.Columns == 0
            ? [info.Rows]
            : info.Kernel > 0 ? [info.Rows, info.Columns / info.Kernel, info.Kernel]
            : [info.Rows, info.Columns];
        Shape = Array.AsReadOnly(shape);
        _lengths = [.. shape.Select(n => (nint)n)];
    }

    /// <summary>Name, role and place of the tensor.</summary>
    public ParameterInfo Info { get; }

    /// <summary>PyTorch's name, e.g. <c>Encoder.weight_ih_l0</c>.</summary>
    public string Name => Info.Name;

    /// <summary>[rows, columns] of a matrix, [length] of a vector, [filters, features, steps] of a convolution's kernel.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>The values, row after row.</summary>
    public ReadOnlySpan<float> Values => _owner.Values.Slice(Info.Offset, Info.Length);

    /// <summary>The values, for code that cannot hold a span.</summary>
    internal ReadOnlyMemory<float> Memory => _owner.Memory.Slice(Info.Offset, Info.Length);

    /// <summary>The values shaped as <see cref="Shape"/>.</summary>
    public ReadOnlyTensorSpan<float> Tensor => new(Values, _lengths);

    /// <summary>
    /// The values for writing, row after row. Call it anew for each round of writes: see <see cref="ParameterSet.Edit"/>.
    /// </summary>
    public Span<float> Edit() => _owner.Edit().Slice(Info.Offset, Info.Length);

    /// <summary>
    /// The values for writing, shaped as <see cref="Shape"/>. Call it anew for each round of writes: see <see cref="ParameterSet.Edit"/>.
    /// </summary>
    public TensorSpan<float> EditTensor() => new(Edit(), _lengths);

    /// <summary>Name and shape, e.g. <c>Encoder.weight_ih_l0 [256, 40]</c>.</summary>
    public override string ToString() => $"{Name} [{string.Join(", ", Shape)}]";
}
