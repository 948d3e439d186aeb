using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Lowering;

namespace RnnCodegen.Generators.Planning.Cuda;

/// <summary>
/// How the passes of a program are spread over launches on a GPU: numbers, no text. A product over many rows is a launch of its own, over
/// tiles of its result; what is between such products is one launch, in which a block takes some samples.
/// </summary>
internal sealed class DevicePlan
{
    private readonly DeviceMachine _machine;
    private readonly List<DeviceKernel> _kernels = [];

    public DevicePlan(ModelProgram program, DeviceMachine machine, CudaPrecisionKind precision = CudaPrecisionKind.Float32)
    {
        (Program, _machine, Precision) = (program, machine, precision);
        Keys = Attentions.Any(node => node.KeyWeight is not null)
            ? [Add(new("keys", KernelForm.Keys, [], new(false)))]
            : [];
        Step = program.Step is { } step ? new Pass(this, "step", isStep: true).Plan(step) : [];
        Run = new Pass(this, "run").Plan([.. program.Run.Steps, .. program.Run.Last]);
        Forward = new Pass(this, "forward").Plan([.. program.Forward.Steps, .. program.Forward.Last]);
        Backward = new Pass(this, "backward").Plan([.. program.Backward, .. program.AfterBackward]);
    }

    public ModelProgram Program { get; }

    public DeviceMachine Machine => _machine;

    /// <summary>What large products round their operands to.</summary>
    public CudaPrecisionKind Precision { get; }

    /// <summary>What tiles are needed of.</summary>
    public IEnumerable<CudaPrecisionKind> Precisions =>
        _kernels
            .Where(k => k.Form is KernelForm.Product or KernelForm.WeightGradient)
            .Select(k => PrecisionOf(k.Instructions.Single(), k.Scope)).Distinct();

    /// <summary>
    /// What a product in tiles rounds its operands to. Those of one row a sample are float32: so are those of a step on its way through
    /// time, whose roundings would grow from step to step, and a loop computes the same wherever its weights are.
    /// </summary>
    public CudaPrecisionKind PrecisionOf(Instruction product, KernelScope scope)
    {
        var rows = product switch
        {
            Multiply m => m.Rows, MultiplyBack m => m.Rows, AddWeightGradients g => g.Rows,
            var other => throw new InvalidOperationException($"{other.GetType().Name} is no product."),
        };
        return !scope.IsStep && rows.Kind is RowsKind.Steps or RowsKind.Chunk ? Precision : CudaPrecisionKind.Float32;
    }

    /// <summary>The attention layers, in their order.</summary>
    public IReadOnlyList<AttentionNode> Attentions => [.. Program.Graph.Nodes.OfType<AttentionNode>()];

    /// <summary>All kernels.</summary>
    public IReadOnlyList<DeviceKernel> Kernels => _kernels;

    /// <summary>What makes keys of the rows to attend to, once a memory.</summary>
    public IReadOnlyList<DeviceOperation> Keys { get; }

    public IReadOnlyList<DeviceOperation> Step { get; }

    public IReadOnlyList<DeviceOperation> Run { get; }

    public IReadOnlyList<DeviceOperation> Forward { get; }

    public IReadOnlyList<DeviceOperation> Backward { get; }

    private DeviceKernel Add(DeviceKernel kernel)
    {
        _kernels.Add(kernel);
        return kernel;
    }

    /// <summary>One pass, whose kernels are numbered.</summary>
    private sealed class Pass(DevicePlan plan, string name, bool isStep = false)
    {
        private int _count;

        public IReadOnlyList<DeviceOperation> Plan(IEnumerable<Instruction> instructions) => Plan(instructions, new(isStep));

        private List<DeviceOperation> Plan(IEnumerable<Instruction> instructions, KernelScope scope)
        {
            var operations = new List<DeviceOperation>();
            var together = new List<Instruction>();
            foreach (var instruction in Flat(instructions))
            {
                switch (instruction)
                {
                    case TimeLoop loop:
                        Flush();
                        operations.Add(new DeviceChunks(loop, Chunk(loop, scope)));
                        break;
                    case IfInputGradient wanted:
                        Flush();
                        operations.AddRange(Plan([wanted.Instruction], scope).Cast<DeviceKernel>()
                            .Select(kernel => Replace(kernel, kernel with { IsForInputGradient = true })));
                        break;
                    case Multiply m when IsLarge(m.Weights, m.Rows):
                        Flush();
                        operations.Add(New(KernelForm.Product, [m], scope, hasFewRows: true));
                        break;
                    case MultiplyBack m when IsLarge(m.Weights, m.Rows):
                        Flush();
                        operations.Add(New(KernelForm.Product, [m], scope));
                        break;
                    case AddWeightGradients g:
                        Flush();
                        operations.Add(New(KernelForm.WeightGradient, [g], scope));
                        break;
                    case ClearPadding:
                        // Nothing is behind a row here.
                        break;
                    default:
                        together.Add(instruction);
                        break;
                }
            }

            Flush();
            return operations;

            void Flush()
            {
                if (together.Count > 0)
                {
                    operations.Add(New(KernelForm.Samples, [.. together], scope));
                    together.Clear();
                }
            }
        }

        private List<DeviceOperation> Chunk(TimeLoop loop, KernelScope scope)
        {
            var chunk = scope with { Loop = loop, Place = LoopPlace.Chunk };
            return
            [
                .. Plan(loop.Before, chunk),
                Steps(loop, chunk),
                .. Plan(loop.After, chunk),
            ];
        }

        /// <summary>The steps of a chunk: with the weights on chip where they fit, else in launches of their own.</summary>
        private DeviceOperation Steps(TimeLoop loop, KernelScope chunk)
        {
            var resident = ResidentPlan.Create(loop, plan._machine);
            if (resident?.Cluster == 1)
            {
                return Resident(resident, chunk);
            }

            var weights = loop.Body.Sum(i => i switch
            {
                Multiply m => Count(m.Weights),
                MultiplyBack m => Count(m.Weights),
                _ => 0,
            });
            var others = weights < plan._machine.LargeWeights
                ? New(KernelForm.Samples, loop.Body, chunk with { Place = LoopPlace.Steps })
                : (DeviceOperation)new DeviceSteps(loop, Plan(loop.Body, chunk with { Place = LoopPlace.Step }));
            return resident is null ? others : new DeviceChoice([Resident(resident, chunk)], [others]);
        }

        private DeviceKernel Resident(ResidentPlan resident, KernelScope chunk)
        {
            var own = $"{name}_{++_count}";
            return plan.Add(new(own, KernelForm.Resident, resident.Loop.Body, chunk with { Place = LoopPlace.Steps })
            {
                Resident = resident, ResidentOfOne = ResidentPlan.Create(resident.Loop, plan._machine with { Samples = 1 }),
                FewRowsName = $"{own}_few", WritesParts = resident.HasSums,
            });
        }

        private static int Count(Weights weights) => weights.Units * weights.Blocks.Count * weights.Inputs;

        private bool IsLarge(Weights weights, Rows rows) => rows.Kind is RowsKind.Steps or RowsKind.Chunk
            || Count(weights) >= plan._machine.LargeWeights;

        private DeviceKernel New(
            KernelForm form, IReadOnlyList<Instruction> instructions, KernelScope scope, bool hasFewRows = false)
        {
            var own = $"{name}_{++_count}";
            return plan.Add(new(own, form, instructions, scope)
            {
                WritesParts = form == KernelForm.WeightGradient || instructions.Any(AddsToParts),
                FewRowsName = hasFewRows ? $"{own}_few" : null,
            });
        }

        private DeviceKernel Replace(DeviceKernel kernel, DeviceKernel by)
        {
            plan._kernels[plan._kernels.IndexOf(kernel)] = by;
            return by;
        }

        private static bool AddsToParts(Instruction instruction) => instruction switch
        {
            Stage s => s.Kernel.HasSums,
            PoolStepsBack p => p.WeightsGradient is not null,
            AttendBack a => a.ScoreWeightGradient is not null,
            AddLookupGradient or AttendKeysBack => true,
            _ => false,
        };

        private static IEnumerable<Instruction> Flat(IEnumerable<Instruction> instructions) =>
            instructions.SelectMany(i => i is Layer layer ? Flat(layer.Instructions) : [i]);
    }
}
