using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Lowering;

namespace RnnCodegen.Generators.Planning;

/// <summary>Says of each matrix what it is, for the reader of the generated code.</summary>
internal static class BufferProse
{
    public static string Describe(Lowering.Buffer buffer, ModelPlan plan) => buffer.Role switch
    {
        BufferRole.Value => $"{(buffer.Rows == RowsPer.Step ? "[T, B" : "[B")}, {buffer.Shape.Size}]",
        BufferRole.Gradient => $"gradient of {((Value)buffer.Owner).Name}",
        BufferRole.Kept when buffer.Rows == RowsPer.StepAndEnd => $"{buffer.Part} before each step, and after the last",
        BufferRole.Kept or BufferRole.Statistics => DescribeKept(buffer),
        BufferRole.VectorGradient => $"gradient of {plan.Program.Vectors.First(v => v.Gradient == buffer).Tensor.Owner}",
        BufferRole.Windows => "what each place of the convolution sees",
        BufferRole.WindowGradients => "gradient of what each place of the convolution sees",
        BufferRole.Products => "W x + b of each place of the convolution, or, in Backward, its gradient",
        BufferRole.Gates => "W x + b of a chunk of steps",
        BufferRole.StepGates => $"product {buffer.Part} of one step",
        BufferRole.StepVector => $"{buffer.Part} of one step",
        BufferRole.OtherState => $"{buffer.Part} of a single row, while the next one is made",
        BufferRole.RowSums => "sums of a single row, before its cell",
        BufferRole.GateGradients => "gradient of W x + b of a chunk of steps",
        BufferRole.StepGateGradients => $"gradient of product {buffer.Part} of a chunk of steps",
        BufferRole.StepVectorGradient => $"gradient of {buffer.Part} of one step",
        BufferRole.AttentionSums => "sums of attention's gradients, in double precision",
        BufferRole.Lengths => $"valid steps of axis {plan.Graph.Axes.ToList().IndexOf((Specs.TimeAxis)buffer.Owner)}, [B] integers",
        _ => throw new InvalidOperationException($"{buffer.Role} is not described."),
    };

    private static string DescribeKept(Lowering.Buffer buffer) => (buffer.Owner, buffer.Part) switch
    {
        (RecurrentNode, "saved") => "gate values for Backward",
        (RecurrentNode, "statistics") => "numbers of each step for Backward",
        (RecurrentNode r, var part) when r.Training.Masks.FirstOrDefault(m => m.Name == part) is { } mask =>
            $"0 or 1 / (1 - p), {(mask.IsOfStep ? "for each step" : "for each sequence")}",
        (RecurrentNode, _) => $"{buffer.Part} of each step",
        (DropoutNode, _) => "0 or 1 / (1 - p)",
        (AttentionNode, _) => "largest score and sum of shares of each row",
        (DenseNode or RowNode, "saved") => "vectors for Backward",
        (DenseNode or RowNode, _) => "numbers of each row for Backward",
        _ => "what the sequence's steps add up to",
    };
}
