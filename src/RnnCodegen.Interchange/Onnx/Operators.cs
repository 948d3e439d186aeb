namespace RnnCodegen.Interchange.Onnx;

/// <summary>What follows each operator. Whatever is not here is refused by its name.</summary>
internal static class Operators
{
    public static readonly IReadOnlyDictionary<string, Func<NodeReader, GraphValue[]>> Table =
        new Dictionary<string, Func<NodeReader, GraphValue[]>>(StringComparer.Ordinal)
        {
            ["If"] = ControlOps.If,
            ["Loop"] = LoopOps.Loop,
            ["Scan"] = LoopOps.Scan,
            ["Less"] = LogicOps.Compare,
            ["LessOrEqual"] = LogicOps.Compare,
            ["Greater"] = LogicOps.Compare,
            ["GreaterOrEqual"] = LogicOps.Compare,
            ["And"] = LogicOps.And,
            ["Or"] = LogicOps.And,
            ["Xor"] = LogicOps.And,
            ["Not"] = LogicOps.Not,
            ["Size"] = LogicOps.Size,

            ["LSTM"] = RecurrentOps.Follow,
            ["GRU"] = RecurrentOps.Follow,
            ["RNN"] = RecurrentOps.Follow,

            ["MatMul"] = LinearOps.MatMul,
            ["Gemm"] = LinearOps.Gemm,
            ["BatchNormalization"] = LinearOps.BatchNormalization,
            ["LayerNormalization"] = LinearOps.LayerNormalization,

            ["Relu"] = PointwiseOps.Function,
            ["Sigmoid"] = PointwiseOps.Function,
            ["Tanh"] = PointwiseOps.Function,
            ["LeakyRelu"] = PointwiseOps.Function,
            ["Elu"] = PointwiseOps.Function,
            ["HardSigmoid"] = PointwiseOps.Function,
            ["Softplus"] = PointwiseOps.Function,
            ["HardSwish"] = PointwiseOps.Function,
            ["Mish"] = PointwiseOps.Function,
            ["Swish"] = PointwiseOps.Swish,
            ["Gelu"] = PointwiseOps.Gelu,
            ["Clip"] = PointwiseOps.Clip,
            ["PRelu"] = PointwiseOps.PRelu,
            ["Softmax"] = PointwiseOps.Softmax,
            ["LogSoftmax"] = PointwiseOps.Softmax,
            ["Neg"] = PointwiseOps.Negate,
            ["Add"] = PointwiseOps.Arithmetic,
            ["Sub"] = PointwiseOps.Arithmetic,
            ["Mul"] = PointwiseOps.Arithmetic,
            ["Div"] = PointwiseOps.Arithmetic,
            ["Sum"] = PointwiseOps.Sum,

            ["Conv"] = TimeOps.Conv,
            ["MaxPool"] = TimeOps.Pool,
            ["AveragePool"] = TimeOps.Pool,
            ["GlobalAveragePool"] = TimeOps.GlobalPool,
            ["GlobalMaxPool"] = TimeOps.GlobalPool,
            ["ReduceMean"] = TimeOps.Reduce,
            ["ReduceMax"] = TimeOps.Reduce,
            ["ReduceSum"] = TimeOps.Reduce,
            ["ReverseSequence"] = TimeOps.ReverseSequence,

            ["Identity"] = LayoutOps.Identity,
            ["Dropout"] = LayoutOps.Dropout,
            ["Cast"] = LayoutOps.Cast,
            ["Transpose"] = LayoutOps.Transpose,
            ["Squeeze"] = LayoutOps.Squeeze,
            ["Unsqueeze"] = LayoutOps.Unsqueeze,
            ["Reshape"] = ReshapeOps.Reshape,
            ["Flatten"] = ReshapeOps.Flatten,

            ["Slice"] = PartOps.Slice,
            ["Gather"] = PartOps.Gather,
            ["Split"] = PartOps.Split,
            ["Concat"] = PartOps.Concat,
            ["Pad"] = PartOps.Pad,

            ["Constant"] = SizeOps.Constant,
            ["Shape"] = SizeOps.Shape,
            ["ConstantOfShape"] = SizeOps.ConstantOfShape,
            ["Expand"] = SizeOps.Expand,
            ["Tile"] = SizeOps.Tile,
            ["ReduceProd"] = SizeOps.ReduceProd,
            ["Equal"] = SizeOps.Equal,
            ["Where"] = SizeOps.Where,
            ["DequantizeLinear"] = ConstantOps.Dequantize,
            ["Sqrt"] = ConstantOps.SquareRoot,
        };
}
