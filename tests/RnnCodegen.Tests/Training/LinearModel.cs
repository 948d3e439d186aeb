using RnnCodegen.Runtime;
using RnnCodegen.Tests.Parameters;

namespace RnnCodegen.Tests.Training;

/// <summary>What one Forward was asked.</summary>
internal sealed record ForwardCall(int Steps, int Batch, int[]? Lengths, bool Training, ulong DropoutSeed, float[] Input, int[] Tokens);

/// <summary>A model with kernels by hand, y_t = W x_t + b on 2 features: what the trainer does with it can be computed on paper.</summary>
internal sealed class LinearModel : IRnnModel<LinearModel>
{
    public static ModelDefinition Definition { get; } = new()
    {
        Name = "Linear",
        InputSize = 2,
        Vocabulary = 0,
        OutputSize = 1,
        OutputIsSequence = true,
        CanStream = false,
        Output = OutputTransform.None,
        Parameters = Layouts.Place(("Head.weight", ParameterRole.DenseWeight, 1, 2, 2), ("Head.bias", ParameterRole.DenseBias, 1, 0, 2)),
        State = [],
    };

    public LinearModel(bool records = true) => Core = new ModelCore(Definition, new Kernels(records ? Calls : null));

    /// <param name="core">What computes it.</param>
    public LinearModel(ModelCore core) => Core = core;

    public ModelCore Core { get; }

    public List<ForwardCall> Calls { get; } = [];

    public static ModelKernels CreateKernels() => new Kernels(null);

    public static ModelKernels CreateKernels(SimdWidth width) => new Kernels(null);

    public static LinearModel Create(ModelCore core) => throw new NotSupportedException("Tests create this model themselves.");

    private sealed unsafe class Kernels(List<ForwardCall>? calls) : HandKernels(calls, 2)
    {
        public override void Run(in ModelCall call)
        {
            for (var row = 0; row < call.Steps * call.Batch; row++)
            {
                var x = call.Input + (2 * row);
                var p = call.Parameters;
                call.Output[row] = IsValid(call, row) ? (p[0] * x[0]) + (p[1] * x[1]) + p[2] : 0;
            }
        }

        public override void Forward(in ModelCall call)
        {
            base.Forward(call);
            new ReadOnlySpan<float>(call.Input, 2 * call.Steps * call.Batch).CopyTo(
                new Span<float>(call.Tape, 2 * call.Steps * call.Batch));
        }

        public override void Backward(in ModelCall call)
        {
            for (var row = 0; row < call.Steps * call.Batch; row++)
            {
                var x = call.Tape + (2 * row);
                var d = call.OutputGradient[row];
                call.Gradients[0] += d * x[0];
                call.Gradients[1] += d * x[1];
                call.Gradients[2] += d;
            }
        }
    }
}

/// <summary>A token model with kernels by hand: one row per sequence, the sum of its tokens' rows of a table [4, 3].</summary>
internal sealed class BagModel : IRnnModel<BagModel>
{
    public static ModelDefinition Definition { get; } = new()
    {
        Name = "Bag",
        InputSize = 0,
        Vocabulary = 4,
        OutputSize = 3,
        OutputIsSequence = false,
        CanStream = false,
        Output = OutputTransform.Softmax,
        Parameters = Layouts.Place(("Words.weight", ParameterRole.EmbeddingTable, 4, 3, 3)),
        State = [],
    };

    public BagModel() => Core = new ModelCore(Definition, new Kernels(Calls));

    public ModelCore Core { get; }

    public List<ForwardCall> Calls { get; } = [];

    public static ModelKernels CreateKernels() => new Kernels(null);

    public static ModelKernels CreateKernels(SimdWidth width) => new Kernels(null);

    public static BagModel Create(ModelCore core) => throw new NotSupportedException("Tests create this model themselves.");

    private sealed unsafe class Kernels(List<ForwardCall>? calls) : HandKernels(calls, 0)
    {
        public override void Run(in ModelCall call) => Visit(call, call.Output, call.Parameters, clear: true);

        public override void Backward(in ModelCall call) => Visit(call, call.Gradients, call.OutputGradient, clear: false);

        /// <summary>Adds table rows to sample rows, or the other way round.</summary>
        private static void Visit(in ModelCall call, float* target, float* source, bool clear)
        {
            if (clear)
            {
                new Span<float>(target, 3 * call.Batch).Clear();
            }

            for (var row = 0; row < call.Steps * call.Batch; row++)
            {
                for (var k = 0; k < 3 && IsValid(call, row); k++)
                {
                    var (table, sample) = ((3 * call.Tokens[row]) + k, (3 * (row % call.Batch)) + k);
                    target[clear ? sample : table] += source[clear ? table : sample];
                }
            }
        }
    }
}

/// <summary>A token model with kernels by hand: each token's row of a table [4, 3].</summary>
internal sealed class TableModel : IRnnModel<TableModel>
{
    public static ModelDefinition Definition { get; } = new()
    {
        Name = "Table",
        InputSize = 0,
        Vocabulary = 4,
        OutputSize = 3,
        OutputIsSequence = true,
        CanStream = false,
        Output = OutputTransform.Softmax,
        Parameters = Layouts.Place(("Words.weight", ParameterRole.EmbeddingTable, 4, 3, 3)),
        State = [],
    };

    public ModelCore Core { get; } = new(Definition, new Kernels());

    public static ModelKernels CreateKernels() => new Kernels();

    public static ModelKernels CreateKernels(SimdWidth width) => new Kernels();

    public static TableModel Create(ModelCore core) => throw new NotSupportedException("Tests create this model themselves.");

    private sealed unsafe class Kernels() : HandKernels(null, 0)
    {
        public override void Run(in ModelCall call)
        {
            for (var i = 0; i < 3 * call.Steps * call.Batch; i++)
            {
                call.Output[i] = IsValid(call, i / 3) ? call.Parameters[(3 * call.Tokens[i / 3]) + (i % 3)] : 0;
            }
        }

        public override void Backward(in ModelCall call)
        {
            for (var i = 0; i < 3 * call.Steps * call.Batch; i++)
            {
                call.Gradients[(3 * call.Tokens[i / 3]) + (i % 3)] += IsValid(call, i / 3) ? call.OutputGradient[i] : 0;
            }
        }
    }
}

/// <summary>Kernels by hand, which note what they are asked.</summary>
internal abstract unsafe class HandKernels(List<ForwardCall>? calls, int inputSize) : ModelKernels
{
    public override SimdWidth Width => SimdWidth.Scalar;

    public override long PackedLength => 0;

    public override long PackedBackwardLength => 0;

    public override long RunWorkspaceLength(int steps, int batch) => 0;

    public override long TapeLength(int steps, int batch) => (long)inputSize * steps * batch;

    public override long TrainingWorkspaceLength(int steps, int batch) => 0;

    public override void Pack(float* parameters, float* packed)
    {
    }

    public override void PackBackward(float* parameters, float* packed)
    {
    }

    public override void Forward(in ModelCall call)
    {
        var rows = call.Steps * call.Batch;
        calls?.Add(new ForwardCall(
            call.Steps, call.Batch, call.Lengths == null ? null : new ReadOnlySpan<int>(call.Lengths, call.Batch).ToArray(), call.Training,
            call.DropoutSeed, new ReadOnlySpan<float>(call.Input, inputSize * rows).ToArray(),
            call.Tokens == null ? [] : new ReadOnlySpan<int>(call.Tokens, rows).ToArray()));

        Run(call);
    }

    protected static bool IsValid(in ModelCall call, int row) =>
        call.Lengths == null || row / call.Batch < call.Lengths[row % call.Batch];
}
