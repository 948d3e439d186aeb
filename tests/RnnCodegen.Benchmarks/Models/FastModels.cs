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

[RnnModel(InputSize = 16, ActivationAccuracy = ActivationAccuracy.Fast)]
internal partial class Lstm16x64Fast
{
    [Lstm(64)]
    public partial LstmLayer Layer { get; }
}

[RnnModel(InputSize = 128, ActivationAccuracy = ActivationAccuracy.Fast)]
internal partial class Lstm128x256Fast
{
    [Lstm(256)]
    public partial LstmLayer Layer { get; }
}

[RnnModel(InputSize = 1, ActivationAccuracy = ActivationAccuracy.Fast)]
internal partial class Gru1x32Fast
{
    [Gru(32)]
    public partial GruLayer Layer { get; }
}

[RnnModel(InputSize = 32, ActivationAccuracy = ActivationAccuracy.Fast)]
internal partial class Gru32x32Fast
{
    [Gru(32)]
    public partial GruLayer Layer { get; }
}

[RnnModel(InputSize = 16, ActivationAccuracy = ActivationAccuracy.Fast)]
internal partial class Gru16x64Fast
{
    [Gru(64)]
    public partial GruLayer Layer { get; }
}

[RnnModel(InputSize = 64, ActivationAccuracy = ActivationAccuracy.Fast)]
internal partial class Gru64x128Fast
{
    [Gru(128)]
    public partial GruLayer Layer { get; }
}

[RnnModel(InputSize = 128, ActivationAccuracy = ActivationAccuracy.Fast)]
internal partial class Gru128x256Fast
{
    [Gru(256)]
    public partial GruLayer Layer { get; }
}
