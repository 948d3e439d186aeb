using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Lowering;

/// <summary>A bias of a product.</summary>
/// <param name="Tensor">The tensor.</param>
/// <param name="Blocks">For each gate of the product, its block of the tensor's rows; -1 where the bias of this gate is another
/// product's.</param>
internal sealed record BiasShare(string Tensor, IReadOnlyList<int> Blocks);

/// <summary>The weights of a product, out = start + in W^T, with the gates of the result as vectors of one row.</summary>
/// <param name="Node">The layer.</param>
/// <param name="Part">Which of the layer's products it is.</param>
/// <param name="Tensor">The tensor, [blocks * Units, Inputs].</param>
/// <param name="Blocks">The block of rows that makes each gate.</param>
/// <param name="Units">Rows of a block.</param>
/// <param name="Inputs">Length of a sum.</param>
/// <param name="Biases">What is added; none where sums start from zero.</param>
/// <param name="Format">What inference keeps the weights as.</param>
internal sealed record Weights(
    Node Node, string Part, string Tensor, IReadOnlyList<int> Blocks, int Units, int Inputs, IReadOnlyList<BiasShare> Biases,
    WeightFormatKind Format)
{
    public RowShape Shape => new(Units, Blocks.Count);

    public bool Equals(Weights? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}

/// <summary>A trained vector whose gradient is a sum over rows.</summary>
/// <param name="Node">The layer.</param>
/// <param name="Tensor">Its tensor.</param>
/// <param name="Gradient">Where Backward adds its gradient up.</param>
/// <param name="IsOfCell">Whether a cell's equations read it, one value a unit, rather than a layer's own function.</param>
internal sealed record TrainedVector(Node Node, Buffer Tensor, Buffer Gradient, bool IsOfCell);
