namespace RnnCodegen.Runtime;

/// <summary>Divides a row of things that are all the same work.</summary>
internal static class Shares
{
    /// <summary>
    /// The share's things, from the first to before the end: whole cache lines of floats, so that no two shares write to the same.
    /// </summary>
    public static (int First, int End) Of(int length, int share, int shares)
    {
        const int Line = 16;
        long lines = (length + Line - 1) / Line;
        return ((int)Math.Min(length, lines * share / shares * Line), (int)Math.Min(length, lines * (share + 1) / shares * Line));
    }
}
