namespace RnnCodegen;

/// <summary>How the losses of a batch become one number.</summary>
public enum Reduction
{
    /// <summary>Their mean, each counting by its weight: sum(w l) / sum(w).</summary>
    Mean,

    /// <summary>Their sum, each times its weight.</summary>
    Sum,
}
