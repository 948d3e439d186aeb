namespace RnnCodegen;

/// <summary>The unit that a schedule counts.</summary>
public enum ScheduleUnit
{
    /// <summary>Updates of the parameters.</summary>
    Update,

    /// <summary>Epochs.</summary>
    Epoch,
}
