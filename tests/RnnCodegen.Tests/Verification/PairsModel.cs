using RnnCodegen.Runtime;
using RnnCodegen.Tests.Parameters;
using RnnCodegen.Tests.Training;

namespace RnnCodegen.Tests.Verification;

/// <summary>
/// A model with kernels by hand that takes two rows of one feature a step and attends to a memory: h_t = h_(t-1) + x_(2t) + x_(2t+1), and
/// y_t = h_t + the sum of the memory's valid rows.
/// </summary>
internal sealed class PairsModel : IRnnModel<PairsModel>
{
    public static ModelDefinition Definition { get; } = new()
    {
        Name = "Pairs",
        InputSize = 1,
        Vocabulary = 0,
        OutputSize = 1,
        OutputIsSequence = true,
        CanStream = true,
        StepRows = 2,
        LeastSteps = 2,
        OutputWindows = [new TimeWindow(2, 2, 1, 0, 0)],
        MemorySize = 1,
        Output = OutputTransform.None,
        Parameters = Layouts.Flat(1),
        State = [new StateSlot("Sum.h_l0", 1)],
    };

    public ModelCore Core { get; } = new(Definition, new Kernels());

    public static ModelKernels CreateKernels() => new Kernels();

    public static ModelKernels CreateKernels(SimdWidth width) => new Kernels();

    public static PairsModel Create(ModelCore core) => throw new NotSupportedException("Tests create this model themselves.");

    private sealed unsafe class Kernels() : HandKernels(null, 1)
    {
        private const int Stride = 16;

        public override void Run(in ModelCall call)
        {
            for (var sample = 0; sample < call.Batch; sample++)
            {
                var steps = (call.Lengths == null ? call.Steps : call.Lengths[sample]) / 2;
                for (var t = 0; t < call.Steps / 2; t++)
                {
                    var x = call.Input + (2 * t * call.WholeBatch) + sample;
                    call.Output[(t * call.WholeBatch) + sample] = t < steps ? Next(call, sample, x[0], x[call.WholeBatch]) : 0;
                }
            }
        }

        public override void Step(in ModelCall call) => *call.Output = Next(call, 0, call.Input[0], call.Input[1]);

        public override void Backward(in ModelCall call) => throw new NotSupportedException("This model is not trained.");

        private static float Next(in ModelCall call, int sample, float first, float second)
        {
            var y = call.State[Stride * sample] += first + second;
            var valid = call.MemoryLengths == null ? call.MemorySteps : call.MemoryLengths[call.FirstSample + sample];
            for (var row = 0; row < valid; row++)
            {
                y += call.MemoryRows[(((call.FirstSample + sample) * call.MemorySteps) + row) * Stride];
            }

            return y;
        }
    }
}
