using RnnCodegen.Runtime;

namespace RnnCodegen.Cuda;

/// <content>Steps and runs: what of a call goes to the device, and what comes back.</content>
internal sealed unsafe partial class CudaEngine
{
    private void Step(ModelInput x, Span<float> y, ModelState state) =>
        Infer(_step, x, y, Definition.StepRows, 1, [], state, state, attending: state);

    private void Infer(
        CudaFrame frame, ModelInput x, Span<float> y, int steps, int batch, ReadOnlySpan<int> lengths, ModelState? initial,
        ModelState? final, ModelState? attending = null)
    {
        using var turn = Begin();
        try
        {
            var call = NewCall();
            var attended = Bring(initial?.Memory);
            var shape = frame.Lay(steps, batch, attended?.Steps ?? 0);
            call.Attention = attending is { KeepsAttention: true } ? _attention.Lay(shape) : 0;
            WriteInput(frame, shape, call, attended, x, lengths);
            _states.WriteStart(frame, shape, initial);
            frame.Execute(shape, final is null || !_states.Any ? CudaPass.InferWithoutState : CudaPass.Infer);
            if (attending?.LayAttention(shape.MemorySteps) == true)
            {
                // The next step of any state has its own there.
                for (var layer = 0; layer < Definition.AttentionLayers.Count; layer++)
                {
                    _attention.CopyTo(layer, attending.AttentionRows(layer, _attention.StepsOf(layer)));
                }
            }

            frame.Values(shape.Output, y.Length).CopyTo(y);
            _states.Read(frame, shape, final);
        }
        catch (CudaException failure)
        {
            attending?.ForgetAttention();
            throw Failed(failure, frame);
        }
    }

    /// <summary>Writes what the device reads of a call, but for the state.</summary>
    internal void WriteInput(
        CudaFrame frame, CudaShape shape, in CudaCall call, CudaRowsToAttend? attended, ModelInput x, ReadOnlySpan<int> lengths)
    {
        frame.WriteHeader(shape, call, attended, !lengths.IsEmpty);
        lengths.CopyTo(frame.Integers(shape.Lengths, shape.Batch));
        if (Definition.TakesTokens)
        {
            x.Tokens.CopyTo(frame.Integers(shape.Tokens, x.Tokens.Length));
            return;
        }

        var rows = frame.Values(shape.Input, x.Rows.Length);
        x.Rows.CopyTo(rows);
        if (!lengths.IsEmpty)
        {
            ClearIdsPastLengths(rows, shape.Batch, lengths);
        }
    }

    // Past a sample's length anything may stand where ids do, and kernels look all of them up.
    private void ClearIdsPastLengths(Span<float> rows, int batch, ReadOnlySpan<int> lengths)
    {
        for (var k = 0; k < Definition.Categories.Count; k++)
        {
            var column = Definition.Categories[k].Column;
            for (var sample = 0; sample < batch; sample++)
            {
                for (long row = ((long)lengths[sample] * batch) + sample; row * Definition.InputSize < rows.Length; row += batch)
                {
                    rows[(int)(row * Definition.InputSize) + column] = 0;
                }
            }
        }
    }

    /// <summary>Brings what the model attends to to the device; null where it attends to nothing.</summary>
    private CudaRowsToAttend? Bring(ModelMemory? memory)
    {
        if (Definition.MemorySize == 0)
        {
            return null;
        }

        if (memory is not CudaRowsToAttend rows || rows.Engine != this)
        {
            throw new ArgumentException(
                "The memory was set on a state of another model, or of one that computes elsewhere: take a state of this model's " +
                $"CreateState, which computes on {Device.Name}.",
                "initialState");
        }

        rows.Bring();
        return rows;
    }
}
