using Xunit;

namespace RnnCodegen.Tests.Training;

/// <summary>Asserts that code which is warm allocates nothing.</summary>
internal static class Allocation
{
    public static void AssertNone(Action action)
    {
        action();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10; i++)
        {
            action();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
