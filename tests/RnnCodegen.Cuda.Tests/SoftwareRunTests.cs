using System.Runtime.CompilerServices;
using RnnCodegen.PtxMachine;
using Xunit;

namespace RnnCodegen.Cuda.Tests;

/// <summary>The code that ships, from opening a device to giving it back, on the software device.</summary>
public sealed class SoftwareRunTests
{
    private static readonly CudaOptions s_options = new() { UseCache = false };

    [Fact]
    public void Everything_is_run_and_given_back()
    {
        using var driver = new SoftwareDriver();
        Assert.Equal("", SmallModel.Run(driver, SmallModel.Program(), s_options));
        driver.RequireClean();
        Assert.Equal(["add", "rotate", "rotate", "rotate", "rotate"], driver.Launched);
    }

    [NvrtcFact]
    public void Text_that_NVRTC_compiles_runs_as_well()
    {
        using var driver = new SoftwareDriver();
        Assert.Equal("", SmallModel.Run(driver, SmallModel.Program(hasImages: false), new() { UseCache = false, WantsPtx = true }));
        driver.RequireClean();
    }

    [Fact]
    public void What_nobody_refers_to_any_longer_is_given_back()
    {
        using var driver = new SoftwareDriver();
        Forget(driver);
        for (var i = 0; i < 10 && driver.Held().Length > 0; i++)
        {
#pragma warning disable RS0030 // What finalizers do is the test.
            GC.Collect();
#pragma warning restore RS0030
            GC.WaitForPendingFinalizers();
        }

        driver.RequireClean();

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Forget(SoftwareDriver driver)
        {
            var device = CudaDevice.TryOpen(driver.Table, 0, out _)!;
            var memory = device.Allocate(64);
            device.AllocatePinned(64);
            device.Load(SmallModel.Program(), s_options);
            device.BeginCapture();
            device.Clear(memory.Address, 64);
            device.EndCapture();
            Assert.NotEqual("", driver.Held());
        }
    }

    [Fact]
    public void What_lives_on_a_device_may_outlive_it()
    {
        using var driver = new SoftwareDriver();
        var device = CudaDevice.TryOpen(driver.Table, 0, out _)!;
        var memory = device.Allocate(64);
        device.Dispose();
        device.Dispose();
        Assert.NotEqual("", driver.Held());
        Assert.Throws<ObjectDisposedException>(() => device.Allocate(64));
        Assert.Throws<ObjectDisposedException>(device.Synchronize);
        memory.Dispose();
        memory.Dispose();
        driver.RequireClean();
    }

    [Fact]
    public void Capture_that_is_cancelled_leaves_nothing_and_the_stream_usable()
    {
        using var driver = new SoftwareDriver();
        using (var device = CudaDevice.TryOpen(driver.Table, 0, out _)!)
        {
            using var memory = device.Allocate(64);
            device.BeginCapture();
            device.Clear(memory.Address, 64);
            device.CancelCapture();
            device.CancelCapture();
            device.Clear(memory.Address, 64);
            device.Synchronize();
        }

        driver.RequireClean();
    }

    [Fact]
    public void Memory_is_freed_by_other_threads_during_a_capture()
    {
        using var driver = new SoftwareDriver();
        using (var device = CudaDevice.TryOpen(driver.Table, 0, out _)!)
        {
            using var memory = device.Allocate(64);
            var other = device.Allocate(64);
            device.BeginCapture();
            device.Clear(memory.Address, 64);
            var thread = new Thread(other.Dispose);
            thread.Start();
            thread.Join();
            using var graph = device.EndCapture();
            device.Launch(graph);
            device.Synchronize();
        }

        driver.RequireClean();
    }

    [Fact]
    public void Devices_of_a_machine_have_numbers_and_may_be_opened_twice()
    {
        using var driver = new SoftwareDriver(new() { Devices = 2 });
        using (var first = CudaDevice.TryOpen(driver.Table, 1, out _)!)
        using (var second = CudaDevice.TryOpen(driver.Table, 1, out _)!)
        {
            using var memory = first.Allocate(64);
            first.Dispose();
            second.Clear(memory.Address, 64);
            second.Synchronize();
        }

        driver.RequireClean();
    }

    [Fact]
    public void Devices_are_used_from_any_thread()
    {
        using var driver = new SoftwareDriver();
        using (var device = CudaDevice.TryOpen(driver.Table, 0, out _)!)
        {
            var thread = new Thread(() =>
            {
                using var memory = device.Allocate(64);
                device.Clear(memory.Address, 64);
                device.Synchronize();
            });
            thread.Start();
            thread.Join();
        }

        driver.RequireClean();
    }

    [Fact]
    public void Card_without_clusters_says_so()
    {
        using var driver = new SoftwareDriver(SoftwareCard.A100);
        using var device = CudaDevice.TryOpen(driver.Table, 0, out _)!;
        Assert.Equal(("Software A100", 80, 108), (device.Name, device.Architecture, device.Multiprocessors));
        Assert.Equal(163 * 1024, device.MaxSharedBytes);
        Assert.False(device.HasClusters);
        var ptx = SmallModel.Ptx.Replace("sm_90", "sm_80", StringComparison.Ordinal);
        using var module = device.Load(new CudaImage(System.Text.Encoding.UTF8.GetBytes(ptx), "a test"));
        var fault = Assert.Throws<CudaException>(() => SmallModel.Launch(device, module["rotate"], 0, 2, 1, 2, 0));
        Assert.Equal("rotate needs clusters of 2 blocks, which Software A100 (sm_80) does not have.", fault.Message);
    }

    [Fact]
    public void Kernel_that_is_not_there_is_named()
    {
        using var driver = new SoftwareDriver();
        using var device = CudaDevice.TryOpen(driver.Table, 0, out _)!;
        using var module = device.Load(SmallModel.Program(), s_options);
        var fault = Assert.Throws<CudaException>(() => module["nothing"]);
        Assert.Equal(("cuModuleGetFunction", 500, "nothing"), (fault.Call, fault.Code, fault.Kernel));
        Assert.Contains("CUDA_ERROR_NOT_FOUND", fault.Message);
        Assert.Contains("nothing", fault.Message);
    }

    [Fact]
    public void Kernel_that_goes_wrong_is_named_by_the_call_that_waits_for_it()
    {
        using var driver = new SoftwareDriver();
        using (var device = CudaDevice.TryOpen(driver.Table, 0, out _)!)
        {
            using var module = device.Load(SmallModel.Program(), s_options);
            SmallModel.Launch(device, module["add"], 4096, 1, 1, 1, 0);
            var fault = Assert.Throws<CudaException>(device.Synchronize);
            Assert.Equal(("cuStreamSynchronize", SoftwareError.IllegalAddress, "add"), (fault.Call, fault.Code, fault.Kernel));
            Assert.Contains("the last kernel that was launched is add", fault.Message);
            Assert.Equal("cuMemAlloc_v2", Assert.Throws<CudaException>(() => device.Allocate(64)).Call);
        }

        Assert.Equal("", driver.Held());
        Assert.Contains("OutOfBounds", Assert.Single(driver.Complaints));
    }

    [Fact]
    public void Memory_that_is_short_is_told_in_figures()
    {
        using var driver = new SoftwareDriver(new() { MemoryBytes = 1000 });
        using var device = CudaDevice.TryOpen(driver.Table, 0, out _)!;
        using var some = device.Allocate(400);
        var fault = Assert.Throws<CudaException>(() => device.Allocate(700));
        Assert.Equal(
            "cuMemAlloc_v2 failed: CUDA_ERROR_OUT_OF_MEMORY, what that means (2); 700 bytes were asked for, and 600 of 1,000 are free.",
            fault.Message);
        Assert.Equal((400, 1), (device.AllocatedBytes, device.Allocations));
        device.Allocate(600).Dispose();
    }

    [Fact]
    public void Launch_with_more_shared_memory_than_there_is_tells_what_there_is()
    {
        using var driver = new SoftwareDriver();
        using var device = CudaDevice.TryOpen(driver.Table, 0, out _)!;
        using var module = device.Load(SmallModel.Program(), s_options);
        var fault = Assert.Throws<CudaException>(() => SmallModel.Launch(device, module["rotate"], 0, 2, 1, 2, 240_000));
        Assert.Equal(("cuFuncSetAttribute", "rotate"), (fault.Call, fault.Kernel));
        Assert.Contains("240,000 bytes of shared memory: a block may have 232,448", fault.Message);
    }
}
