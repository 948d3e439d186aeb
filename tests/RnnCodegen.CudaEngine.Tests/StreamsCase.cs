using RnnCodegen.Cuda;
using RnnCodegen.Numerics.Tests.Engines;
using RnnCodegen.Runtime;

namespace RnnCodegen.CudaEngine.Tests;

/// <summary>The samples of a case as streams that are stepped together, with what the reference says of all their steps.</summary>
/// <param name="shape">The case; lengths have no meaning here.</param>
/// <param name="core">A model on a device, with any parameters.</param>
internal sealed class StreamsCase(CaseShape shape, ModelCore core)
{
    private int Batch => shape.Batch;

    /// <summary>Compares each step's outputs and the last states, where the model can be stepped so.</summary>
    public void Check()
    {
        var model = core.Definition;
        if (!model.CanStream || model.MemorySize > 0)
        {
            return;
        }

        var call = NewCall(out var reference);
        using var streams = CudaModels.CreateStreams(core, Batch);
        for (var stream = 0; stream < Batch && shape.HasState; stream++)
        {
            streams.CopyStateFrom(stream, StateOf(call, stream));
        }

        var (y, width, block) = (new float[Batch * model.OutputSize], Batch * model.OutputSize, model.StepRows);
        for (var step = 0; step < shape.Steps / block; step++)
        {
            Step(streams, call, step * block, y);
            if (model.OutputIsSequence)
            {
                Near.Forward($"step {step} of all streams", y, reference.TransformedOutput.AsSpan(step * width, width));
            }
        }

        if (shape.Steps % block != 0)
        {
            // The rest is not a whole step, and the whole sequence's result has it in.
            return;
        }

        if (!model.OutputIsSequence && shape.Steps > 0)
        {
            Near.Forward("the last step of all streams", y, reference.TransformedOutput);
        }

        CheckStates(streams, reference);
    }

    private ReferenceCall NewCall(out ReferenceRun run)
    {
        var (samples, model, rows) = (new Samples(2 + shape.Steps), ReferenceModel.Of(shape.Model), shape.Steps * Batch);
        var call = new ReferenceCall(shape.Steps, Batch)
        {
            Tokens = samples.Tokens(model, rows),
            Input = samples.Input(model, rows),
            Parameters = core.Parameters.Tensors.ToDictionary(t => t.Name, t => Array.ConvertAll(t.Values.ToArray(), v => (double)v)),
            InitialState = shape.HasState ? samples.State(model, Batch) : new Dictionary<string, double[]>(),
        };
        run = new ReferenceRun(model, call);
        return call;
    }

    private void Step(CudaStreams streams, ReferenceCall call, int first, float[] y)
    {
        var (rows, size) = (core.Definition.StepRows * Batch, core.Definition.InputSize);
        y.AsSpan().Fill(float.NaN);
        if (call.Tokens is { } tokens)
        {
            streams.Step(tokens.AsSpan(first * Batch, rows), y);
        }
        else
        {
            streams.Step(TestModel.Narrow(call.Input!).AsSpan(first * Batch * size, rows * size), y);
        }
    }

    private ModelState StateOf(ReferenceCall call, int stream)
    {
        var state = core.CreateState();
        foreach (var (name, values) in call.InitialState)
        {
            TestModel.Narrow(Of(values, stream)).CopyTo(state.Vector(name));
        }

        return state;
    }

    private void CheckStates(CudaStreams streams, ReferenceRun reference)
    {
        var state = core.CreateState();
        for (var stream = 0; stream < Batch; stream++)
        {
            streams.CopyStateTo(stream, state);
            foreach (var (name, values) in reference.FinalState)
            {
                Near.Forward($"{name} of stream {stream} after the last step", state.Vector(name), Of(values, stream));
            }
        }
    }

    private double[] Of(double[] vectors, int stream)
    {
        var size = vectors.Length / Batch;
        return vectors[(stream * size)..((stream + 1) * size)];
    }
}
