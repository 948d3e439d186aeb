using RnnCodegen.Reference;
using RnnCodegen.Runtime;
using RnnCodegen.Tests.Parameters;
using RnnCodegen.Tests.Training;

namespace RnnCodegen.Tests.Decoding;

/// <summary>
/// A recurrent token model with kernels by hand: h_t = tanh(a h_(t-1) + e[token]) element by element, y_t = W h_t, or, where it attends to
/// a memory of rows m of as many elements, y_t = W (h_t + mean m). Encoders and decoders of any size and output in one class.
/// </summary>
internal sealed class TokenCell : IRnnModel<TokenCell>
{
    public static ModelDefinition Definition { get; } = Define(4, 4, 3);

    public TokenCell(ModelDefinition? definition = null, int? seed = null)
    {
        var model = definition ?? Definition;
        Core = new ModelCore(model, new Kernels(model));
        var random = new Random(seed ?? 0);
        foreach (ref var value in Core.Parameters.Edit())
        {
            value = seed is null ? 0 : (float)((3 * random.NextDouble()) - 1.5);
        }
    }

    public ModelCore Core { get; }

    public static ModelKernels CreateKernels() => new Kernels(Definition);

    public static ModelKernels CreateKernels(SimdWidth width) => CreateKernels();

    public static TokenCell Create(ModelCore core) => throw new NotSupportedException("Tests create this model themselves.");

    public static ModelDefinition Define(
        int vocabulary, int outputs, int units, OutputTransform output = OutputTransform.None, bool streams = true, string name = "Cells",
        string[]? slots = null, bool attends = false) => new()
    {
        MemorySize = attends ? units : 0,
        Name = name,
        InputSize = 0,
        Vocabulary = vocabulary,
        OutputSize = outputs,
        OutputIsSequence = true,
        CanStream = streams,
        Output = output,
        Parameters = Layouts.Place(
            ("Cell.weight_hh_l0", ParameterRole.HiddenWeight, units, 1, units),
            ("Words.weight", ParameterRole.EmbeddingTable, vocabulary, units, units),
            ("Head.weight", ParameterRole.DenseWeight, outputs, units, units)),
        State = [.. (slots ?? ["Cell.h_l0"]).Select(slot => new StateSlot(slot, units))],
    };

    private sealed unsafe class Kernels(ModelDefinition model) : HandKernels(null, 0)
    {
        private readonly int _units = model.State[0].Size;
        private readonly int _outputs = model.OutputSize;

        private int Words => _units;

        private int Head => _units + (_units * model.Vocabulary);

        // For each row h before and after, and what is multiplied with W.
        public override long TapeLength(int steps, int batch) => 3L * _units * steps * batch;

        public override void Step(in ModelCall call) => Row(call, 0, call.State, null);

        public override void Run(in ModelCall call) => Pass(call, null);

        public override void Forward(in ModelCall call) => Pass(call, call.Tape);

        public override void Backward(in ModelCall call)
        {
            for (var row = (call.Steps * call.Batch) - 1; row >= 0; row--)
            {
                if (!IsValid(call, row))
                {
                    continue;
                }

                var tape = call.Tape + (3 * _units * row);
                var dh = State(call.StateGradient, call, row);
                for (var j = 0; j < _units; j++)
                {
                    var (h, seen, dSeen) = (tape[_units + j], tape[(2 * _units) + j], 0f);
                    for (var k = 0; k < _outputs; k++)
                    {
                        var dy = call.OutputGradient[(row * _outputs) + k];
                        dSeen += dy * call.Parameters[Head + (k * _units) + j];
                        call.Gradients[Head + (k * _units) + j] += dy * seen;
                    }

                    dh[j] += dSeen;
                    for (var s = 0; s < MemoryLength(call, row); s++)
                    {
                        MemoryRow(call.MemoryRowsGradient, call, row, s)[j] += dSeen / MemoryLength(call, row);
                    }

                    var d = dh[j] * (1 - (h * h));
                    call.Gradients[j] += d * tape[j];
                    call.Gradients[Words + (call.Tokens[row] * _units) + j] += d;
                    dh[j] = d * call.Parameters[j];
                }
            }
        }

        private static int Sample(in ModelCall call, int row) => call.FirstSample + (row == 0 ? 0 : row % call.Batch);

        private int MemoryLength(in ModelCall call, int row) =>
            model.MemorySize == 0 ? 0 : call.MemoryLengths == null ? call.MemorySteps : call.MemoryLengths[Sample(call, row)];

        private float* MemoryRow(float* rows, in ModelCall call, int row, int step) =>
            rows + ((_units + 15) / 16 * 16 * ((Sample(call, row) * call.MemorySteps) + step));

        private float* State(float* states, in ModelCall call, int row) => states + ((_units + 15) / 16 * 16 * (row % call.Batch));

        private void Pass(in ModelCall call, float* tape)
        {
            for (var row = 0; row < call.Steps * call.Batch; row++)
            {
                if (IsValid(call, row))
                {
                    Row(call, row, State(call.State, call, row), tape == null ? null : tape + (3 * _units * row));
                }
                else
                {
                    new Span<float>(call.Output + (row * _outputs), _outputs).Clear();
                }
            }
        }

        private void Row(in ModelCall call, int row, float* h, float* tape)
        {
            var p = call.Parameters;
            var y = call.Output + (row * _outputs);
            var seen = stackalloc float[_units];
            for (var j = 0; j < _units; j++)
            {
                var before = h[j];
                h[j] = MathF.Tanh((p[j] * before) + p[Words + (call.Tokens[row] * _units) + j]);
                seen[j] = h[j];
                for (var s = 0; s < MemoryLength(call, row); s++)
                {
                    seen[j] += MemoryRow(call.MemoryRows, call, row, s)[j] / MemoryLength(call, row);
                }

                if (tape != null)
                {
                    (tape[j], tape[_units + j], tape[(2 * _units) + j]) = (before, h[j], seen[j]);
                }
            }

            for (var k = 0; k < _outputs; k++)
            {
                y[k] = 0;
                for (var j = 0; j < _units; j++)
                {
                    y[k] += p[Head + (k * _units) + j] * seen[j];
                }
            }

            if (tape == null && model.Output != OutputTransform.None)
            {
                var inferred = RowTransform.Of(model.Output, [.. new Span<float>(y, _outputs).ToArray().Select(v => (double)v)]);
                Array.ConvertAll(inferred, v => (float)v).CopyTo(new Span<float>(y, _outputs));
            }
        }
    }
}
