using RnnCodegen.Interchange.Onnx.Format;

namespace RnnCodegen.Interchange.Onnx;

/// <summary>Control flow: If, whose branch is known before anything runs or makes no difference.</summary>
internal static class ControlOps
{
    public static GraphValue[] If(NodeReader n)
    {
        var (first, second) = (Branch(n, "then_branch"), Branch(n, "else_branch"));
        var condition = n.Peek(0) ?? throw n.Refuse("it lacks its condition");
        if (condition is ConstantValue { Tensor: { Length: 1, IntegerValues: [var choice] } })
        {
            return Outputs(n, choice != 0 ? first : second);
        }

        // Where both branches come to the same, the condition does not matter.
        var (ones, others) = (Outputs(n, first), Outputs(n, second));
        if (ones.Length == others.Length && ones.Zip(others).All(p => IsSame(p.First, p.Second)))
        {
            return ones;
        }

        throw new RefusalException(
            $"{n.Subject}: its condition, '{n.InputName(0)}', depends on {Dependence(n, condition)}, and its branches differ; " +
            Cure(n, condition),
            isWhole: true);
    }

    private static GraphProto Branch(NodeReader n, string name) => n.Body(name) ?? throw n.Refuse($"it lacks its {name}");

    private static GraphValue[] Outputs(NodeReader n, GraphProto branch)
    {
        var outputs = n.Graph.FollowBody(branch, []);
        return outputs.Length == n.OutputCount ? outputs
            : throw n.Refuse($"a branch has {outputs.Length} outputs where the node has {n.OutputCount}");
    }

    private static bool IsSame(GraphValue a, GraphValue b) => ReferenceEquals(a, b) || (a, b) switch
    {
        (RowsValue x, RowsValue y) => x.Source == y.Source && x.TimePads == y.TimePads && AreSame(x.Axes, y.Axes),
        (StatesValue x, StatesValue y) => x.Parts.SequenceEqual(y.Parts) && AreSame(x.Axes, y.Axes),
        (ConstantValue { Tensor: var x }, ConstantValue { Tensor: var y }) => x.Shape.SequenceEqual(y.Shape)
            && (x.RealValues, x.IntegerValues) switch
            {
                ({ } reals, _) => y.RealValues is { } others && reals.AsSpan().SequenceEqual(others),
                (_, { } integers) => y.IntegerValues is { } others && integers.AsSpan().SequenceEqual(others),
                _ => false,
            },
        _ => false,
    };

    private static bool AreSame(Axis[] a, Axis[] b) => a.Length == b.Length && a.Zip(b).All(p => p.First.Find() == p.Second.Find());

    /// <summary>An input that is one number, which alone a condition depends on; null where it depends on anything else.</summary>
    private static string? Number(NodeReader n, GraphValue condition) =>
        condition.Inputs is [var input]
            && n.Graph.Proto.Inputs.Find(i => i.Name == input) is { Type: not OnnxDataType.Float, Shape: { } shape }
            && shape.TrueForAll(d => d.Value == 1) ? input : null;

    private static string Dependence(NodeReader n, GraphValue condition) =>
        Number(n, condition) is { } input ? $"the input '{input}'" : "what is not known before the graph runs";

    private static string Cure(NodeReader n, GraphValue condition) => Number(n, condition) is { } input
        ? $"say the value with --input-value {input}=NUMBER, or in {nameof(OnnxImportOptions)}.{nameof(OnnxImportOptions.Constants)}"
        : "export the branch that is meant alone" + (condition is RefusedValue refused ? $" ({refused.Reason})" : "");
}
