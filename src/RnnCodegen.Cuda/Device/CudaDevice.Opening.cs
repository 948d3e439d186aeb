using System.Runtime.InteropServices;

namespace RnnCodegen.Cuda;

/// <content>How a device comes to be.</content>
internal sealed unsafe partial class CudaDevice
{
    /// <summary>A GPU of this machine.</summary>
    /// <param name="options">Which one.</param>
    /// <param name="reason">Why there is none, in a sentence; empty where there is one.</param>
    public static CudaDevice? TryOpen(CudaOptions options, out string reason) =>
        CudaDriver.TryLoad(out reason) is { } driver ? TryOpen(driver, options.Device, out reason) : null;

    /// <summary>A driver's GPU by its number.</summary>
    /// <param name="driver">The driver.</param>
    /// <param name="ordinal">Its number, from 0.</param>
    /// <param name="reason">Why there is none, in a sentence; empty where there is one.</param>
    public static CudaDevice? TryOpen(CudaDriver driver, int ordinal, out string reason)
    {
        try
        {
            int version, count, handle;
            Check(driver, "cuDriverGetVersion", driver.DriverGetVersion(&version));
            if (version < CudaDriver.LeastVersion)
            {
                reason = $"The NVIDIA driver of this machine is one for CUDA {CudaDriver.Spell(version)}: a driver for CUDA " +
                    $"{CudaDriver.Spell(CudaDriver.LeastVersion)} or later is needed.";
                return null;
            }

            var started = driver.Init(0);
            if (started == CudaConstants.NoDevice)
            {
                count = 0;
            }
            else
            {
                Check(driver, "cuInit", started);
                Check(driver, "cuDeviceGetCount", driver.DeviceGetCount(&count));
            }

            if (ordinal < 0 || ordinal >= count)
            {
                reason = count == 0
                    ? $"There is an NVIDIA driver for CUDA {CudaDriver.Spell(version)} on this machine, but it finds no GPU."
                    : $"There is no GPU of number {ordinal}: the driver finds {count}, counted from 0.";
                return null;
            }

            Check(driver, "cuDeviceGet", driver.DeviceGet(&handle, ordinal));
            var device = new CudaDevice(driver, handle) { DriverVersion = version };
            try
            {
                device.Open();
            }
            catch
            {
                device.Dispose();
                throw;
            }

            reason = "";
            return device;
        }
        catch (CudaException e)
        {
            reason = $"The GPU of number {ordinal} cannot be used: {e.Message}";
            return null;
        }
    }

    private void Open()
    {
        var name = stackalloc byte[256];
        Check(_driver, "cuDeviceGetName", _driver.DeviceGetName(name, 256, _handle));
        Name = Marshal.PtrToStringUTF8((nint)name)!;
        Architecture = (10 * Attribute(CudaConstants.ComputeCapabilityMajor)) + Attribute(CudaConstants.ComputeCapabilityMinor);
        Multiprocessors = Attribute(CudaConstants.MultiprocessorCount);
        MaxSharedBytes = Attribute(CudaConstants.MaxSharedBytes);
        nint context, stream;
        Check(_driver, "cuDevicePrimaryCtxRetain", _driver.DevicePrimaryCtxRetain(&context, _handle));
        _context = context;
        Enter();
        var result = _driver.StreamCreate(&stream, CudaConstants.StreamNonBlocking);
        _stream = result == 0 ? stream : 0;
        Leave("cuStreamCreate", result);
    }

    private int Attribute(int attribute)
    {
        int value;
        Check(_driver, "cuDeviceGetAttribute", _driver.DeviceGetAttribute(&value, attribute, _handle), $"; of the attribute {attribute}");
        return value;
    }
}
