namespace RnnCodegen.Generators.Tests.Snapshots;

/// <summary>The models whose generated text is kept: one idea each, and the files that show it.</summary>
public static class ModelSources
{
    public static readonly IReadOnlyDictionary<string, (string Source, string[] Files)> All = new Dictionary<string, (string, string[])>
    {
        ["Lstm"] = ("""
            namespace Audio;
            /// <summary>One LSTM with a dense head.</summary>
            [RnnModel(InputSize = 1)]
            public partial class Lstm
            {
                /// <summary>Memory.</summary>
                [Lstm(20)] public partial LstmLayer Encoder { get; }
                /// <summary>Output.</summary>
                [Dense(1)] public partial DenseLayer Head { get; }
            }
            """, ["Card", "Forward.Vector512", "Backward.Vector512", "RnnKernels.Vector512"]),
        ["GruResetAfter"] = ("""
            /// <summary>A stack of two.</summary>
            [RnnModel(InputSize = 40)]
            public partial class GruResetAfter
            {
                /// <summary>Memory.</summary>
                [Gru(64, Layers = 2, Dropout = 0.1f)] public partial GruLayer Encoder { get; }
            }
            """, ["Card", "Forward.Vector256", "RnnKernels.Vector256"]),
        ["ConvAttention"] = ("""
            /// <summary>Strided convolutions before a decoder that attends to an encoder's outputs.</summary>
            [RnnModel(InputSize = 4, MemorySize = 20)]
            public partial class ConvAttention
            {
                /// <summary>Half as many steps.</summary>
                [Conv1d(8, 4, Stride = 2, Padding = TimePadding.Causal, Activation = Activation.Relu)] public partial Conv1dLayer Front { get; }
                /// <summary>Memory.</summary>
                [Gru(16)] public partial GruLayer Cell { get; }
                /// <summary>What of the encoder's outputs matters now.</summary>
                [Attention(Score = AttentionScore.Additive)] public partial AttentionLayer Context { get; }
                /// <summary>Both.</summary>
                [Concat(nameof(Cell), nameof(Context))] public partial ConcatLayer Both { get; }
                /// <summary>The largest of each feature.</summary>
                [GlobalPool(Pooling.Max)] public partial GlobalPoolLayer Largest { get; }
            }
            """, ["Card", "Forward.Vector256", "Backward.Scalar", "RnnKernels.Vector256", "RnnKernels.Scalar"]),
        ["RowConvolution"] = ("""
            /// <summary>A spectrum of a frame's overlapping parts, and a convolution over these.</summary>
            [RnnModel(InputSize = 40)]
            public partial class RowConvolution
            {
                /// <summary>Parts of 16 samples, the last one mirrored at the frame's end.</summary>
                [RowConv1d(6, 16, Stride = 8, PadRight = 8, Mirror = true, Bias = false)] public partial RowConv1dLayer Spectrum { get; }
                /// <summary>Over three parts.</summary>
                [RowConv1d(5, 3, Channels = 6, PadLeft = 1, PadRight = 1, Activation = Activation.Relu)]
                public partial RowConv1dLayer Filters { get; }
            }
            """, ["Card", "Forward.Vector256", "Backward.Scalar"]),
        ["GruResetBefore"] = ("""
            /// <summary>The reset gate before the product.</summary>
            [RnnModel(InputSize = 3)]
            internal partial class GruResetBefore
            {
                /// <summary>Memory.</summary>
                [Gru(17, ResetAfter = false, Bias = false)] internal partial GruLayer Encoder { get; }
            }
            """, ["Backward.Vector128", "RnnKernels.Vector128"]),
        ["Elman"] = ("""
            /// <summary>The plainest.</summary>
            [RnnModel(InputSize = 2)]
            public partial class Elman
            {
                /// <summary>Memory.</summary>
                [Elman(3, Activation = Activation.Relu)] public partial ElmanLayer Cell { get; }
            }
            """, ["Forward.Scalar", "Backward.Scalar", "RnnKernels.Scalar"]),
        ["MinGru"] = ("""
            /// <summary>No product inside the time loop.</summary>
            [RnnModel(InputSize = 6)]
            public partial class MinGru
            {
                /// <summary>Memory.</summary>
                [MinGru(9, Layers = 2, Clip = 2)] public partial MinGruLayer Cell { get; }
            }
            """, ["Card", "Forward.Vector128", "Backward.Scalar", "RnnKernels.Vector128", "RnnKernels.Scalar"]),
        ["Normalized"] = ("""
            /// <summary>Sums along a row: in gates, and in layers that are one walk.</summary>
            [RnnModel(InputSize = 6, Output = OutputTransform.LogSoftmax)]
            public partial class Normalized
            {
                /// <summary>Memory.</summary>
                [Gru(9, Normalization = GateNormalization.Joint)] public partial GruLayer Cell { get; }

                /// <summary>A product, and its walk.</summary>
                [Dense(6)] public partial DenseLayer Out { get; }

                /// <summary>The walk's sums.</summary>
                [LayerNorm] public partial LayerNormLayer Norm { get; }

                /// <summary>Its results.</summary>
                [PRelu] public partial PReluLayer Bent { get; }

                /// <summary>Another walk.</summary>
                [Add(nameof(Bent), RnnModelAttribute.Input)] public partial AddLayer Sum { get; }
            }
            """, ["Card", "Forward.Vector128", "Backward.Vector128", "RnnKernels.Vector128"]),
        ["MinLstm"] = ("""
            /// <summary>Gates divided by their sum, without a division.</summary>
            [RnnModel(InputSize = 6)]
            public partial class MinLstm
            {
                /// <summary>Memory.</summary>
                [MinLstm(9, Layers = 2, Clip = 2)] public partial MinLstmLayer Cell { get; }
            }
            """, ["Card", "Forward.Vector128", "Backward.Scalar", "RnnKernels.Vector128", "RnnKernels.Scalar"]),
        ["LstmVariants"] = ("""
            /// <summary>Peepholes, coupled gates and a projection.</summary>
            [RnnModel(InputSize = 8)]
            public partial class LstmVariants
            {
                /// <summary>Memory.</summary>
                [Lstm(33, Projection = 12, Peepholes = true, CoupledInputForget = true, GateActivation = Activation.HardSigmoid)]
                public partial LstmLayer Encoder { get; }
            }
            """, ["Forward.Vector128", "RnnKernels.Vector128"]),
        ["CellOptions"] = ("""
            /// <summary>What cells of other frameworks have.</summary>
            [RnnModel(InputSize = 3)]
            public partial class CellOptions
            {
                /// <summary>Memory.</summary>
                [Lstm(5, Clip = 3, CellClip = 10, CellActivation = Activation.Elu, Alpha = 0.5f, Reverse = true, LearnedInitialState = true)]
                public partial LstmLayer Encoder { get; }
            }
            """, ["Card", "Forward.Scalar", "Backward.Scalar", "RnnKernels.Scalar"]),
        ["Classifier"] = ("""
            /// <summary>Reads both ways, answers once.</summary>
            [RnnModel(InputSize = 28, Output = OutputTransform.Softmax)]
            public partial class Classifier
            {
                /// <summary>Memory.</summary>
                [Lstm(40, Bidirectional = true, ReturnSequences = false)] public partial LstmLayer Encoder { get; }
                /// <summary>Scores.</summary>
                [Dense(10)] public partial DenseLayer Head { get; }
            }
            """, ["Card"]),
        ["LanguageModel"] = ("""
            /// <summary>Tokens in, scores of the next token out.</summary>
            [RnnModel]
            public partial class LanguageModel
            {
                /// <summary>Letters.</summary>
                [Embedding(65, 16)] public partial EmbeddingLayer Letters { get; }
                /// <summary>Memory.</summary>
                [Gru(32)] public partial GruLayer Memory { get; }
                /// <summary>Scores.</summary>
                [Dense(65)] public partial DenseLayer Scores { get; }
            }
            """, ["Card"]),
        ["Categories"] = ("""
            /// <summary>A day of the week and a shop among three numbers.</summary>
            [RnnModel(InputSize = 5)]
            public partial class Categories
            {
                /// <summary>The day.</summary>
                [Embedding(7, 3, Column = 0)] public partial EmbeddingLayer Day { get; }
                /// <summary>The shop.</summary>
                [Embedding(50, 8, Column = 2)] public partial EmbeddingLayer Shop { get; }
                /// <summary>Sales.</summary>
                [Dense(1)] public partial DenseLayer Sales { get; }
            }
            """, ["Card", "Forward.Scalar", "Backward.Scalar"]),
        ["Branches"] = ("""
            /// <summary>A skip connection and a normalised sum.</summary>
            [RnnModel(InputSize = 6)]
            public partial class Branches
            {
                /// <summary>One way.</summary>
                [Gru(6)] public partial GruLayer Left { get; }
                /// <summary>The other.</summary>
                [Dense(6, Activation = Activation.Tanh)] public partial DenseLayer Right { get; }
                /// <summary>Both.</summary>
                [Add(nameof(Left), nameof(Right))] public partial AddLayer Sum { get; }
                /// <summary>Normalised.</summary>
                [LayerNorm] public partial LayerNormLayer Norm { get; }
                /// <summary>Thinned.</summary>
                [Dropout(0.25f)] public partial DropoutLayer Thin { get; }
                /// <summary>Joined.</summary>
                [Concat(nameof(Thin), nameof(Left))] public partial ConcatLayer Joined { get; }
            }
            """, ["Card"]),
        ["Reduced"] = ("""
            /// <summary>Fewer bits a weight.</summary>
            [RnnModel(InputSize = 5, WeightFormat = WeightFormat.Int8)]
            public partial class Reduced
            {
                /// <summary>Memory.</summary>
                [Elman(17)] public partial ElmanLayer Cell { get; }
                /// <summary>Output.</summary>
                [Dense(3, WeightFormat = WeightFormat.BFloat16)] public partial DenseLayer Head { get; }
            }
            """, ["Card", "Forward.Vector256", "RnnKernels.Vector256"]),
        ["Nested"] = ("""
            namespace Deep.Inside;
            /// <summary>Around.</summary>
            public static partial class Outer
            {
                /// <summary>Within.</summary>
                public partial record struct Middle
                {
                    /// <summary>A class named by a keyword.</summary>
                    [RnnModel(InputSize = 4)]
                    public partial class @class
                    {
                        /// <summary>A property named by a keyword.</summary>
                        [Elman(4)] public partial ElmanLayer @event { get; }
                    }
                }
            }
            """, ["Card"]),
    };
}
