using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Planning;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>Writes a streaming step: one row of everything, at constant places, one call after the other.</summary>
internal sealed class StepEmitter(SourceWriter writer, ModelPlan plan)
{
    /// <summary>The caller's row, behind which nothing may be read.</summary>
    public const string Input = "call.Input";

    public void Write()
    {
        var graph = plan.Graph;
        var nodeCalls = new NodeCalls(plan);
        var calls = new List<string>();
        if (graph.Input is { } x && graph.StepRows > 1)
        {
            calls.Add($"RowOps.Copy(call.Input, {x.Width}, {Scratch(plan.Names.Value(x))}, {NodeCalls.Stride(x)}, {graph.StepRows}, {x.Width});");
        }

        foreach (var node in plan.InferenceNodes)
        {
            calls.AddRange(node is RecurrentPlan r
                ? new RecurrentStepCalls(plan, r).Spell(Scratch, StepValue)
                : nodeCalls.Step(node, StepValue));
        }

        calls.Add($"RowOps.Copy({StepValue(graph.Output)}, {graph.Output.Width}, call.Output, {graph.Output.Width}, 1, {graph.Output.Width});");
        writer.Line();
        new CallListEmitter(writer, plan.Names).Write(
            "public override void Step(in ModelCall call)", "StepPart", "in ModelCall call", "call", calls,
            "float* packed = call.Packed;", "float* state = call.State;", "float* work = call.Workspace;");

        string Scratch(string name) => VectorText.At("work", plan.Memory.StepPlaces[name]);

        string StepValue(Value value)
        {
            if (value == graph.Input && graph.StepRows == 1)
            {
                return Input;
            }

            return graph.Nodes.FirstOrDefault(n => n.Result == value) switch
            {
                DropoutNode d => StepValue(d.Input),
                RecurrentNode r => VectorText.At("state", plan.StateOffset(r.States[0])),
                LastNode l => VectorText.At("state", plan.StateOffset(l.States[0])),
                _ => Scratch(plan.Names.Value(value)),
            };
        }
    }
}
