using RnnCodegen.Cuda;
using RnnCodegen.Numerics.Tests.Engines;
using RnnCodegen.Runtime;

namespace RnnCodegen.CudaEngine.Tests;

/// <summary>A case on a device.</summary>
internal static class DeviceCase
{
    /// <summary>Compares everything the device computes with the reference, also of streams that are stepped together.</summary>
    /// <param name="shape">The case.</param>
    /// <param name="place">Brings a model to the device.</param>
    public static void Check(CaseShape shape, Func<ModelCore, ModelCore> place)
    {
        ModelCore? placed = null;
        new EngineCase(shape) { TakesWeightsAsTheyAre = true }.Check(core => placed = place(core));
        new StreamsCase(shape, placed!).Check();
        CudaModels.Dispose(placed!);
    }
}
