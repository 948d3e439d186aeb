using System.Runtime.InteropServices;
using Xunit;

namespace RnnCodegen.Cuda.Tests;

/// <summary>
/// A program of two small kernels, and all that an engine does with one: load, allocate, copy, launch, capture, replay, give back.
/// </summary>
internal static unsafe class SmallModel
{
    /// <summary>Kernels that a run launches.</summary>
    public const int Launches = 5;

    private const int Blocks = 16, Threads = 32, Count = Blocks * Threads, Samples = 3;

    /// <summary>More than a kernel has without asking.</summary>
    private const int SharedBytes = 50_000;

    /// <summary>The device code, which the test's own assembly has as PTX, too.</summary>
    public static string Text => Resource("small.cu");

    /// <summary>The same as PTX.</summary>
    public static string Ptx => Resource($"{CudaTextHash.Prefix(Text)}compute_90.ptx");

    /// <summary>The program.</summary>
    public static CudaProgram Program(bool hasImages = true) => Of(Text, hasImages);

    /// <summary>A program of any text.</summary>
    public static CudaProgram Of(string text, bool hasImages = false) => new()
    {
        Text = text, Images = hasImages ? typeof(SmallModel).Assembly : null, Buffers = [], Axes = [], KeyWidths = [],
        AttentionAxes = [], Keys = [], Step = [], Run = [], Forward = [], Backward = [],
    };

    /// <summary>Opens, runs everything, and gives all back.</summary>
    /// <returns>Why there is no device; empty where all was run.</returns>
    public static string Run(SoftwareDriver driver, CudaProgram program, CudaOptions options)
    {
        using var device = CudaDevice.TryOpen(driver.Table, options.Device, out var reason);
        if (device is null)
        {
            return reason;
        }

        using var module = device.Load(program, options);
        using var memory = device.Allocate(3 * 4 * Count);
        using var call = device.Allocate(sizeof(Arguments));
        using var pinned = device.AllocatePinned((3 * 4 * Count) + sizeof(Arguments));
        Assert.Equal(3 * 4 * Count + sizeof(Arguments), device.AllocatedBytes);
        Assert.Equal(3, device.Allocations);
        var (a, b, c) = (memory.Address, memory.Address + (4 * Count), memory.Address + (8 * Count));
        var values = new Span<float>(pinned.Pointer, 3 * Count);
        var result = values[(2 * Count)..];
        for (var i = 0; i < Count; i++)
        {
            (values[i], values[Count + i]) = (i, 2 * i);
        }

        var arguments = (Arguments*)(pinned.Pointer + (3 * 4 * Count));
        *arguments = new() { A = a, B = b, C = c, Count = Count };
        device.CopyToDevice(call.Address, arguments, sizeof(Arguments));
        device.CopyToDevice(a, pinned.Pointer, 2 * 4 * Count);
        device.Clear(c, 4 * Count);
        Launch(device, module["add"], call.Address, Blocks, 1, 1, 0);
        device.CopyToHost(pinned.Pointer + (2 * 4 * Count), c, 4 * Count);
        device.Synchronize();
        for (var i = 0; i < Count; i++)
        {
            Assert.Equal(i + (Samples * 2 * i), result[i]);
        }

        var rotate = module["rotate"];
        device.BeginCapture();
        try
        {
            device.CopyToDevice(a, pinned.Pointer, 4 * Count);
            Launch(device, rotate, call.Address, Blocks / 2, 2, Blocks / 2, 0);
            Launch(device, rotate, call.Address, Blocks, 1, Blocks, SharedBytes);
            device.CopyToHost(pinned.Pointer + (2 * 4 * Count), c, 4 * Count);
        }
        catch
        {
            device.CancelCapture();
            throw;
        }

        using var graph = device.EndCapture();
        for (var replay = 0; replay < 2; replay++)
        {
            for (var i = 0; i < Count; i++)
            {
                values[i] = i + replay;
            }

            device.Launch(graph);
            device.Synchronize();
            for (var i = 0; i < Count; i++)
            {
                Assert.Equal(((i - Threads + Count) % Count) + replay, result[i]);
            }
        }

        return "";
    }

    /// <summary>Launches a kernel of the program.</summary>
    public static void Launch(CudaDevice device, CudaFunction kernel, ulong call, int gridX, int gridZ, int cluster, int sharedBytes)
    {
        // The smallest launch has room for what its threads exchange.
        var turn = new CudaTurn { Samples = Samples };
        var parameters = stackalloc void*[] { &call, &turn };
        device.Launch(kernel, gridX, 1, gridZ, Threads, cluster, Math.Max(4 * Threads, sharedBytes), parameters);
    }

    private static string Resource(string name)
    {
        using var reader = new StreamReader(typeof(SmallModel).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Arguments
    {
        public ulong A;
        public ulong B;
        public ulong C;
        public int Count;
    }
}
