using System.Runtime.InteropServices;
using RnnCodegen;
using RnnCodegen.Aot.Tests;
using RnnCodegen.Reference;

Console.WriteLine(
    $"{RuntimeInformation.RuntimeIdentifier}, " +
    $"{(System.Runtime.CompilerServices.RuntimeFeature.IsDynamicCodeSupported ? "JIT" : "Native AOT")}");

var folder = Directory.CreateTempSubdirectory("rnncodegen").FullName;
var file = Path.Combine(folder, "model.safetensors");
try
{
    var failures = ModelCheck.Run(new SmallLstm(seed: 1), Lstm(), model =>
    {
        model.Save(file);
        return SmallLstm.Load(file);
    })
        + ModelCheck.Run(new SmallGru(seed: 2), Gru(OutputTransform.Softmax), model =>
        {
            model.Save(file);
            return SmallGru.Load(file);
        })
        + ModelCheck.Run(new BFloat16Lstm(seed: 3), Lstm(WeightFormat.BFloat16), model =>
        {
            model.Save(file);
            return BFloat16Lstm.Load(file);
        })
        + ModelCheck.Run(new Int8Gru(seed: 4), Gru(OutputTransform.None, WeightFormat.Int8), model =>
        {
            model.Save(file);
            return Int8Gru.Load(file);
        })
        + ModelCheck.Run(EmbeddedLstm.LoadEmbedded(), Lstm(), model =>
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

// Said once more, as native code keeps no order of the properties that carry the annotations.
static ReferenceModel Lstm(WeightFormat format = WeightFormat.Float32) => new(7,
    new ReferenceLayer("Memory", new LstmAttribute(17)) { Format = format },
    new ReferenceLayer("Head", new DenseAttribute(3)) { Format = format });

static ReferenceModel Gru(OutputTransform output, WeightFormat format = WeightFormat.Float32) => new(5,
    new ReferenceLayer("Memory", new GruAttribute(20)) { Format = format },
    new ReferenceLayer("Head", new DenseAttribute(4)) { Format = format })
{
    Output = output,
};
