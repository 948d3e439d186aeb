using RnnCodegen.Runtime;

namespace RnnCodegen.Cuda;

/// <summary>
/// Streams that a GPU steps together: each has a state of its own, which stays on the device, and one call takes all of them a step
/// further. What one stream gets does not depend on the others. Not for two threads at once.
/// </summary>
/// <remarks>
/// A call that fails with a <see cref="CudaException"/> loses the states of all streams; <see cref="Reset()"/> starts them anew. Parameters
/// that have changed between two steps are those of the second.
/// </remarks>
public sealed class CudaStreams : IDisposable
{
    private readonly CudaEngine _engine;
    private readonly ModelCore _core;
    private readonly CudaFrame _frame;
    private CudaShape _shape = null!;
    private int _generation = -1;
    private bool _isDisposed;

    internal CudaStreams(ModelCore core, CudaEngine engine, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        core.RequireStreaming();
        if (core.Definition.MemorySize > 0)
        {
            throw new InvalidOperationException(
                $"{core.Definition.Name} attends to a memory, which comes with a state: step each stream with its own by CreateStream.");
        }

        (_core, _engine, Count) = (core, engine, count);
        _frame = engine.CreateFrame(CudaFrameKind.Step);
        try
        {
            Reset();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Number of streams n.</summary>
    public int Count { get; }

    /// <summary>One time step of every stream.</summary>
    /// <param name="x">Input rows [n, I]; where a step takes several rows, all streams' first rows, then their second ones.</param>
    /// <param name="y">Receives the output rows [n, F].</param>
    /// <exception cref="ArgumentException">A span has another length.</exception>
    /// <exception cref="CudaException">The device failed.</exception>
    public void Step(ReadOnlySpan<float> x, Span<float> y)
    {
        var model = _core.Definition;
        ModelChecks.Features(model, x, model.StepRows, Count);
        ModelChecks.Categories(model, x, Count, []);
        Step(new ModelInput(x), y);
    }

    /// <summary>One time step of every stream of a token model.</summary>
    /// <param name="tokens">A token id of each stream [n].</param>
    /// <param name="y">Receives the output rows [n, F].</param>
    /// <exception cref="ArgumentException">A span has another length, or a token is no id.</exception>
    /// <exception cref="CudaException">The device failed.</exception>
    public void Step(ReadOnlySpan<int> tokens, Span<float> y)
    {
        ModelChecks.Tokens(_core.Definition, tokens, (long)_core.Definition.StepRows * Count, nameof(tokens));
        Step(new ModelInput(tokens), y);
    }

    /// <summary>Starts all streams anew.</summary>
    public void Reset()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        using var turn = _engine.Begin();
        try
        {
            _shape = _frame.Lay(_core.Definition.StepRows, Count, 0);
            for (var stream = 0; stream < Count; stream++)
            {
                _engine.States.WriteStart(_frame, _shape, stream);
            }

            if (_engine.States.Any)
            {
                _frame.ToDevice(_shape.States, _shape.EndOfStates);
                _engine.Device.Synchronize();
            }

            _generation = _frame.Generation;
        }
        catch (CudaException failure)
        {
            throw _engine.Failed(failure, _frame);
        }
    }

    /// <summary>Starts one stream anew; the others go on.</summary>
    /// <param name="stream">The stream, from 0 to n - 1.</param>
    public void Reset(int stream) => Change(stream, null);

    /// <summary>Reads a stream's state.</summary>
    /// <param name="stream">The stream, from 0 to n - 1.</param>
    /// <param name="state">Receives it; of one sample, from the model's CreateState.</param>
    public void CopyStateTo(int stream, ModelState state)
    {
        RequireState(stream, state);
        using var turn = BeginOnStates();
        try
        {
            _engine.States.Transfer(_frame, _shape, stream, toDevice: false);
            _engine.Device.Synchronize();
            _engine.States.CopySample(_frame, _shape, stream, state, toState: true);
        }
        catch (CudaException failure)
        {
            throw _engine.Failed(failure, _frame);
        }
    }

    /// <summary>Sets a stream's state, e.g. to one that <see cref="CopyStateTo"/> read or a file has.</summary>
    /// <param name="stream">The stream, from 0 to n - 1.</param>
    /// <param name="state">The state; of one sample, from the CreateState of a model of this class.</param>
    public void CopyStateFrom(int stream, ModelState state)
    {
        RequireState(stream, state);
        Change(stream, state);
    }

    /// <summary>Ends the streams and gives their memory back; the model goes on.</summary>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _engine.Release(_frame);
        }
    }

    private void Step(ModelInput x, Span<float> y)
    {
        if (y.Length != (long)Count * _core.Definition.OutputSize)
        {
            ModelChecks.ThrowLength(
                nameof(y), y.Length, (long)Count * _core.Definition.OutputSize, $"n {Count} x F {_core.Definition.OutputSize}");
        }

        using var turn = BeginOnStates();
        try
        {
            _engine.WriteInput(_frame, _shape, _engine.NewCall(), null, x, []);
            _frame.Execute(_shape, CudaPass.Stream);
            _frame.Values(_shape.Output, y.Length).CopyTo(y);
        }
        catch (CudaException failure)
        {
            throw _engine.Failed(failure, _frame);
        }
    }

    private void Change(int stream, ModelState? state)
    {
        RequireStream(stream);
        using var turn = BeginOnStates();
        try
        {
            if (state is null)
            {
                _engine.States.WriteStart(_frame, _shape, stream);
            }
            else
            {
                _engine.States.CopySample(_frame, _shape, stream, state, toState: false);
            }

            _engine.States.Transfer(_frame, _shape, stream, toDevice: true);
            _engine.Device.Synchronize();
        }
        catch (CudaException failure)
        {
            throw _engine.Failed(failure, _frame);
        }
    }

    private Lock.Scope BeginOnStates()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var turn = _engine.Begin();
        if (_generation == _frame.Generation)
        {
            return turn;
        }

        turn.Dispose();
        throw new InvalidOperationException("The states of the streams were lost when a call failed: Reset starts them anew.");
    }

    private void RequireState(int stream, ModelState state)
    {
        RequireStream(stream);
        ArgumentNullException.ThrowIfNull(state);
        ModelChecks.State(_core.Definition, state, 1, nameof(state));
    }

    private void RequireStream(int stream)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(stream);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(stream, Count);
    }
}
