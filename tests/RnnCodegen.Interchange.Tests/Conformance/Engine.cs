using RnnCodegen.Runtime;

namespace RnnCodegen.Interchange.Tests.Conformance;

/// <summary>A compiled model of one SIMD width, with its weights.</summary>
/// <param name="type">The generated class.</param>
/// <param name="core">Its code and weights.</param>
internal sealed class Engine(Type type, ModelCore core)
{
    public Type Type { get; } = type;

    public ModelCore Core { get; } = core;

    /// <summary>The call by Run, and by Step where the model streams and all samples are of one length.</summary>
    public IEnumerable<SequenceResult> Ways(SequenceCall call)
    {
        yield return Run(call);
        if (Steps(call))
        {
            yield return Step(call);
        }
    }

    /// <summary>Whether a call can be made by Step.</summary>
    public bool Steps(SequenceCall call) => Core.Definition.CanStream && call.Lengths.Length == 0;

    public SequenceResult Run(SequenceCall call)
    {
        var final = Core.CreateState(call.Batch);
        ModelState? initial = null;
        if (call.Initial.Count > 0)
        {
            initial = Core.CreateState(call.Batch);
            Set(initial, call, first: 0);
        }

        var y = new float[(Core.Definition.OutputIsSequence ? Core.Definition.OutputSteps(call.Steps) : 1) * call.Batch
            * Core.Definition.OutputSize];
        if (Core.Definition.TakesTokens)
        {
            Core.Run(call.Tokens, y, call.Steps, call.Batch, call.Lengths, initial, final);
        }
        else
        {
            Core.Run(call.Rows, y, call.Steps, call.Batch, call.Lengths, initial, final);
        }

        return new SequenceResult("Run", y, Copy([final]));
    }

    /// <summary>The call by Step, each sample in a stream of its own.</summary>
    public SequenceResult Step(SequenceCall call)
    {
        var definition = Core.Definition;
        var states = new ModelState[call.Batch];
        var y = new float[(definition.OutputIsSequence ? call.Steps : 1) * call.Batch * definition.OutputSize];
        var history = definition.State.ToDictionary(slot => slot.Name, _ => new List<float[]>());
        for (var b = 0; b < call.Batch; b++)
        {
            using var stream = new ModelStream(Core);
            states[b] = stream.State;
            Set(stream.State, call, first: b);
            for (var t = 0; t < call.Steps; t++)
            {
                var (from, to) = ((t * call.Batch) + b, definition.OutputIsSequence ? (t * call.Batch) + b : b);
                var row = y.AsSpan(to * definition.OutputSize, definition.OutputSize);
                if (definition.TakesTokens)
                {
                    stream.Step(call.Tokens[from], row);
                }
                else
                {
                    stream.Step(call.Rows.AsSpan(from * definition.InputSize, definition.InputSize), row);
                }

                foreach (var slot in definition.State)
                {
                    history[slot.Name].Add(stream.State.Vector(slot.Name).ToArray());
                }
            }
        }

        return new SequenceResult("Step", y, Copy(states)) { History = history };
    }

    /// <summary>Sets the samples of a state from the call's, the first of them being the call's <paramref name="first"/>.</summary>
    private static void Set(ModelState state, SequenceCall call, int first)
    {
        foreach (var (slot, values) in call.Initial)
        {
            var size = values.Length / call.Batch;
            for (var b = 0; b < state.Batch; b++)
            {
                values.AsSpan((first + b) * size, size).CopyTo(state.Vector(slot, b));
            }
        }
    }

    private Dictionary<string, float[]> Copy(IReadOnlyList<ModelState> states) => Core.Definition.State.ToDictionary(
        slot => slot.Name,
        slot => states.SelectMany(state => Enumerable.Range(0, state.Batch).SelectMany(b => state.Vector(slot.Name, b).ToArray()))
            .ToArray());
}
