using Xunit;

namespace RnnCodegen.Cuda.Tests;

/// <summary>Each call of the driver that a run makes fails once: the run says which, and gives back what it holds.</summary>
public sealed class SoftwareFaultTests
{
    private static readonly CudaOptions s_options = new() { UseCache = false };

    [Theory]
    [InlineData(SoftwareError.OutOfMemory)]
    [InlineData(SoftwareError.DeviceUnavailable)]
    [InlineData(SoftwareError.EccUncorrectable)]
    [InlineData(SoftwareError.LaunchFailed)]
    public void Every_call_fails_once(int error)
    {
        var calls = CallsOfARun();
        Assert.True(calls.Count > 25, string.Join(", ", calls.Keys));
        foreach (var (entry, count) in calls)
        {
            for (var call = 1; call <= count; call++)
            {
                FailAt(entry, call, error);
            }
        }
    }

    [Fact]
    public void Error_that_the_driver_does_not_explain_has_its_number()
    {
        using var driver = new SoftwareDriver();
        using var device = CudaDevice.TryOpen(driver.Table, 0, out _)!;
        driver.Fail("cuMemAlloc_v2", 1, SoftwareError.OutOfMemory);
        driver.Fail("cuMemGetInfo_v2", 1, SoftwareError.Unknown);
        driver.Fail("cuGetErrorName", 1, SoftwareError.InvalidValue);
        driver.Fail("cuGetErrorString", 1, SoftwareError.InvalidValue);
        Assert.Equal("cuMemAlloc_v2 failed: an unknown error (2).", Assert.Throws<CudaException>(() => device.Allocate(64)).Message);
    }

    private static Dictionary<string, int> CallsOfARun()
    {
        using var driver = new SoftwareDriver();
        Assert.Equal("", SmallModel.Run(driver, SmallModel.Program(), s_options));
        return new(driver.Calls);
    }

    private static void FailAt(string entry, int call, int error)
    {
        using var driver = new SoftwareDriver();
        driver.Fail(entry, call, error);
        var place = $"{entry}, call {call}, error {error}";
        try
        {
            var reason = SmallModel.Run(driver, SmallModel.Program(), s_options);

            // What gives something back, at the end of all, has nobody to tell.
            var isAtTheEnd = GivesBack(entry) && driver.LaunchedBeforeFailure == SmallModel.Launches;
            Assert.True(reason.Contains($"{entry} failed: {SoftwareError.Name(error)}", StringComparison.Ordinal)
                || (reason.Length == 0 && isAtTheEnd), $"{place}: '{reason}'");
        }
        catch (CudaException e)
        {
            Assert.True(e.Call == entry && e.Code == error, $"{place}: {e.Message}");
            Assert.Contains($"{entry} failed: {SoftwareError.Name(error)}", e.Message);
            Assert.True(entry is not "cuLaunchKernelEx" || e.Kernel is "add" or "rotate", $"{place}: {e.Kernel}");
        }

        Assert.True(driver.LaunchedBeforeFailure is not null, place);
        Assert.True(driver.Held().Length == 0, $"{place}: {driver.Held()}");
        Assert.True(driver.Complaints.Count == 0, $"{place}: {string.Join(", ", driver.Complaints)}");
    }

    private static bool GivesBack(string entry) => entry is "cuModuleUnload" or "cuMemFree_v2" or "cuMemFreeHost" or "cuStreamDestroy_v2"
        or "cuGraphExecDestroy" or "cuDevicePrimaryCtxRelease_v2" or "cuCtxPushCurrent_v2" or "cuCtxPopCurrent_v2";
}
