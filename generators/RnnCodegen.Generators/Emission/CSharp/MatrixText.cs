using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Planning;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>Spells the pointers of the Memory struct, which every body calls m.</summary>
internal sealed class MatrixText(KernelNames names)
{
    public string Value(Value value) => $"m.{names.Value(value)}";

    public string Gradient(Value value) => $"m.{names.Gradient(value)}";

    public string VectorGradient(Node node, string vector) => $"m.{names.VectorGradient(node, vector)}";

    public string Mask(DropoutNode node) => $"m.{names.Field(node, "Mask")}";

    public string Factors(MultiplyNode node) => $"m.{names.Factors(node)}";

    public string PooledState(SequencePoolNode pool) => $"m.{names.PooledState(pool)}";

    public string Statistics(Node node) => $"m.{names.Statistics(node)}";

    /// <summary>As the doubles that it holds.</summary>
    public string AttentionSums => $"(double*)m.{KernelNames.AttentionSums}";
}
