namespace RnnCodegen;

/// <summary>The kind of targets that a loss compares a model's outputs with.</summary>
public enum TargetKind
{
    /// <summary>Values (float), as many a row as the loss says: F for most.</summary>
    Values,

    /// <summary>Class ids (int) from 0 to F - 1, one per row.</summary>
    Classes,

    /// <summary>A sequence of labels (int) a sample, of any length of its own; which step they belong to is not given.</summary>
    Labels,
}
