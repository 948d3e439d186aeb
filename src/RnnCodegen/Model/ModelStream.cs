using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>One stream through a model: the model, and a state of its own. Not for two threads at once; one stream per thread.</summary>
public sealed class ModelStream : IDisposable
{
    private readonly ModelCore _core;
    private bool _disposed;

    /// <summary>A stream at the start of a sequence.</summary>
    /// <param name="core">The model; one that can stream.</param>
    public ModelStream(ModelCore core)
    {
        ArgumentNullException.ThrowIfNull(core);
        core.RequireStreaming();
        _core = core;
        State = core.CreateState();
    }

    /// <summary>The stream's state: save it, restore it, reset it to start anew.</summary>
    public ModelState State { get; }

    /// <summary>One time step: a row of features in, the output row out. Does not allocate.</summary>
    /// <param name="x">Input row [I].</param>
    /// <param name="y">Receives the output row [F].</param>
    public void Step(ReadOnlySpan<float> x, Span<float> y)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _core.Step(x, y, State);
    }

    /// <summary>One time step of a token model. Does not allocate.</summary>
    /// <param name="token">Token id.</param>
    /// <param name="y">Receives the output row [F].</param>
    public void Step(int token, Span<float> y)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _core.Step(token, y, State);
    }

    /// <summary>Ends the stream.</summary>
    public void Dispose() => _disposed = true;
}
