namespace RnnCodegen.Benchmarks.Models;

[RnnModel(InputSize = 1, ActivationAccuracy = ActivationAccuracy.Fast)]
internal partial class Lstm1x32Fast
{
    [Lstm(32)]
    public partial LstmLayer Layer { get; }
}

[RnnModel(InputSize = 32, ActivationAccuracy = ActivationAccuracy.Fast)]
internal partial class Lstm32x32Fast
{
    [Lstm(32)]
    public partial LstmLayer Layer { get; }
}

[RnnModel(InputSize = 64, ActivationAccuracy = ActivationAccuracy.Fast)]
internal partial class Lstm64x128Fast
{
    [Lstm(128)]
    public partial LstmLayer Layer { get; }
}
