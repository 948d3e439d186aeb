using RnnCodegen.Runtime;

namespace RnnCodegen.Cuda;

/// <summary>
/// How a model's state is laid out: on the host rows with room behind them, as kernels of the CPU read them; in a frame without.
/// </summary>
internal sealed class CudaStateRows
{
    private readonly ModelDefinition _model;
    private readonly ParameterSet _parameters;
    private readonly int[] _values;
    private readonly int[] _gradients;

    /// <param name="model">The state's vectors.</param>
    /// <param name="parameters">What learned vectors start from.</param>
    /// <param name="program">Which matrices they are.</param>
    public CudaStateRows(ModelDefinition model, ParameterSet parameters, CudaProgram program)
    {
        (_model, _parameters) = (model, parameters);
        _values = NumbersOf(CudaRole.State);
        _gradients = NumbersOf(CudaRole.StateGradient);

        int[] NumbersOf(CudaRole role) =>
            [.. model.State.Select((_, slot) => Array.FindIndex(program.Buffers, b => b.Role == role && b.Of == slot))];
    }

    /// <summary>Whether the model has a state at all.</summary>
    public bool Any => _values.Length > 0;

    /// <summary>Writes the state before the first step into a frame: the model's start where there is none.</summary>
    public void WriteStart(CudaFrame frame, CudaShape shape, ModelState? state)
    {
        if (state is not null)
        {
            Write(frame, shape, state, _values);
            return;
        }

        for (var sample = 0; sample < shape.Batch; sample++)
        {
            WriteStart(frame, shape, sample);
        }
    }

    /// <summary>Writes one sample's state before the first step.</summary>
    public void WriteStart(CudaFrame frame, CudaShape shape, int sample)
    {
        for (var slot = 0; slot < _values.Length; slot++)
        {
            if (_values[slot] >= 0)
            {
                var row = Row(frame, shape, _values[slot], slot, sample);
                if (_model.State[slot].InitialOffset is >= 0 and var offset)
                {
                    _parameters.Values.Slice(offset, row.Length).CopyTo(row);
                }
                else
                {
                    row.Clear();
                }
            }
        }
    }

    /// <summary>Enqueues the state before the first step, of parameters as they are on the device.</summary>
    public void EnqueueStart(CudaFrame frame, CudaShape shape, CudaTrainee trainee)
    {
        frame.Clear(shape.States, shape.EndOfStates);
        for (var slot = 0; slot < _values.Length; slot++)
        {
            if (_values[slot] >= 0 && _model.State[slot].InitialOffset is >= 0 and var offset)
            {
                trainee.EnqueueStart(
                    offset, frame.Device + (ulong)shape.Of(_values[slot]), _model.State[slot].Size, shape.Batch);
            }
        }
    }

    /// <summary>
    /// Enqueues, for another model's pass, copies of this model's state to the other's, vector by vector, or of the state's gradient.
    /// </summary>
    /// <param name="from">This model's frame.</param>
    /// <param name="fromShape">Its sizes.</param>
    /// <param name="other">The other model, with as many vectors of the same sizes.</param>
    /// <param name="to">Its frame.</param>
    /// <param name="toShape">Its sizes.</param>
    /// <param name="ofGradients">Whether it is the gradient.</param>
    public void EnqueueCopy(
        CudaFrame from, CudaShape fromShape, CudaTrainee other, CudaFrame to, CudaShape toShape, bool ofGradients)
    {
        var states = other.Engine.States;
        var (here, there) = ofGradients ? (_gradients, states._gradients) : (_values, states._values);

        // What one of the models has no use for it has no memory for.
        to.Clear(ofGradients ? toShape.StateGradients : toShape.States, ofGradients ? toShape.EndOfStateGradients : toShape.EndOfStates);
        for (var slot = 0; slot < here.Length; slot++)
        {
            if (here[slot] >= 0 && there[slot] >= 0)
            {
                other.EnqueueCopy(
                    from.Device + (ulong)fromShape.Of(here[slot]), to.Device + (ulong)toShape.Of(there[slot]),
                    _model.State[slot].Size * toShape.Batch);
            }
        }
    }

    /// <summary>Enqueues what <see cref="AddLearned"/> does on the host.</summary>
    public void EnqueueLearned(CudaFrame frame, CudaShape shape, CudaTrainee trainee)
    {
        for (var slot = 0; slot < _gradients.Length; slot++)
        {
            if (_gradients[slot] >= 0 && _model.State[slot].InitialOffset is >= 0 and var offset)
            {
                trainee.EnqueueLearned(
                    frame.Device + (ulong)shape.Of(_gradients[slot]), offset, _model.State[slot].Size, shape.Batch);
            }
        }
    }

    /// <summary>Reads the state after the last step out of a frame.</summary>
    public void Read(CudaFrame frame, CudaShape shape, ModelState? state) => Read(frame, shape, state, _values);

    /// <summary>Writes the gradient of the final state; zeros where there is none.</summary>
    public void WriteGradient(CudaFrame frame, CudaShape shape, ModelState? state)
    {
        if (state is null)
        {
            frame.Floats(shape.StateGradients, shape.EndOfStateGradients).Clear();
        }
        else
        {
            Write(frame, shape, state, _gradients);
        }
    }

    /// <summary>Reads the gradient of the initial state.</summary>
    public void ReadGradient(CudaFrame frame, CudaShape shape, ModelState? state) => Read(frame, shape, state, _gradients);

    /// <summary>Copies one sample's row of each vector: from a state of one sample, or to it.</summary>
    public void CopySample(CudaFrame frame, CudaShape shape, int sample, ModelState state, bool toState)
    {
        var values = state.Buffer.Values;
        for (var slot = 0; slot < _values.Length; slot++)
        {
            var size = _model.State[slot].Size;
            if (_values[slot] >= 0)
            {
                var here = values[..size];
                var there = Row(frame, shape, _values[slot], slot, sample);
                if (toState)
                {
                    there.CopyTo(here);
                }
                else
                {
                    here.CopyTo(there);
                }
            }

            values = values[AlignedBuffer.Stride(size)..];
        }
    }

    /// <summary>Copies one sample's rows between the host and the device, without waiting.</summary>
    public void Transfer(CudaFrame frame, CudaShape shape, int sample, bool toDevice)
    {
        for (var slot = 0; slot < _values.Length; slot++)
        {
            if (_values[slot] >= 0)
            {
                var row = sizeof(float) * (long)_model.State[slot].Size;
                var start = shape.Of(_values[slot]) + (sample * row);
                if (toDevice)
                {
                    frame.ToDevice(start, start + row);
                }
                else
                {
                    frame.ToHost(start, start + row);
                }
            }
        }
    }

    /// <summary>
    /// Adds what the gradient of the initial state says of learned vectors, summed over the samples, to the parameters' gradients.
    /// </summary>
    public void AddLearned(CudaFrame frame, CudaShape shape, Span<float> gradients)
    {
        for (var slot = 0; slot < _gradients.Length; slot++)
        {
            var (size, offset) = (_model.State[slot].Size, _model.State[slot].InitialOffset);
            if (offset < 0 || _gradients[slot] < 0)
            {
                continue;
            }

            var rows = frame.Values(shape.Of(_gradients[slot]), size * shape.Batch);
            for (var column = 0; column < size; column++)
            {
                double sum = gradients[offset + column];
                for (var sample = 0; sample < shape.Batch; sample++)
                {
                    sum += rows[(sample * size) + column];
                }

                gradients[offset + column] = (float)sum;
            }
        }
    }

    private void Write(CudaFrame frame, CudaShape shape, ModelState state, int[] numbers)
    {
        var values = state.Buffer.Values;
        for (var slot = 0; slot < numbers.Length; slot++)
        {
            var stride = AlignedBuffer.Stride(_model.State[slot].Size);
            for (var sample = 0; numbers[slot] >= 0 && sample < shape.Batch; sample++)
            {
                var row = Row(frame, shape, numbers[slot], slot, sample);
                values.Slice(sample * stride, row.Length).CopyTo(row);
            }

            values = values[(stride * shape.Batch)..];
        }
    }

    private void Read(CudaFrame frame, CudaShape shape, ModelState? state, int[] numbers)
    {
        if (state is null)
        {
            return;
        }

        var values = state.Buffer.Values;
        for (var slot = 0; slot < numbers.Length; slot++)
        {
            var stride = AlignedBuffer.Stride(_model.State[slot].Size);
            for (var sample = 0; numbers[slot] >= 0 && sample < shape.Batch; sample++)
            {
                // What is behind a row may be another batch's, and has to be finite.
                var from = Row(frame, shape, numbers[slot], slot, sample);
                var to = values.Slice(sample * stride, stride);
                from.CopyTo(to);
                to[from.Length..].Clear();
            }

            values = values[(stride * shape.Batch)..];
        }
    }

    private Span<float> Row(CudaFrame frame, CudaShape shape, int buffer, int slot, int sample)
    {
        var size = _model.State[slot].Size;
        return frame.Values(shape.Of(buffer) + (sizeof(float) * (long)sample * size), size);
    }
}
