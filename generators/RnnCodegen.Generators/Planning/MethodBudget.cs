namespace RnnCodegen.Generators.Planning;

/// <summary>
/// What a generated method may hold. Past 60,000 IL bytes, 20,000 IL instructions, 2,000 blocks or 2,000 locals the JIT compiles a method
/// without optimizing it, and at 512 locals it stops inlining; tiles and stages stay far below by their shape (a stage
/// has at most ten activations of some twenty locals each), lists of calls are cut here.
/// </summary>
internal static class MethodBudget
{
    /// <summary>IL bytes that a method should stay under.</summary>
    public const int IlBytes = 20_000;

    /// <summary>IL bytes of a call with a dozen computed arguments, generously.</summary>
    public const int IlBytesOfCall = 160;

    /// <summary>Calls that one method makes at the most.</summary>
    public const int Calls = IlBytes / IlBytesOfCall;

    /// <summary>Cuts a list of calls into methods; one part where it fits.</summary>
    public static IReadOnlyList<IReadOnlyList<T>> Split<T>(IReadOnlyList<T> calls) =>
        [.. Enumerable.Range(0, Math.Max(1, (calls.Count + Calls - 1) / Calls))
            .Select(part => calls.Skip(part * Calls).Take(Calls).ToArray())];
}
