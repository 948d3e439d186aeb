using RnnCodegen.Runtime;

namespace RnnCodegen.Cuda;

/// <content>Training.</content>
internal sealed unsafe partial class CudaEngine
{
    /// <inheritdoc/>
    public void Forward(ModelInput x, Span<float> y, Tape tape, ReadOnlySpan<int> lengths, ModelState? initial, ModelState? final)
    {
        var buffer = (CudaTape)tape.Buffer;
        var frame = buffer.Frame;
        using var turn = Begin();
        try
        {
            var call = NewCall();
            var attended = Bring(initial?.Memory);
            call.Seed = tape.DropoutSeed;
            (call.SamplesBefore, call.SamplesElsewhere) = tape.Place;
            call.IsTraining = tape.Training ? 1 : 0;
            var shape = frame.Lay(tape.Steps, tape.Batch, attended?.Steps ?? 0);
            call.Attention = tape.KeepsAttention ? buffer.Attention.Lay(shape) : 0;
            WriteInput(frame, shape, call, attended, x, lengths);
            _states.WriteStart(frame, shape, initial);
            frame.Execute(shape, final is null || !_states.Any ? CudaPass.ForwardWithoutState : CudaPass.Forward);
            frame.Values(shape.Output, y.Length).CopyTo(y);
            _states.Read(frame, shape, final);
            buffer.SetFilled(shape, call);
            if (tape.KeepsAttention)
            {
                tape.LeaveAttention(shape.MemorySteps);
            }
        }
        catch (CudaException failure)
        {
            throw Failed(failure, frame);
        }
    }

    /// <inheritdoc/>
    public void Backward(
        ReadOnlySpan<float> dy, Span<float> dx, Tape tape, ParameterSet gradients, bool accumulates, ModelState? final, ModelState? initial)
    {
        var buffer = (CudaTape)tape.Buffer;
        var frame = buffer.Frame;
        using var turn = Begin();
        buffer.RequireFilled();
        try
        {
            var (shape, call) = (buffer.Shape, buffer.Call);
            var wantsMemory = tape.Attended is not null && initial is not null;
            call.Parameters = NewCall().Parameters;
            frame.WriteHeader(shape, call, Bring(tape.Attended), tape.HasLengths);
            dy.CopyTo(frame.Values(shape.OutputGradient, dy.Length));
            _states.WriteGradient(frame, shape, final);
            frame.Execute(shape, (dx.IsEmpty, wantsMemory) switch
            {
                (true, false) => CudaPass.Backward,
                (false, false) => CudaPass.BackwardToInput,
                (true, true) => CudaPass.BackwardToMemory,
                _ => CudaPass.BackwardToInputAndMemory,
            });
            frame.Values(shape.InputGradient, dx.Length).CopyTo(dx);
            var sums = frame.Values(shape.Sums, gradients.Count);
            if (tape.StartsLearned)
            {
                _states.AddLearned(frame, shape, sums);
            }

            Add(sums, gradients, accumulates);
            _states.ReadGradient(frame, shape, initial);
            if (wantsMemory)
            {
                var attended = tape.Attended!;
                var count = attended.Steps * attended.Batch * attended.Width;
                initial!.OwnMemory().Set(
                    frame.Values(shape.MemoryGradient, count), attended.Steps, attended.Batch, attended.Width, []);
            }
        }
        catch (CudaException failure)
        {
            throw Failed(failure, frame);
        }
    }

    /// <summary>Adds a call's gradients to what the caller has, in double precision where it has those of many.</summary>
    private static void Add(ReadOnlySpan<float> terms, ParameterSet gradients, bool accumulates)
    {
        var sum = gradients.BeginAdditions(accumulates, 1, out var isInSum);
        var values = new Span<float>(gradients.Pointer, gradients.Count);
        if (sum is null)
        {
            if (accumulates)
            {
                System.Numerics.Tensors.TensorPrimitives.Add(values, terms, values);
            }
            else
            {
                terms.CopyTo(values);
            }

            return;
        }

        var sums = sum.Range(0, gradients.Count);
        if (!isInSum)
        {
            sums.Clear();
            if (accumulates)
            {
                LongSums.Add(sums, values);
            }
        }

        LongSums.Add(sums, terms);
        LongSums.Round(sums, values);
    }
}
