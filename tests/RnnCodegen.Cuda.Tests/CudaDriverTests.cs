using System.Runtime.InteropServices;
using Xunit;

namespace RnnCodegen.Cuda.Tests;

/// <summary>What a user reads where there is no GPU.</summary>
public sealed unsafe class CudaDriverTests
{
    [Fact]
    public void Driver_that_is_not_there()
    {
        Assert.Null(CudaDriver.TryLoad(["libno-such-cuda.so.1", "libno-such-cuda.so", "no-such-cuda.dll"], out var reason));
        Assert.Equal(
            "There is no NVIDIA driver on this machine: libno-such-cuda.so.1, libno-such-cuda.so and no-such-cuda.dll were looked for, "
            + "and none could be loaded.", reason);
    }

    [Fact]
    public void This_machine()
    {
        using var device = CudaDevice.TryOpen(new CudaOptions(), out var reason);
        if (device is not null)
        {
            Assert.Equal("", reason);
            Assert.NotEqual("", device.Name);
        }
        else
        {
            Assert.EndsWith(".", reason);
            Assert.True(CudaDriver.TryLoad(out _) is not null
                || reason.Contains("libcuda.so.1, libcuda.so and nvcuda.dll were looked for", StringComparison.Ordinal), reason);
        }
    }

    [Fact]
    public void Library_that_lacks_entry_points()
    {
        var library = OperatingSystem.IsWindows() ? "kernel32.dll" : OperatingSystem.IsMacOS() ? "libSystem.dylib" : "libm.so.6";
        Assert.Null(CudaDriver.TryLoad([library], out var reason));
        Assert.Equal(
            $"{library} is no driver for CUDA 12.0 or later: it has no cuInit, cuDriverGetVersion, cuGetErrorName and 31 other functions.",
            reason);
    }

    [Theory]
    [InlineData(11080, 1, 0, "The NVIDIA driver of this machine is one for CUDA 11.8: a driver for CUDA 12.0 or later is needed.")]
    [InlineData(12040, 0, 0, "There is an NVIDIA driver for CUDA 12.4 on this machine, but it finds no GPU.")]
    [InlineData(12040, 2, 2, "There is no GPU of number 2: the driver finds 2, counted from 0.")]
    [InlineData(12040, 1, -1, "There is no GPU of number -1: the driver finds 1, counted from 0.")]
    public void Driver_that_has_no_device_to_use(int version, int devices, int ordinal, string expected)
    {
        using var driver = new SoftwareDriver(new() { DriverVersion = version, Devices = devices });
        Assert.Null(CudaDevice.TryOpen(driver.Table, ordinal, out var reason));
        Assert.Equal(expected, reason);
        driver.RequireClean();
    }

    [Fact]
    public void Structures_are_laid_out_as_the_driver_has_them()
    {
        Assert.Equal(56, sizeof(CudaLaunchConfig));
        Assert.Equal(32, (int)Marshal.OffsetOf<CudaLaunchConfig>(nameof(CudaLaunchConfig.Stream)));
        Assert.Equal(48, (int)Marshal.OffsetOf<CudaLaunchConfig>(nameof(CudaLaunchConfig.AttributeCount)));
        Assert.Equal(72, sizeof(CudaLaunchAttribute));
        Assert.Equal(16, sizeof(CudaTurn));
        Assert.Equal(120, sizeof(CudaCall));
    }

    [Fact]
    public void Driver_that_does_not_start()
    {
        using var driver = new SoftwareDriver();
        driver.Fail("cuInit", 1, SoftwareError.NoDevice);
        driver.Fail("cuInit", 2, SoftwareError.Unknown);
        Assert.Null(CudaDevice.TryOpen(driver.Table, 0, out var reason));
        Assert.Equal("There is an NVIDIA driver for CUDA 12.4 on this machine, but it finds no GPU.", reason);
        Assert.Null(CudaDevice.TryOpen(driver.Table, 0, out reason));
        Assert.Equal("The GPU of number 0 cannot be used: cuInit failed: CUDA_ERROR_UNKNOWN, what that means (999).", reason);
        driver.RequireClean();
    }
}
