using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Lowering;
using RnnCodegen.Generators.Planning;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>Writes a model's body for one vector width: two files, what inference and Forward need, and what Backward adds.</summary>
internal sealed class KernelsEmitter
{
    private readonly ModelPlan _plan;
    private readonly SourceWriter _writer;
    private readonly TileEmitter _tiles;
    private readonly MethodTable _methods;
    private readonly CallListEmitter _lists;
    private readonly ModelProgram _program;
    private readonly ModelGraph _graph;
    private readonly AxisText _axes;

    /// <param name="plan">The plan.</param>
    /// <param name="writer">Receives the file.</param>
    /// <param name="methods">The body's methods, of both files.</param>
    /// <param name="kernels">Those that models share.</param>
    public KernelsEmitter(ModelPlan plan, SourceWriter writer, MethodTable methods, KernelTable kernels)
    {
        _plan = plan;
        _program = plan.Program;
        _graph = plan.Graph;
        _axes = new AxisText(plan);
        _writer = writer;
        _methods = methods;
        _tiles = new TileEmitter(plan.Target, kernels);
        _lists = new CallListEmitter(writer, plan.Names);
    }

    public static string ClassName(Machine target) => $"{target.Name}Kernels";

    public void WriteForwardFile()
    {
        using (_writer.Block($"internal sealed unsafe partial class {ClassName(_plan.Target)} : ModelKernels"))
        {
            var layers = AddForward();
            WriteSizes();
            _axes.WriteWindows(_writer);
            new PackEmitter(_writer, _plan, _methods).WriteForward();
            WriteStep();
            WriteRun();
            WriteForward();
            layers.ForEach(_writer.Written);
            new MemoryEmitter(_writer, _plan, _axes).Write();
        }
    }

    public void WriteBackwardFile()
    {
        using (_writer.Block($"internal sealed unsafe partial class {ClassName(_plan.Target)}"))
        {
            var layers = AddBackward();
            new PackEmitter(_writer, _plan, _methods).WriteBackward();
            WriteBackward();
            layers.ForEach(_writer.Written);
        }
    }

    /// <summary>The kernels of inference and of Forward, and then the layers' loops, which name them.</summary>
    private List<string> AddForward()
    {
        AddStages(_plan.ForwardKernels);
        var products = new ProductEmitter(_tiles, _methods);
        foreach (var product in _plan.Training.Products)
        {
            products.Add(
                product.Forward, ProductEmitter.NameOf(product.Forward),
                $"out[rows, {product.Forward.Columns}] = start + in[rows, {product.Forward.K}] W^T");
        }

        foreach (var pair in _plan.Recurrent.Select(_plan.PairOf).OfType<PairPlan>())
        {
            products.Add(pair);
        }

        foreach (var fused in _plan.Recurrent.SelectMany(n => _plan.RowOf(n).Fused))
        {
            var emitter = new FusedEmitter(_methods, _graph.Spec.ActivationAccuracy, fused, _plan.Target);
            emitter.Add(takesInput: false);
            if (_program.Step is not null && fused.Input is not null)
            {
                emitter.Add(takesInput: true);
            }
        }

        AddReduced();
        var loops = new List<string>();
        var layers = new LayerEmitter(_plan, _axes, _methods, loops);
        foreach (var (run, forward) in _program.Run.Steps.OfType<Layer>().Zip(_program.Forward.Steps.OfType<Layer>(), (r, f) => (r, f)))
        {
            layers.AddRun(run);
            layers.AddForward(forward);
        }

        return loops;
    }

    private List<string> AddBackward()
    {
        AddStages(_plan.BackwardKernels);
        var products = new ProductEmitter(_tiles, _methods);
        foreach (var product in _plan.Training.Products)
        {
            var (k, columns) = (product.Weight.Columns, product.Columns);
            products.Add(product.Backward, $"MultiplyBack{columns}x{k}", $"in[rows, {k}] = start + out[rows, {product.Backward.K}] W");
            products.Add(
                product.Outer, $"AddOuter{columns}x{k}",
                product.Outer.IsTransposed ? $"dW^T[{k}, {columns}] += in^T out" : $"dW[{columns}, {k}] += out^T in");
        }

        var loops = new List<string>();
        var layers = new LayerEmitter(_plan, _axes, _methods, loops);
        foreach (var layer in _program.Backward.OfType<Layer>())
        {
            layers.AddBackward(layer);
        }

        return loops;
    }

    private void AddStages(IEnumerable<PointwiseKernel> kernels)
    {
        foreach (var kernel in kernels)
        {
            var stage = _plan.StageOf(kernel);
            _methods.AddCell(
                stage.Name, StagePlanner.WishOf(kernel),
                (writer, name) => new StageEmitter(writer, _graph.Spec.ActivationAccuracy).Write(stage with { Name = name }));
        }
    }

    private void AddReduced()
    {
        var reduced = new ReducedProductEmitter(new BFloat16TileEmitter(_tiles), _methods);
        foreach (var product in _plan.ReducedProducts)
        {
            var plan = product.Forward;
            reduced.Add(plan, $"Multiply{plan.K}x{plan.Columns}", $"out[rows, {plan.Columns}] = start + in[rows, {plan.K}] W^T");
        }

        foreach (var row in _plan.Recurrent.Select(_plan.RowOf))
        {
            if (_program.Step is not null && row.ReducedStep is { } name)
            {
                var (x, h) = (row.Input.Forward, row.Hidden[0].Forward);
                reduced.AddStep(name, $"MultiplyPair{x.K}x{h.K}x{x.Columns}{x.Format}", x, h);
            }
        }
    }

    private void WriteSizes()
    {
        _writer.Line($"public override SimdWidth Width => SimdWidth.{_plan.Target.Name};");
        _writer.Line();
        _writer.Line($"public override long PackedLength => {_plan.Inference.Forward.Length};");
        if (_plan.Inference != _plan.Training)
        {
            _writer.Line();
            _writer.Line($"public override long PackedForwardLength => {_plan.Training.Forward.Length};");
        }

        _writer.Line();
        _writer.Line($"public override long PackedBackwardLength => {_plan.Training.Backward.Length};");
        _writer.Line();
        _writer.Line($"public override long PackedGradientsLength => {_plan.Memory.PackedGradientsLength};");
        if (_graph.CanStream)
        {
            _writer.Line();
            _writer.Line($"public override int StepWorkspaceLength => {_plan.Memory.StepLength};");
        }

        Size("RunWorkspaceLength", $"Memory.Run(ref m, null, {Segment("steps", "batch")}, batch)");
        Size("TapeLength", "Memory.Tape(ref m, null, steps, batch)");
        Size("TrainingWorkspaceLength", "Memory.Training(ref m, null, steps, batch)");

        void Size(string name, string value)
        {
            _writer.Line();
            using (_writer.Method($"public override long {name}(int steps, int batch)"))
            {
                _writer.Line("Memory m = default;");
                _writer.Line($"return {value};");
            }
        }
    }

    /// <summary>
    /// Steps that inference takes at a time: whole blocks of those a streaming step takes, or all of them where the model needs the
    /// sequence's end.
    /// </summary>
    private string Segment(string steps, string batch) =>
        !_graph.CanStream ? steps
        : _graph.StepRows == 1 ? $"ChunkSteps({steps}, {batch})"
        : $"(ChunkSteps({steps}, {batch}) + {_graph.StepRows - 1}) / {_graph.StepRows} * {_graph.StepRows}";

    private void WriteRun()
    {
        _writer.Line();
        using (_writer.Method("public override void Run(in ModelCall call)"))
        {
            _writer.Line("Memory m = default;");
            _writer.Line($"int segment = {Segment("call.Steps", "call.Batch")};");
            _writer.Line("Memory.Run(ref m, call.Workspace, segment, call.Batch);");
            using (_writer.Block("for (int first = 0; first < call.Steps; first += segment)"))
            {
                _writer.Line("RunSteps(call, m, first, Math.Min(segment, call.Steps - first));");
            }

            if (_program.Run.Last.Count > 0)
            {
                _writer.Line();
                _writer.Line("RunLast(call, m);");
            }
        }

        WriteSequence("Run", _program.Run, Setting.Run);
    }

    private void WriteForward()
    {
        _writer.Line();
        using (_writer.Method("public override void Forward(in ModelCall call)"))
        {
            WriteTrainingMemory();
            _writer.Line("ForwardSteps(call, m, 0, call.Steps);");
            if (_program.Forward.Last.Count > 0)
            {
                _writer.Line("ForwardLast(call, m);");
            }
        }

        WriteSequence("Forward", _program.Forward, Setting.Forward);
    }

    private void WriteTrainingMemory()
    {
        _writer.Line("Memory m = default;");
        _writer.Line("Memory.Tape(ref m, call.Tape, call.Steps, call.Batch);");
        _writer.Line("Memory.Training(ref m, call.Workspace, call.Steps, call.Batch);");
    }

    /// <summary>What has a row a step, then, in a method of its own, what has a row a sequence.</summary>
    private void WriteSequence(string name, SequenceProgram program, Setting setting)
    {
        _writer.Line();
        _writer.Line(
            $"/// <summary>{(setting == Setting.Forward ? "Training's forward pass" : "Inference")} over [first, first + " +
            "steps).</summary>");
        WriteSteps($"{name}Steps", program.Steps, setting);
        if (program.Last.Count == 0)
        {
            return;
        }

        _writer.Line();
        _writer.Line("/// <summary>The layers that have one row a sequence.</summary>");
        _lists.Write($"private static void {name}Last(in ModelCall call, in Memory m)", $"{name}LastPart", "in ModelCall call, in Memory m",
            ["call", "m"], Calls(program.Last, setting), _axes.Locals);
    }

    private void WriteSteps(string name, IReadOnlyList<Instruction> instructions, Setting setting)
    {
        const string Parameters = "in ModelCall call, in Memory m, int first, int steps";
        _lists.Write($"private static void {name}({Parameters})", $"{name}Part", Parameters, ["call", "m", "first", "steps"],
            Calls(instructions, setting), _axes.Locals);
    }

    private IReadOnlyList<Call> Calls(IEnumerable<Instruction> instructions, Setting setting) =>
        [.. new InstructionText(new PlaceText(_plan, _axes, _methods, setting)).Spell(instructions)];

    /// <summary>A streaming step: one call after the other.</summary>
    private void WriteStep()
    {
        if (_plan.Step is { } step)
        {
            _writer.Line();
            _lists.Write("public override void Step(in ModelCall call)", "StepPart", "in ModelCall call", ["call"],
                Calls(step, Setting.Step), PlaceText.StepLocals);
        }
    }

    private void WriteBackward()
    {
        _writer.Line();
        using (_writer.Method("public override void Backward(in ModelCall call)"))
        {
            WriteTrainingMemory();
            WriteGradientSums();
        }

        _writer.Line();
        _writer.Line("/// <summary>The layers in reverse order.</summary>");
        WriteSteps("BackwardSteps", _program.Backward, Setting.Backward);
    }

    /// <summary>Weight gradients start from zero, with what sums lose of them beside them, and are rounded at the end.</summary>
    private void WriteGradientSums()
    {
        var (matrices, vectors) = (_plan.Memory.MatrixGradientsLength, _plan.Memory.VectorGradientsLength);
        if (matrices + vectors > 0)
        {
            // The low parts of vectors follow.
            var all = matrices + (2 * vectors);
            _writer.Line($"RowOps.Clear(call.Workspace, {all}, 1, {all});");
        }

        WithLow($"RowOps.Clear(&call.Workspace[m.Low], {matrices}, 1, {matrices});");
        if (matrices > 0)
        {
            _writer.Line();
        }

        _writer.Line("BackwardSteps(call, m, 0, call.Steps);");
        if (vectors > 0)
        {
            _writer.Line(
                $"RowOps.Add(m.{KernelNames.VectorLows}, {vectors}, {VectorText.At("call.Workspace", matrices)}, {vectors}, " +
                $"1, {vectors});");
        }

        WithLow($"RowOps.Add(&call.Workspace[m.Low], {matrices}, call.Workspace, {matrices}, 1, {matrices});");

        void WithLow(string call)
        {
            if (matrices > 0)
            {
                using (_writer.Block("if (m.Low != 0)"))
                {
                    _writer.Line(call);
                }
            }
        }
    }
}
