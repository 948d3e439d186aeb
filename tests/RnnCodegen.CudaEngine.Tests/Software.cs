using System.Reflection;
using RnnCodegen.Cuda;
using RnnCodegen.Cuda.Tests;
using RnnCodegen.Runtime;
using Xunit;

namespace RnnCodegen.CudaEngine.Tests;

/// <summary>Models on the software device, by the members that users call.</summary>
internal static class Software
{
    /// <summary>Options by which a model comes to a software device. What one test has compiled others take.</summary>
    public static CudaOptions On(SoftwareDriver driver) => On(driver, CudaDivision.Default);

    /// <summary>The same, with passes divided as given.</summary>
    public static CudaOptions On(SoftwareDriver driver, CudaDivision division) => new()
    {
        Driver = driver.Table, WantsPtx = true, CacheFolder = Path.Combine(AppContext.BaseDirectory, "compiled"), Division = division,
    };

    /// <summary>A model on the device, with the parameters of one on the CPU.</summary>
    public static ModelCore Place(Type model, ModelCore core, SoftwareDriver driver) => Place(model, core, On(driver));

    /// <summary>The same on the device that the options name.</summary>
    public static ModelCore Place(Type model, ModelCore core, CudaOptions options) => (ModelCore)typeof(Software)
        .GetMethod(nameof(PlaceOne), BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(model).Invoke(null, [core, options])!;

    /// <summary>The same where the class is known.</summary>
    public static TModel Place<TModel>(TModel model, SoftwareDriver driver)
        where TModel : class, IRnnModel<TModel> => Place(model, On(driver));

    /// <summary>The same on the device that the options name.</summary>
    public static TModel Place<TModel>(TModel model, CudaOptions options)
        where TModel : class, IRnnModel<TModel>
    {
        object?[] arguments = [null, options];
        var placed = (TModel?)typeof(TModel).GetMethod("TryToCuda")!.Invoke(model, arguments);
        Assert.True(placed is not null, (string?)arguments[0]);
        return placed;
    }

    /// <summary>Values between -1 and 1.</summary>
    public static float[] Uniform(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (2 * random.NextSingle()) - 1)];
    }

    private static ModelCore PlaceOne<TModel>(ModelCore core, CudaOptions options)
        where TModel : class, IRnnModel<TModel> => Place(TModel.Create(core), options).Core;
}
