namespace RnnCodegen;

/// <summary>The recurrent state at the start of a portion, carried from window to window of a stream.</summary>
internal sealed class CarriedState(ModelCore core)
{
    /// <summary>The state at the portion's start.</summary>
    public ModelState State { get; } = core.CreateState();

    /// <summary>Makes the state ready for a portion: zeros where it is its samples' first.</summary>
    public void Begin(in Portion portion)
    {
        if (portion.IsFirst)
        {
            State.Reshape(portion.Count);
            State.Reset();
        }
    }
}
