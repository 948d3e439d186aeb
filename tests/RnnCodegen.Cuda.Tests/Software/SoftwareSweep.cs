using Xunit;

namespace RnnCodegen.Cuda.Tests;

/// <summary>
/// Tests that let calls of the driver fail, one at a time: a few of each entry point, and all of them where RNNCODEGEN_SWEEPS is all.
/// </summary>
internal static class SoftwareSweep
{
    private static bool IsWhole => Environment.GetEnvironmentVariable("RNNCODEGEN_SWEEPS") == "all";

    /// <summary>Checks each call, and tells of all that went wrong.</summary>
    /// <param name="before">How often each entry point was called before what is tested.</param>
    /// <param name="after">How often after it.</param>
    /// <param name="few">How many calls of an entry point usually fail: the first, the last, and what is between.</param>
    /// <param name="check">Lets a call of an entry point fail.</param>
    public static void EachCall(
        IReadOnlyDictionary<string, int> before, IReadOnlyDictionary<string, int> after, int few, Action<string, int> check)
    {
        var wrong = new List<string>();
        foreach (var (entry, last) in after)
        {
            var first = before.GetValueOrDefault(entry) + 1;
            foreach (var call in first > last ? [] : Calls(first, last, few))
            {
                try
                {
                    check(entry, call);
                }
                catch (Exception e)
                {
                    wrong.Add($"{entry}, call {call}: {e.Message}");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    /// <summary>Whether an entry point gives something back: it does so whatever it tells, and nobody is there to be told.</summary>
    public static bool GivesBack(string entry) => entry is "cuModuleUnload" or "cuMemFree_v2" or "cuMemFreeHost" or "cuStreamDestroy_v2"
        or "cuGraphExecDestroy" or "cuGraphDestroy" or "cuDevicePrimaryCtxRelease_v2";

    private static IEnumerable<int> Calls(int first, int last, int few) => IsWhole
        ? Enumerable.Range(first, last - first + 1)
        : Enumerable.Range(0, few).Select(n => first + ((last - first) * n / (few - 1))).Distinct();
}
