namespace RnnCodegen;

/// <summary>Work in parts that do not depend on each other, so that any thread may do any of them in any order.</summary>
internal interface IPartedWork
{
    /// <summary>Does one part.</summary>
    void Do(int part);
}
