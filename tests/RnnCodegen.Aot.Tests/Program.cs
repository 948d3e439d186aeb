using System.Runtime.InteropServices;
using RnnCodegen;
using RnnCodegen.Aot.Tests;

Console.WriteLine(
    $"{RuntimeInformation.RuntimeIdentifier}, " +
    $"{(System.Runtime.CompilerServices.RuntimeFeature.IsDynamicCodeSupported ? "JIT" : "Native AOT")}");

var folder = Directory.CreateTempSubdirectory("rnncodegen").FullName;
var file = Path.Combine(folder, "model.safetensors");
try
{
    var failures = ModelCheck.Run(new SmallLstm(seed: 1), new NaiveLstm(Definition<SmallLstm>()), model =>
    {
        model.Save(file);
        return SmallLstm.Load(file);
    })
        + ModelCheck.Run(new SmallGru(seed: 2), new NaiveGru(Definition<SmallGru>()), model =>
        {
            model.Save(file);
            return SmallGru.Load(file);
        })
        + ModelCheck.Run(
            new BFloat16Lstm(seed: 3), new NaiveLstm(Definition<BFloat16Lstm>(), WeightFormat.BFloat16), model =>
            {
                model.Save(file);
                return BFloat16Lstm.Load(file);
            })
        + ModelCheck.Run(new Int8Gru(seed: 4), new NaiveGru(Definition<Int8Gru>(), WeightFormat.Int8), model =>
        {
            model.Save(file);
            return Int8Gru.Load(file);
        })
        + ModelCheck.Run(
            EmbeddedLstm.LoadEmbedded(), new NaiveLstm(Definition<EmbeddedLstm>()), model =>
            {
                model.Save(file);
                return EmbeddedLstm.Load(file);
            })
        + EmbeddedCheck.Run()
        + FineTuning.Run(folder);
    Console.WriteLine(failures == 0 ? "all good" : $"{failures} failed");
    return failures == 0 ? 0 : 1;
}
finally
{
    Directory.Delete(folder, recursive: true);
}

static ModelDefinition Definition<TModel>()
    where TModel : class, IRnnModel<TModel> => TModel.Definition;
