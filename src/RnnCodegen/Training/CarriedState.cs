namespace RnnCodegen;

/// <summary>The recurrent state at the start of a portion, carried from window to window of a stream.</summary>
internal sealed class CarriedState(ModelCore core)
{
    /// <summary>The state at the portion's start.</summary>
    public ModelState State { get; } = core.CreateState();

    /// <summary>
    /// Makes the state ready for a portion, and says what Forward is to start from: null where it is its samples' first, so that a learned initial
    /// state gets its gradient.
    /// </summary>
    public ModelState? Begin(in Portion portion)
    {
        if (!portion.IsFirst)
        {
            return State;
        }

        State.Reshape(portion.Count);
        State.Reset();
        return null;
    }
}
