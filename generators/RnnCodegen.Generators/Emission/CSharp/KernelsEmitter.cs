using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Planning;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>Writes a model's body for one vector width: two files, what inference and Forward need, and what Backward adds.</summary>
internal sealed class KernelsEmitter
{
    private readonly ModelPlan _plan;
    private readonly NodeCalls _calls;
    private readonly SourceWriter _writer;
    private readonly TileEmitter _tiles;
    private readonly ProductEmitter _products;
    private readonly StageEmitter _stages;
    private readonly CallListEmitter _lists;
    private readonly ModelGraph _graph;
    private readonly AxisText _axes;
    private readonly MatrixText _m;

    public KernelsEmitter(ModelPlan plan, SourceWriter writer, HashSet<string> tilesWritten)
    {
        _plan = plan;
        _graph = plan.Graph;
        _axes = new AxisText(plan);
        _m = new MatrixText(plan.Names);
        _writer = writer;
        _calls = new NodeCalls(plan);
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
            if (_graph.CanStream)
            {
                new StepEmitter(_writer, _plan).Write();
            }

            WriteRun();
            WriteForward();
            for (var n = 0; n < _plan.Nodes.Count; n++)
            {
                if (_plan.Nodes[n] is RecurrentPlan training)
                {
                    new RecurrentEmitter(_writer, _plan, (RecurrentPlan)_plan.InferenceNodes[n]).WriteRun();
                    new RecurrentEmitter(_writer, _plan, training).WriteForward();
                }
            }

            foreach (var stage in _plan.Nodes.SelectMany(ForwardStages))
            {
                _stages.Write(stage);
            }

            foreach (var product in _plan.Products)
            {
                _products.Write(product.Forward, $"out[rows, {product.Forward.Columns}] = start + in[rows, {product.Forward.K}] W^T, with W = {product.Weight.Name}.");
            }

            foreach (var fused in _plan.InferenceNodes.OfType<RecurrentPlan>().SelectMany(r => r.Fused))
            {
                var emitter = new FusedEmitter(_writer, _stages, fused, _plan.Target.Lanes);
                emitter.Write(takesInput: false);
                if (_graph.CanStream && fused.Input is not null)
                {
                    emitter.Write(takesInput: true);
                }
            }

            var reduced = new ReducedProductEmitter(_writer, _tiles);
            foreach (var product in _plan.ReducedProducts)
            {
                reduced.Write(product);
            }

            foreach (var r in _plan.InferenceNodes.OfType<RecurrentPlan>())
            {
                if (_graph.CanStream && r.ReducedStep is { } name)
                {
                    reduced.WriteStep(name, r.Input.Forward, r.Products.First().Product.Forward);
                }
            }

            _tiles.Flush();
            new MemoryEmitter(_writer, _plan).Write();
        }
    }

    public void WriteBackwardFile()
    {
        using (_writer.Block($"internal sealed unsafe partial class {ClassName(_plan.Target)}"))
        {
            new PackEmitter(_writer, _plan).WriteBackward();
            var accumulates = WriteBackward();
            foreach (var recurrent in _plan.Recurrent.Reverse())
            {
                new RecurrentEmitter(_writer, _plan, recurrent).WriteBackward(accumulates.Contains(recurrent.Recurrent));
            }

            foreach (var stage in _plan.Nodes.SelectMany(BackwardStages))
            {
                _stages.Write(stage);
            }

            foreach (var product in _plan.Products)
            {
                _products.Write(product.Backward, $"in[rows, {product.Weight.Columns}] = start + out[rows, {product.Backward.K}] W, with W = {product.Weight.Name}.");
                _products.Write(product.Outer, product.Outer.IsTransposed
                    ? $"dW^T[{product.Weight.Columns}, {product.Columns}] += in^T out, with W = {product.Weight.Name}."
                    : $"dW[{product.Columns}, {product.Weight.Columns}] += out^T in, with W = {product.Weight.Name}.");
            }

            _tiles.Flush();
        }
    }

    private static IEnumerable<StagePlan> ForwardStages(NodePlan node) => node switch
    {
        RecurrentPlan r => r.Steps.Where(s => s.Run is not null).SelectMany(s => new[] { s.Run!, s.Forward! }),
        DensePlan { Activation: { } stage } => [stage],
        ActivationPlan { Forward: { } stage } => [stage],
        _ => [],
    };

    private static IEnumerable<StagePlan> BackwardStages(NodePlan node) => node switch
    {
        RecurrentPlan r => r.BackwardSteps.Where(s => s.Pointwise is not null).Select(s => s.Pointwise!),
        DensePlan { ActivationBackward: { } stage } => [stage],
        ActivationPlan { Backward: { } stage } => [stage],
        _ => [],
    };

    private void WriteSizes()
    {
        _writer.Line($"public override SimdWidth Width => SimdWidth.{_plan.Target.Name};");
        _writer.Line();
        _writer.Line($"public override long PackedLength => {_plan.PackedInference.Length};");
        if (_plan.PackedInference != _plan.Packed)
        {
            _writer.Line();
            _writer.Line($"public override long PackedForwardLength => {_plan.Packed.Length};");
        }

        _writer.Line();
        _writer.Line($"public override long PackedBackwardLength => {_plan.PackedBackward.Length};");
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

            if (!_graph.Output.IsSequence)
            {
                _writer.Line();
                _writer.Line("RunLast(call, m);");
            }
        }

        WriteSequence("Run", false);
    }

    private void WriteForward()
    {
        _writer.Line();
        using (_writer.Method("public override void Forward(in ModelCall call)"))
        {
            WriteTrainingMemory();
            _writer.Line("ForwardSteps(call, m, 0, call.Steps);");
            if (!_graph.Output.IsSequence)
            {
                _writer.Line("ForwardLast(call, m);");
            }
        }

        WriteSequence("Forward", true);
    }

    private void WriteTrainingMemory()
    {
        _writer.Line("Memory m = default;");
        _writer.Line("Memory.Tape(ref m, call.Tape, call.Steps, call.Batch);");
        _writer.Line("Memory.Training(ref m, call.Workspace, call.Steps, call.Batch);");
    }

    /// <summary>The nodes with a row a step, then, in a method of their own, those with a row a sequence.</summary>
    private void WriteSequence(string name, bool training)
    {
        var sequence = new List<string>();
        if (_graph.Input is { } x)
        {
            sequence.Add($"RowOps.CopySteps(&call.Input[(nint)call.WholeBatch * first * {x.Width}], {x.Width}, call.WholeBatch, {_m.Value(x)}, {NodeCalls.Stride(x)}, batch, steps, batch, {x.Width});");
            if (training)
            {
                sequence.Add($"RowOps.ClearPastLengths({_m.Value(x)}, {NodeCalls.Stride(x)}, steps, first, call.Batch, {x.Width}, call.Lengths);");
            }
        }

        var nodes = training ? _plan.Nodes : _plan.InferenceNodes;
        sequence.AddRange(nodes.Where(n => n.Node.IsSequence).SelectMany(n => _calls.Forward(n, training)));
        var output = _graph.Output;
        if (output.IsSequence)
        {
            sequence.Add($"RowOps.ClearPastLengths({_m.Value(output)}, {NodeCalls.Stride(output)}, {_axes.Steps(output)}, {_axes.First(output)}, call.Batch, {output.Width}, {_axes.Call(output)}.Lengths);");
            sequence.Add($"RowOps.CopySteps({_m.Value(output)}, {NodeCalls.Stride(output)}, batch, &call.Output[(nint)call.WholeBatch * {_axes.First(output)} * {output.Width}], {output.Width}, call.WholeBatch, {_axes.Steps(output)}, batch, {output.Width});");
        }

        _writer.Line();
        _writer.Line($"/// <summary>{(training ? "Training's forward pass" : "Inference")} over [first, first + steps).</summary>");
        _lists.Write($"private static void {name}Steps(in ModelCall call, in Memory m, int first, int steps)", $"{name}StepsPart", "in ModelCall call, in Memory m, int first, int steps", "call, m, first, steps", sequence, _axes.Locals);
        if (output.IsSequence)
        {
            return;
        }

        var last = nodes.Where(n => !n.Node.IsSequence).SelectMany(n => _calls.Forward(n, training)).ToList();
        last.Add($"RowOps.Copy({_m.Value(output)}, {NodeCalls.Stride(output)}, call.Output, {output.Width}, batch, {output.Width});");
        _writer.Line();
        _writer.Line("/// <summary>The layers that have one row a sequence.</summary>");
        _lists.Write($"private static void {name}Last(in ModelCall call, in Memory m)", $"{name}LastPart", "in ModelCall call, in Memory m", "call, m", last, "nint batch = call.Batch;");
    }

    private HashSet<RecurrentNode> WriteBackward()
    {
        var output = _graph.Output;
        var calls = new List<string>
        {
            $"RowOps.CopySteps(call.OutputGradient, {output.Width}, call.WholeBatch, {_m.Gradient(output)}, {NodeCalls.Stride(output)}, batch, {(output.IsSequence ? _axes.Steps(output) : "1")}, batch, {output.Width});",
        };
        calls.AddRange(_calls.ClearPadding(output));
        if (output.IsSequence)
        {
            calls.Add($"RowOps.ClearPastLengths({_m.Gradient(output)}, {NodeCalls.Stride(output)}, {_axes.Steps(output)}, {_axes.First(output)}, call.Batch, {output.Width}, {_axes.Call(output)}.Lengths);");
        }

        var gradient = ModelGradient.Of(_graph);
        var plans = _plan.Nodes.ToDictionary(n => n.Node);
        foreach (var node in gradient.Nodes)
        {
            calls.AddRange(_calls.Backward(plans[node.Node], node));
        }

        if (_graph.Input is { } x)
        {
            _writer.Line();
            _writer.Line("/// <summary>Hands the gradient of x to the caller who wants it.</summary>");
            using (_writer.Method("private static void CopyInputGradient(in ModelCall call, in Memory m)"))
            using (_writer.Block("if (call.InputGradient != null)"))
            {
                _writer.Line($"RowOps.CopySteps({_m.Gradient(x)}, {NodeCalls.Stride(x)}, call.Batch, call.InputGradient, {x.Width}, call.WholeBatch, call.Steps, call.Batch, {x.Width});");
            }

            calls.Add("CopyInputGradient(call, m);");
        }

        _writer.Line();
        using (_writer.Method("public override void Backward(in ModelCall call)"))
        {
            WriteTrainingMemory();
            if (_plan.Memory.PackedGradientsLength is > 0 and var total)
            {
                _writer.Line($"RowOps.Clear(call.Workspace, {total}, 1, {total});");
                using (_writer.Block("if (m.Low != 0)"))
                {
                    _writer.Line($"RowOps.Clear(&call.Workspace[m.Low], {total}, 1, {total});");
                }

                _writer.Line();
                _writer.Line("BackwardSteps(call, m, 0, call.Steps);");
                using (_writer.Block("if (m.Low != 0)"))
                {
                    _writer.Line($"RowOps.Add(&call.Workspace[m.Low], {total}, call.Workspace, {total}, 1, {total});");
                }
            }
            else
            {
                _writer.Line("BackwardSteps(call, m, 0, call.Steps);");
            }
        }

        _writer.Line();
        _writer.Line("/// <summary>The layers in reverse order.</summary>");
        _lists.Write("private static void BackwardSteps(in ModelCall call, in Memory m, int first, int steps)", "BackwardStepsPart", "in ModelCall call, in Memory m, int first, int steps", "call, m, first, steps", calls, _axes.Locals);
        return [.. gradient.Nodes.Where(n => n.Writes.Any(w => w.Adds)).Select(n => n.Node).OfType<RecurrentNode>()];
    }
}
