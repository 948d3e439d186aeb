namespace RnnCodegen;

/// <summary>
/// What computes a model: Step, Run, Forward and Backward over memory that the engine itself lays out and owns. Arguments are checked
/// before they come here, by sizes that hold for every engine; an engine refuses only memory that is another engine's.
/// </summary>
internal interface IModelEngine
{
    /// <summary>How its tapes are laid out, by name; a tape serves engines of the same layout.</summary>
    string Layout { get; }

    /// <summary>Most threads that one call works on.</summary>
    int MaxThreads { get; set; }

    /// <summary>Memory of a state.</summary>
    StateBuffer CreateState();

    /// <summary>Rows to attend to.</summary>
    ModelMemory CreateMemory();

    /// <summary>What Forward keeps for Backward.</summary>
    TapeBuffer CreateTape();

    /// <summary>One time step of one stream. Spans that registers hold: of small models a call costs as much as a layer.</summary>
    /// <param name="x">The rows of a step.</param>
    /// <param name="y">Receives the output row [F].</param>
    /// <param name="state">The stream's state.</param>
    /// <exception cref="ArgumentException">The state is laid out for another engine.</exception>
    void Step(ReadOnlySpan<float> x, Span<float> y, ModelState state);

    /// <summary>The same of a token model.</summary>
    /// <param name="token">The token.</param>
    /// <param name="y">Receives the output row [F].</param>
    /// <param name="state">The stream's state.</param>
    /// <exception cref="ArgumentException">The state is laid out for another engine.</exception>
    void Step(int token, Span<float> y, ModelState state);

    /// <summary>Inference over a sequence or batch.</summary>
    /// <param name="x">The input.</param>
    /// <param name="y">Receives the output.</param>
    /// <param name="steps">Time steps T.</param>
    /// <param name="batch">Samples B.</param>
    /// <param name="lengths">Valid steps of each sample [B]; all where empty.</param>
    /// <param name="initial">State before the first step; the model's start where null.</param>
    /// <param name="final">Receives the state after the last valid step; may be the initial one.</param>
    void Run(ModelInput x, Span<float> y, int steps, int batch, ReadOnlySpan<int> lengths, ModelState? initial, ModelState? final);

    /// <summary>Run that fills a tape, which says T, B and dropout.</summary>
    /// <param name="x">The input.</param>
    /// <param name="y">Receives the output.</param>
    /// <param name="tape">Receives what Backward needs.</param>
    /// <param name="lengths">Valid steps of each sample [B]; all where empty.</param>
    /// <param name="initial">State before the first step; the model's start where null.</param>
    /// <param name="final">Receives the state after the last valid step; may be the initial one.</param>
    void Forward(ModelInput x, Span<float> y, Tape tape, ReadOnlySpan<int> lengths, ModelState? initial, ModelState? final);

    /// <summary>Gradients, from a filled tape.</summary>
    /// <param name="dy">Gradient of the output.</param>
    /// <param name="dx">Receives the gradient of the input; empty where not wanted.</param>
    /// <param name="tape">The tape; it stays as it is.</param>
    /// <param name="gradients">Receives the gradients of the parameters.</param>
    /// <param name="accumulates">Whether to add to what they hold.</param>
    /// <param name="final">Gradient of the final state; zeros where null.</param>
    /// <param name="initial">Receives the gradient of the initial state, and of the memory; may be the final one.</param>
    void Backward(
        ReadOnlySpan<float> dy, Span<float> dx, Tape tape, ParameterSet gradients, bool accumulates, ModelState? final,
        ModelState? initial);
}
