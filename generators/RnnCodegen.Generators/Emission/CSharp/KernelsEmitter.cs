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
    private readonly ProductEmitter _products;
    private readonly StageEmitter _stages;
    private readonly CallListEmitter _lists;
    private readonly ModelProgram _program;
    private readonly ModelGraph _graph;
    private readonly AxisText _axes;

    public KernelsEmitter(ModelPlan plan, SourceWriter writer, HashSet<string> tilesWritten)
    {
        _plan = plan;
        _program = plan.Program;
        _graph = plan.Graph;
        _axes = new AxisText(plan);
        _writer = writer;
        _tiles = new TileEmitter(writer, plan.Target, plan.Names, tilesWritten);
        _products = new ProductEmitter(writer, _tiles);
        _stages = new StageEmitter(writer, plan.Graph.Spec.ActivationAccuracy);
        _lists = new CallListEmitter(writer, plan.Names);
    }

    public static string ClassName(SimdTarget target) => $"{target.Name}Kernels";

    public void WriteForwardFile()
    {
        using (_writer.Block($"internal sealed unsafe partial class {ClassName(_plan.Target)} : ModelKernels"))
        {
            WriteSizes();
            _axes.WriteWindows(_writer);
            new PackEmitter(_writer, _plan).WriteForward();
            WriteStep();
            WriteRun();
            WriteForward();
            var layers = new LayerEmitter(_writer, _plan, _axes);
            foreach (var (run, forward) in _program.Run.Steps.OfType<Layer>().Zip(_program.Forward.Steps.OfType<Layer>(), (r, f) => (r, f)))
            {
                layers.WriteRun(run);
                layers.WriteForward(forward);
            }

            foreach (var kernel in _plan.ForwardKernels)
            {
                _stages.Write(_plan.StageOf(kernel));
            }

            foreach (var product in _plan.Training.Products)
            {
                _products.Write(product.Forward, $"out[rows, {product.Forward.Columns}] = start + in[rows, {product.Forward.K}] W^T, with W = {product.Weight.Name}.");
            }

            foreach (var fused in _plan.Recurrent.SelectMany(n => _plan.RowOf(n).Fused))
            {
                var emitter = new FusedEmitter(_writer, _stages, fused, _plan.Target.Lanes);
                emitter.Write(takesInput: false);
                if (_program.Step is not null && fused.Input is not null)
                {
                    emitter.Write(takesInput: true);
                }
            }

            WriteReduced();
            _tiles.Flush();
            new MemoryEmitter(_writer, _plan, _axes).Write();
        }
    }

    public void WriteBackwardFile()
    {
        using (_writer.Block($"internal sealed unsafe partial class {ClassName(_plan.Target)}"))
        {
            new PackEmitter(_writer, _plan).WriteBackward();
            WriteBackward();
            var layers = new LayerEmitter(_writer, _plan, _axes);
            foreach (var layer in _program.Backward.OfType<Layer>())
            {
                layers.WriteBackward(layer);
            }

            foreach (var kernel in _plan.BackwardKernels)
            {
                _stages.Write(_plan.StageOf(kernel));
            }

            foreach (var product in _plan.Training.Products)
            {
                _products.Write(product.Backward, $"in[rows, {product.Weight.Columns}] = start + out[rows, {product.Backward.K}] W, with W = {product.Weight.Name}.");
                _products.Write(product.Outer, product.Outer.IsTransposed
                    ? $"dW^T[{product.Weight.Columns}, {product.Columns}] += in^T out, with W = {product.Weight.Name}."
                    : $"dW[{product.Columns}, {product.Weight.Columns}] += out^T in, with W = {product.Weight.Name}.");
            }

            _tiles.Flush();
        }
    }

    private void WriteReduced()
    {
        var reduced = new ReducedProductEmitter(_writer, _tiles);
        foreach (var product in _plan.ReducedProducts)
        {
            reduced.Write(product);
        }

        foreach (var row in _plan.Recurrent.Select(_plan.RowOf))
        {
            if (_program.Step is not null && row.ReducedStep is { } name)
            {
                reduced.WriteStep(name, row.Input.Forward, row.Hidden[0].Forward);
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
    /// Steps that inference takes at a time: whole blocks of those a streaming step takes, or all of them where the model needs the sequence's end.
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
        _writer.Line($"/// <summary>{(setting == Setting.Forward ? "Training's forward pass" : "Inference")} over [first, first + steps).</summary>");
        WriteSteps($"{name}Steps", program.Steps, setting);
        if (program.Last.Count == 0)
        {
            return;
        }

        _writer.Line();
        _writer.Line("/// <summary>The layers that have one row a sequence.</summary>");
        _lists.Write($"private static void {name}Last(in ModelCall call, in Memory m)", $"{name}LastPart", "in ModelCall call, in Memory m", ["call", "m"], Calls(program.Last, setting), _axes.Locals);
    }

    private void WriteSteps(string name, IReadOnlyList<Instruction> instructions, Setting setting)
    {
        const string Parameters = "in ModelCall call, in Memory m, int first, int steps";
        _lists.Write($"private static void {name}({Parameters})", $"{name}Part", Parameters, ["call", "m", "first", "steps"], Calls(instructions, setting), _axes.Locals);
    }

    private IReadOnlyList<Call> Calls(IEnumerable<Instruction> instructions, Setting setting) => [.. new InstructionText(new PlaceText(_plan, _axes, setting)).Spell(instructions)];

    /// <summary>A streaming step: one call after the other.</summary>
    private void WriteStep()
    {
        if (_program.Step is { } step)
        {
            _writer.Line();
            _lists.Write("public override void Step(in ModelCall call)", "StepPart", "in ModelCall call", ["call"], Calls(step, Setting.Step), PlaceText.StepLocals);
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
            _writer.Line($"RowOps.Add(m.{KernelNames.VectorLows}, {vectors}, {VectorText.At("call.Workspace", matrices)}, {vectors}, 1, {vectors});");
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
