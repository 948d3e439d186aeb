using RnnCodegen.Runtime;
using RnnCodegen.Tests.Parameters;

namespace RnnCodegen.Tests.Training;

/// <summary>A model with kernels by hand, y_k = p_k x on one feature, whose definition says of its outputs what a test wants.</summary>
internal sealed class ShapedModel : IRnnModel<ShapedModel>
{
    public ShapedModel(
        OutputTransform output = OutputTransform.None, Activation activation = Activation.Linear, int outputs = 3, int stride = 1) =>
        Core = new ModelCore(Define(output, activation, outputs, stride), new Kernels(outputs, stride));

    public static ModelDefinition Definition { get; } = Define(OutputTransform.None, Activation.Linear, 3, 1);

    public ModelCore Core { get; }

    public static ModelKernels CreateKernels() => new Kernels(3, 1);

    public static ModelKernels CreateKernels(SimdWidth width) => CreateKernels();

    public static ShapedModel Create(ModelCore core) => throw new NotSupportedException("Tests create this model themselves.");

    private static ModelDefinition Define(OutputTransform output, Activation activation, int outputs, int stride) => new()
    {
        Name = "Shaped",
        InputSize = 1,
        Vocabulary = 0,
        OutputSize = outputs,
        OutputIsSequence = true,
        CanStream = false,
        LeastSteps = stride,
        OutputWindows = stride == 1 ? [] : [new TimeWindow(stride, stride, 1, 0, 0)],
        Output = output,
        OutputActivation = activation,
        Parameters = Layouts.Place(("Head.weight", ParameterRole.DenseWeight, outputs, 1, 1)),
        State = [],
    };

    private sealed unsafe class Kernels(int outputs, int stride) : HandKernels(null, 1)
    {
        public override void Run(in ModelCall call)
        {
            for (var i = 0; i < outputs * (call.Steps / stride) * call.Batch; i++)
            {
                call.Output[i] = IsValid(call, i / outputs) ? call.Parameters[i % outputs] * call.Input[i / outputs] : 0;
            }
        }

        public override void Forward(in ModelCall call)
        {
            base.Forward(call);
            new ReadOnlySpan<float>(call.Input, call.Steps * call.Batch).CopyTo(new Span<float>(call.Tape, call.Steps * call.Batch));
        }

        public override void Backward(in ModelCall call)
        {
            for (var i = 0; i < outputs * (call.Steps / stride) * call.Batch; i++)
            {
                call.Gradients[i % outputs] += call.OutputGradient[i] * call.Tape[i / outputs];
            }
        }
    }
}
