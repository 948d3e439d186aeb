namespace RnnCodegen.Runtime;

/// <content>Training: the pass that fills a tape, and the one that reads it.</content>
public sealed partial class ModelCore
{
    /// <summary>Run for training: no output transform, dropout active unless the tape says otherwise, and a tape for Backward.</summary>
    /// <param name="x">Input rows [T, B, I].</param>
    /// <param name="y">Receives the output [T, B, F], or [B, F] where the output is one row per sequence.</param>
    /// <param name="tape">Says T and B, and receives what Backward needs.</param>
    /// <param name="lengths">Valid steps of each sample [B]; all where empty.</param>
    /// <param name="initialState">State before the first step; zeros, or what is learned, where null.</param>
    /// <param name="finalState">Receives the state after the last valid step; may be the initial one.</param>
    public void Forward(
        ReadOnlySpan<float> x, Span<float> y, Tape tape, ReadOnlySpan<int> lengths = default, ModelState? initialState = null,
        ModelState? finalState = null)
    {
        ArgumentNullException.ThrowIfNull(tape);
        ModelChecks.Tape(Definition, _engine.Layout, tape);
        ModelChecks.Features(Definition, x, tape.Steps, tape.Batch);
        CheckForward(y, tape, lengths, initialState, finalState);
        ModelChecks.Categories(Definition, x, tape.Batch, lengths);
        Fill(tape, new ModelInput(x), y, lengths, initialState, finalState);
    }

    /// <summary>Run for training of a token model.</summary>
    /// <param name="tokens">Token ids [T, B].</param>
    /// <param name="y">Receives the output [T, B, F], or [B, F] where the output is one row per sequence.</param>
    /// <param name="tape">Says T and B, and receives what Backward needs.</param>
    /// <param name="lengths">Valid steps of each sample [B]; all where empty.</param>
    /// <param name="initialState">State before the first step; zeros, or what is learned, where null.</param>
    /// <param name="finalState">Receives the state after the last valid step; may be the initial one.</param>
    public void Forward(
        ReadOnlySpan<int> tokens, Span<float> y, Tape tape, ReadOnlySpan<int> lengths = default, ModelState? initialState = null,
        ModelState? finalState = null)
    {
        ArgumentNullException.ThrowIfNull(tape);
        ModelChecks.Tape(Definition, _engine.Layout, tape);
        ModelChecks.Tokens(Definition, tokens, (long)tape.Steps * tape.Batch, nameof(tokens));
        CheckForward(y, tape, lengths, initialState, finalState);
        Fill(tape, new ModelInput(tokens), y, lengths, initialState, finalState);
    }

    /// <summary>
    /// Gradients of a loss from the gradient of the output and the tape of the last Forward. Learned initial states get theirs where
    /// Forward started from them.
    /// </summary>
    /// <param name="dy">Gradient of the output, shaped like it.</param>
    /// <param name="dx">
    /// Receives the gradient of the input [T, B, I], 0 in columns of category ids; empty where not wanted, and for token models.
    /// </param>
    /// <param name="tape">The tape Forward filled; it stays as it is.</param>
    /// <param name="gradients">Receives the gradients of the parameters.</param>
    /// <param name="accumulate">
    /// Whether to add to what <paramref name="gradients"/> holds, or to overwrite it. Sums of more than 16 calls are made in double
    /// precision, in twice the gradients' memory, which stays with them.
    /// </param>
    /// <param name="finalStateGradient">Gradient of the final state; zeros where null.</param>
    /// <param name="initialStateGradient">Receives the gradient of the initial state; may be the final one.</param>
    /// <exception cref="InvalidOperationException">
    /// Forward of this model has not filled the tape, or the parameters have changed since.
    /// </exception>
    public void Backward(
        ReadOnlySpan<float> dy, Span<float> dx, Tape tape, ParameterSet gradients, bool accumulate = false,
        ModelState? finalStateGradient = null, ModelState? initialStateGradient = null)
    {
        ArgumentNullException.ThrowIfNull(tape);
        ArgumentNullException.ThrowIfNull(gradients);
        ModelChecks.Tape(Definition, _engine.Layout, tape);
        ModelChecks.Output(Definition, dy.Length, tape.Steps, tape.Batch, nameof(dy));
        ModelChecks.InputGradient(Definition, dx.Length, tape);
        ModelChecks.OptionalState(Definition, finalStateGradient, tape.Batch, nameof(finalStateGradient));
        ModelChecks.OptionalState(Definition, initialStateGradient, tape.Batch, nameof(initialStateGradient));
        Parameters.RequireSameLayout(gradients, nameof(gradients));
        if (ReferenceEquals(gradients, Parameters))
        {
            throw new ArgumentException("The gradients must not be the parameters themselves; use CreateGradients.", nameof(gradients));
        }

        tape.RequireFilledBy(Parameters);
        tape.RequireMemory();
        _engine.Backward(dy, dx, tape, gradients, accumulate, finalStateGradient, initialStateGradient);
    }

    private void CheckForward(Span<float> y, Tape tape, ReadOnlySpan<int> lengths, ModelState? initialState, ModelState? finalState)
    {
        ModelChecks.Output(Definition, y.Length, tape.Steps, tape.Batch, nameof(y));
        ModelChecks.Lengths(lengths, tape.Steps, tape.Batch);
        ModelChecks.OptionalState(Definition, initialState, tape.Batch, nameof(initialState));
        ModelChecks.OptionalState(Definition, finalState, tape.Batch, nameof(finalState));
    }

    private void Fill(
        Tape tape, ModelInput x, Span<float> y, ReadOnlySpan<int> lengths, ModelState? initialState, ModelState? finalState)
    {
        var memory = ModelChecks.Memory(Definition, initialState, tape.Batch, nameof(initialState));
        tape.Forget();
        tape.SetLengths(lengths);
        _engine.Forward(x, y, tape, lengths, initialState, finalState);
        tape.SetFilledBy(Parameters, startsLearned: initialState is null);
        tape.SetAttended(memory);
    }
}
