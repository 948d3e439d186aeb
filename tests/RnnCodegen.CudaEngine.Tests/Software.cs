using System.Reflection;
using RnnCodegen.Cuda;
using RnnCodegen.Cuda.Tests;
using RnnCodegen.Runtime;
using Xunit;

namespace RnnCodegen.CudaEngine.Tests;

/// <summary>Models on the software device, by the members that users call.</summary>
internal static class Software
{
    /// <summary>Options by which a model comes to a software device, compiled anew or from what other tests have left.</summary>
    public static CudaOptions On(SoftwareDriver driver) => new() { Driver = driver.Table, WantsPtx = true };

    /// <summary>A model on the device, with the parameters of one on the CPU.</summary>
    public static ModelCore Place(Type model, ModelCore core, SoftwareDriver driver) => (ModelCore)typeof(Software)
        .GetMethod(nameof(PlaceOne), BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(model).Invoke(null, [core, driver])!;

    /// <summary>Ends a model.</summary>
    public static void Dispose(ModelCore core) => CudaModels.Dispose(core);

    private static ModelCore PlaceOne<TModel>(ModelCore core, SoftwareDriver driver)
        where TModel : class, IRnnModel<TModel>
    {
        object?[] arguments = [null, On(driver)];
        var placed = (TModel?)typeof(TModel).GetMethod("TryToCuda")!.Invoke(TModel.Create(core), arguments);
        Assert.True(placed is not null, (string?)arguments[0]);
        return placed.Core;
    }
}
