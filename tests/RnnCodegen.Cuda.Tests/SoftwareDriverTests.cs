using System.Text;
using RnnCodegen.PtxMachine;
using Xunit;

namespace RnnCodegen.Cuda.Tests;

/// <summary>The software device forgives nothing: each rule is broken here once, and seen.</summary>
public sealed unsafe class SoftwareDriverTests : IDisposable
{
    private readonly SoftwareDriver _driver = new();
    private readonly CudaDriver _table;
    private readonly CudaDevice _device;

    public SoftwareDriverTests()
    {
        _table = _driver.Table;
        _device = CudaDevice.TryOpen(_table, 0, out _)!;
    }

    public void Dispose()
    {
        _device.Dispose();
        _driver.Dispose();
    }

    [Fact]
    public void Call_without_a_current_context()
    {
        ulong address = 0;
        Assert.Equal(SoftwareError.InvalidContext, _table.MemAlloc(&address, 64));
        Complains("cuMemAlloc_v2: no context is current");
    }

    [Fact]
    public void Call_before_the_driver_is_started()
    {
        using var other = new SoftwareDriver();
        int count;
        Assert.Equal(SoftwareError.NotInitialized, other.Table.DeviceGetCount(&count));
    }

    [Fact]
    public void Device_that_is_a_number_and_no_handle()
    {
        int value;
        Assert.Equal(SoftwareError.InvalidDevice, _table.DeviceGetAttribute(&value, CudaConstants.MultiprocessorCount, 0));
        Complains("0 is no device");
    }

    [Fact]
    public void Context_that_was_given_back()
    {
        nint context;
        int device;
        Assert.Equal(0, _table.DeviceGet(&device, 0));
        _device.Dispose();
        Assert.Equal(0, _table.DevicePrimaryCtxRetain(&context, device));
        Assert.Equal(0, _table.DevicePrimaryCtxRelease(device));
        Assert.Equal(SoftwareError.InvalidContext, _table.CtxPushCurrent(context));
        Complains("the context is gone");
        Assert.Equal(SoftwareError.InvalidContext, _table.DevicePrimaryCtxRelease(device));
        Complains("it is not retained");
    }

    [Fact]
    public void Memory_that_is_freed_twice()
    {
        var memory = _device.Allocate(64);
        var address = memory.Address;
        memory.Dispose();
        Assert.Equal(SoftwareError.InvalidValue, InContext(() => _table.MemFree(address)));
        Complains("there is no allocation");
    }

    [Fact]
    public void Pinned_memory_that_is_freed_twice()
    {
        var memory = _device.AllocatePinned(64);
        var pointer = memory.Pointer;
        memory.Dispose();
        Assert.Equal(SoftwareError.InvalidValue, InContext(() => _table.MemFreeHost(pointer)));
        Complains("there is no pinned memory");
    }

    [Fact]
    public void Handles_that_are_unknown_released_or_of_another_kind()
    {
        var module = Load();
        var handle = module.Handle;
        Assert.Equal(SoftwareError.InvalidHandle, InContext(() => _table.ModuleUnload(1)));
        Complains("is unknown; a SoftwareModule was expected");
        Assert.Equal(SoftwareError.InvalidHandle, InContext(() => _table.GraphDestroy(handle)));
        Complains("is a SoftwareModule; a SoftwareGraph was expected");
        module.Dispose();
        Assert.Equal(SoftwareError.InvalidHandle, InContext(() => _table.ModuleUnload(handle)));
        Complains("was released before");
    }

    [Fact]
    public void Memory_that_is_used_after_it_was_freed()
    {
        ulong address;
        using (var memory = _device.Allocate(64))
        {
            address = memory.Address;
        }

        _device.Clear(address, 64);
        Assert.Equal(SoftwareError.IllegalAddress, Assert.Throws<CudaException>(_device.Synchronize).Code);
        Complains("is in no allocation");
    }

    [Fact]
    public void Graph_whose_memory_was_freed()
    {
        var memory = _device.Allocate(64);
        _device.BeginCapture();
        _device.Clear(memory.Address, 64);
        using var graph = _device.EndCapture();
        memory.Dispose();
        _device.Launch(graph);
        Assert.Equal(SoftwareError.IllegalAddress, Assert.Throws<CudaException>(_device.Synchronize).Code);
        Complains("is in no allocation");
    }

    [Fact]
    public void Graph_whose_module_was_unloaded()
    {
        var module = Load();
        var kernel = module["add"];
        _device.BeginCapture();
        SmallModel.Launch(_device, kernel, 0, 1, 1, 1, 0);
        using var graph = _device.EndCapture();
        module.Dispose();
        _device.Launch(graph);
        Assert.Throws<CudaException>(_device.Synchronize);
        Complains("add was unloaded");
    }

    [Fact]
    public void Copy_of_memory_that_is_not_pinned()
    {
        using var memory = _device.Allocate(64);
        var values = stackalloc byte[64];
        Assert.Equal("cuMemcpyHtoDAsync_v2", Catch(() => _device.CopyToDevice(memory.Address, values, 64)).Call);
        Complains("the source is no pinned memory");
        Assert.Equal("cuMemcpyDtoHAsync_v2", Catch(() => _device.CopyToHost(values, memory.Address, 64)).Call);
        Complains("the target is no pinned memory");
    }

    [Fact]
    public void Copy_is_done_when_it_is_waited_for_and_not_before()
    {
        using var memory = _device.Allocate(4);
        using var pinned = _device.AllocatePinned(8);
        var values = (int*)pinned.Pointer;
        (values[0], values[1]) = (1, 0);
        _device.CopyToDevice(memory.Address, values, 4);
        _device.CopyToHost(values + 1, memory.Address, 4);
        values[0] = 2;
        Assert.Equal(0, values[1]);
        _device.Synchronize();
        Assert.Equal(2, values[1]);
    }

    [Fact]
    public void Memory_that_nobody_wrote()
    {
        using var memory = _device.Allocate(4);
        using var pinned = _device.AllocatePinned(4);
        _device.CopyToHost(pinned.Pointer, memory.Address, 4);
        Assert.Throws<CudaException>(_device.Synchronize);
        Complains("which nobody wrote");
    }

    /// <summary>No order holds among streams, so a wait that is missing shows.</summary>
    [Fact]
    public void Results_of_a_stream_that_was_not_waited_for()
    {
        using var other = CudaDevice.TryOpen(_table, 0, out _)!;
        using var memory = _device.Allocate(4);
        using var pinned = _device.AllocatePinned(4);
        other.Clear(memory.Address, 4);
        _device.CopyToHost(pinned.Pointer, memory.Address, 4);
        Assert.Throws<CudaException>(_device.Synchronize);
        Complains("which nobody wrote");
    }

    [Fact]
    public void Capture_keeps_nothing_of_another_stream()
    {
        using var other = CudaDevice.TryOpen(_table, 0, out _)!;
        using var memory = _device.Allocate(4);
        using var pinned = _device.AllocatePinned(4);
        *(int*)pinned.Pointer = 7;
        _device.BeginCapture();
        var thread = new Thread(() =>
        {
            other.CopyToDevice(memory.Address, pinned.Pointer, 4);
            other.Synchronize();
            *(int*)pinned.Pointer = 0;
        });
        thread.Start();
        thread.Join();
        _device.CopyToHost(pinned.Pointer, memory.Address, 4);
        using var graph = _device.EndCapture();
        _device.Launch(graph);
        _device.Synchronize();
        Assert.Equal(7, *(int*)pinned.Pointer);
        Assert.Equal([], _driver.Complaints);
    }

    [Fact]
    public void Capture_of_another_thread_is_under_way()
    {
        _device.BeginCapture();
        var code = 0;
        var thread = new Thread(() => code = Catch(_device.BeginCapture).Code);
        thread.Start();
        thread.Join();
        Assert.Equal(SoftwareError.IllegalState, code);
        Complains("a capture of another thread");
    }

    [Fact]
    public void Allocation_and_waiting_within_a_capture()
    {
        using var module = Load();
        _device.BeginCapture();
        Assert.Equal(SoftwareError.CaptureUnsupported, Assert.Throws<CudaException>(() => _device.Allocate(64)).Code);
        Assert.Equal(SoftwareError.CaptureUnsupported, Assert.Throws<CudaException>(() => module["add"]).Code);
        Complains("a capture is under way");
        Assert.Equal(SoftwareError.CaptureUnsupported, Assert.Throws<CudaException>(_device.Synchronize).Code);
        Assert.Equal(SoftwareError.CaptureInvalidated, Assert.Throws<CudaException>(() => _device.EndCapture()).Code);
        Assert.Equal(SoftwareError.IllegalState, Assert.Throws<CudaException>(() => _device.EndCapture()).Code);
    }

    [Fact]
    public void Launches_that_no_device_takes()
    {
        using var module = Load();
        var rotate = module["rotate"];
        Assert.Equal(SoftwareError.InvalidClusterSize, Launch(gridX: 3, cluster: 2));
        Assert.Equal(SoftwareError.InvalidClusterSize, Launch(gridX: 32, cluster: 32));
        Assert.Equal(SoftwareError.InvalidValue, Launch(gridX: 1, gridZ: 70_000));
        Assert.Equal(SoftwareError.InvalidValue, Launch(gridX: 0));

        int Launch(int gridX, int gridZ = 1, int cluster = 1) =>
            Catch(() => SmallModel.Launch(_device, rotate, 0, gridX, gridZ, cluster, 0)).Code;
    }

    [Fact]
    public void Launches_that_are_not_allowed_before()
    {
        using var module = Load();
        var function = module["rotate"];
        Assert.Equal(SoftwareError.InvalidValue, Launch(1, 60_000));
        Assert.Equal(SoftwareError.InvalidClusterSize, Launch(16, 0));
        SmallModel.Launch(_device, function, 0, 16, 1, 16, 60_000);
        Assert.Equal(0, Launch(16, 60_000));

        int Launch(uint cluster, uint shared) => InContext(() =>
        {
            var attribute = new CudaLaunchAttribute
            {
                Id = CudaLaunchAttribute.ClusterDimension, ClusterX = cluster, ClusterY = 1, ClusterZ = 1,
            };
            nint stream;
            _table.StreamCreate(&stream, CudaConstants.StreamNonBlocking);
            var config = new CudaLaunchConfig
            {
                GridX = 16, GridY = 1, GridZ = 1, BlockX = 32, BlockY = 1, BlockZ = 1, SharedBytes = shared, Stream = stream,
                Attributes = &attribute, AttributeCount = 1,
            };
            ulong call = 0;
            var turn = default(CudaTurn);
            var parameters = stackalloc void*[] { &call, &turn };
            return _table.LaunchKernelEx(&config, function.Handle, parameters, null);
        });
    }

    [Theory]
    [InlineData(80, 12040, ".version 8.0\n.target sm_80", 0)]
    [InlineData(80, 12040, ".version 8.0\n.target sm_90", SoftwareError.InvalidPtx)]
    [InlineData(90, 12020, ".version 8.4\n.target sm_90", SoftwareError.UnsupportedPtxVersion)]
    [InlineData(90, 12040, "no PTX", SoftwareError.InvalidImage)]
    [InlineData(90, 12040, ".version 8.4\n.target sm_90\n.unknown", SoftwareError.InvalidPtx)]
    public void Ptx_is_for_devices_and_drivers(int architecture, int version, string text, int error)
    {
        using var driver = new SoftwareDriver(new() { Architecture = architecture, DriverVersion = version });
        using var device = CudaDevice.TryOpen(driver.Table, 0, out _)!;
        Assert.Equal(error, CodeOf(device, Encoding.UTF8.GetBytes(text)));
    }

    [Theory]
    [InlineData(90, 90, 0)]
    [InlineData(80, 86, 0)]
    [InlineData(86, 80, SoftwareError.NoBinaryForGpu)]
    [InlineData(80, 90, SoftwareError.NoBinaryForGpu)]
    public void Machine_code_is_for_a_major_version(int of, int architecture, int error)
    {
        using var driver = new SoftwareDriver(new() { Architecture = architecture, DriverVersion = 12000 });
        using var device = CudaDevice.TryOpen(driver.Table, 0, out _)!;
        var ptx = SmallModel.Ptx.Replace("sm_90", $"sm_{of}", StringComparison.Ordinal);
        Assert.Equal(error, CodeOf(device, SoftwareDriver.ToMachineCode(ptx, of)));
    }

    [Fact]
    public void What_a_driver_says_of_PTX_is_in_the_exception()
    {
        var fault = Assert.Throws<CudaException>(() => _device.Load(new CudaImage(".version 9.9\n.target sm_90"u8.ToArray(), "a test")));
        Assert.Equal("ptxas fatal : Unsupported .version 9.9", fault.Log);
        Assert.Contains("of a test", fault.Message);
        Assert.Contains(fault.Log, fault.Message);
    }

    private static int CodeOf(CudaDevice device, byte[] image)
    {
        try
        {
            device.Load(new CudaImage(image, "a test")).Dispose();
            return 0;
        }
        catch (CudaException e)
        {
            return e.Code;
        }
    }

    private static CudaException Catch(Action action) => Assert.Throws<CudaException>(action);

    private CudaModule Load() => _device.Load(new CudaImage(Encoding.UTF8.GetBytes(SmallModel.Ptx), "a test"));

    private int InContext(Func<int> call)
    {
        int device;
        nint context;
        _table.DeviceGet(&device, 0);
        _table.DevicePrimaryCtxRetain(&context, device);
        _table.CtxPushCurrent(context);
        var result = call();
        _table.CtxPopCurrent(&context);
        _table.DevicePrimaryCtxRelease(device);
        return result;
    }

    private void Complains(string about) =>
        Assert.Contains(_driver.Complaints, complaint => complaint.Contains(about, StringComparison.Ordinal));
}
