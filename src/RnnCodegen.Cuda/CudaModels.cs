using System.ComponentModel;
using RnnCodegen.Runtime;

namespace RnnCodegen.Cuda;

/// <summary>What the members of a model with device code do. Generated code calls it; nothing in it is for users.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class CudaModels
{
    /// <summary>A model on a GPU that shares its parameters with one that is there.</summary>
    /// <param name="core">The model.</param>
    /// <param name="program">Its device code.</param>
    /// <param name="reason">What was found, in sentences: the device, or why there is none.</param>
    /// <param name="options">Which device, and how the code comes to it; the first device where null.</param>
    /// <returns>The model, which has memory on the device until it is disposed; null where no device can run it.</returns>
    public static ModelCore? TryCreate(ModelCore core, CudaProgram program, out string reason, CudaOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(core);
        ArgumentNullException.ThrowIfNull(program);
        options ??= new CudaOptions();
        var device = options.Driver is { } driver
            ? CudaDevice.TryOpen(driver, options.Device, out reason)
            : CudaDevice.TryOpen(options, out reason);
        if (device is null)
        {
            return null;
        }

        try
        {
            CudaEngine? engine = null;
            var model = new ModelCore(core, _ => engine = new CudaEngine(core, program, device, options));
            reason = engine!.Description;
            return model;
        }
        catch (CudaException failure)
        {
            reason = $"{device.Name} (sm_{device.Architecture}) cannot run {core.Definition.Name}: {failure.Message}";
            device.Dispose();
            return null;
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    /// <summary>Whether a model computes on a GPU.</summary>
    public static bool IsCuda(ModelCore core) => EngineOf(core) is not null;

    /// <summary>What a model computes on: the name of a GPU, or CPU.</summary>
    public static string DeviceOf(ModelCore core) => EngineOf(core)?.Device.Name ?? "CPU";

    /// <summary>Gives a model's memory on a GPU back; of a model on the CPU it does nothing.</summary>
    public static void Dispose(ModelCore core) => EngineOf(core)?.Dispose();

    /// <summary>Streams that are stepped together.</summary>
    /// <param name="core">The model, on a GPU.</param>
    /// <param name="count">Number of streams.</param>
    /// <exception cref="InvalidOperationException">The model is on the CPU, or cannot stream.</exception>
    public static CudaStreams CreateStreams(ModelCore core, int count) => new(
        core,
        EngineOf(core) ?? throw new InvalidOperationException(
            $"This {core.Definition.Name} computes on the CPU, where each stream is one of CreateStream: TryToCuda gives the model on " +
            "a GPU."),
        count);

    private static CudaEngine? EngineOf(ModelCore core)
    {
        ArgumentNullException.ThrowIfNull(core);
        return core.Engine as CudaEngine;
    }
}
