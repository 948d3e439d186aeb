using RnnCodegen.Runtime;
using RnnCodegen.Tests.Parameters;

namespace RnnCodegen.Tests.Training;

/// <summary>
/// A recurrent model with kernels by hand: h_t = u h_(t-1) + w x_t, y_t = v m_t h_t on one feature, with m a dropout mask of probability
/// one half in training. Small enough that truncated backpropagation can be done on paper.
/// </summary>
internal sealed class LeakyModel : IRnnModel<LeakyModel>
{
    private const int Stride = 16;

    public static ModelDefinition Definition { get; } = Define(0);

    /// <param name="unused">Parameters that nothing depends on, to make files large.</param>
    /// <param name="drops">Whether dropout is applied.</param>
    /// <param name="wrong">What the gradient of u is multiplied with; 1 is right.</param>
    /// <param name="evaluates">Told at each forward pass that is not for training, with its number from 1.</param>
    /// <param name="wrongStep">What Step's output is multiplied with; 1 is right.</param>
    public LeakyModel(int unused = 0, bool drops = true, float wrong = 1, Action<int>? evaluates = null, float wrongStep = 1)
    {
        Core = new ModelCore(unused == 0 ? Definition : Define(unused), new Kernels(drops, wrong, evaluates, wrongStep));
        var p = Core.Parameters.Edit();
        (p[0], p[1], p[2]) = (0.5f, 0.25f, 1);
    }

    /// <param name="parameters">Parameters to compute with.</param>
    public LeakyModel(ParameterSet parameters) => Core = new ModelCore(Definition, CreateKernels(), parameters);

    public ModelCore Core { get; }

    public static ModelKernels CreateKernels() => new Kernels(true, 1, null, 1);

    public static ModelKernels CreateKernels(SimdWidth width) => CreateKernels();

    public static LeakyModel Create(ModelCore core) => throw new NotSupportedException("Tests create this model themselves.");

    private static ModelDefinition Define(int unused) => new()
    {
        Name = "Leaky",
        InputSize = 1,
        Vocabulary = 0,
        OutputSize = 1,
        OutputIsSequence = true,
        CanStream = true,
        Output = OutputTransform.None,
        Parameters = Layouts.Place(
        [
            ("Cell.weight_ih_l0", ParameterRole.InputWeight, 1, 1, 1), ("Cell.weight_hh_l0", ParameterRole.HiddenWeight, 1, 1, 1),
            ("Head.weight", ParameterRole.DenseWeight, 1, 1, 1),
            .. unused == 0 ? [] : new[] { ("Unused.weight", ParameterRole.DenseWeight, 1, unused, 1) },
        ]),
        State = [new StateSlot("Cell.h_l0", 1)],
    };

    private sealed unsafe class Kernels(bool drops, float wrong, Action<int>? evaluates, float wrongStep) : HandKernels(null, 1)
    {
        private int _evaluations;
        private float[] _mask = [];

        // For each row x, h before, h and the mask.
        public override long TapeLength(int steps, int batch) => 4L * steps * batch;

        public override void Run(in ModelCall call) => Pass(call, null);

        public override void Step(in ModelCall call)
        {
            *call.State = (call.Parameters[1] * *call.State) + (call.Parameters[0] * *call.Input);
            *call.Output = call.Parameters[2] * wrongStep * *call.State;
        }

        public override void Forward(in ModelCall call)
        {
            if (!call.Training)
            {
                evaluates?.Invoke(++_evaluations);
            }

            Pass(call, call.Tape);
        }

        public override void Backward(in ModelCall call)
        {
            var (w, u, v) = (call.Parameters[0], call.Parameters[1], call.Parameters[2]);
            for (var row = (call.Steps * call.Batch) - 1; row >= 0; row--)
            {
                if (IsValid(call, row))
                {
                    var tape = call.Tape + (4 * row);
                    var dh = call.StateGradient + (Stride * (row % call.Batch));
                    call.Gradients[2] += call.OutputGradient[row] * tape[3] * tape[2];
                    *dh += call.OutputGradient[row] * tape[3] * v;
                    call.Gradients[0] += *dh * tape[0];
                    call.Gradients[1] += *dh * tape[1] * wrong;
                    *dh *= u;
                }
            }
        }

        private void Pass(in ModelCall call, float* tape)
        {
            var rows = call.Steps * call.Batch;
            if (_mask.Length < rows)
            {
                _mask = new float[rows];
            }

            var mask = _mask.AsSpan(0, rows);
            mask.Fill(1);
            if (tape != null && call.Training && drops)
            {
                fixed (float* m = mask)
                {
                    DropoutMask.Fill(m, rows, call.DropoutSeed, 0, 0.5f);
                }
            }

            for (var row = 0; row < rows; row++)
            {
                var h = call.State + (Stride * (row % call.Batch));
                if (!IsValid(call, row))
                {
                    call.Output[row] = 0;
                    continue;
                }

                var before = *h;
                *h = (call.Parameters[1] * before) + (call.Parameters[0] * call.Input[row]);
                call.Output[row] = call.Parameters[2] * mask[row] * *h;
                if (tape != null)
                {
                    (tape[4 * row], tape[(4 * row) + 1], tape[(4 * row) + 2], tape[(4 * row) + 3]) = (call.Input[row], before, *h,
                        mask[row]);
                }
            }
        }
    }
}
