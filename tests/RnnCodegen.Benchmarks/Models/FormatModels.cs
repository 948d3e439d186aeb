namespace RnnCodegen.Benchmarks.Models;

[RnnModel(InputSize = 16, WeightFormat = WeightFormat.BFloat16)]
internal partial class Lstm16x64BFloat16
{
    [Lstm(64)]
    public partial LstmLayer Layer { get; }
}

[RnnModel(InputSize = 64, WeightFormat = WeightFormat.BFloat16)]
internal partial class Lstm64x128BFloat16
{
    [Lstm(128)]
    public partial LstmLayer Layer { get; }
}

[RnnModel(InputSize = 128, WeightFormat = WeightFormat.BFloat16)]
internal partial class Lstm128x256BFloat16
{
    [Lstm(256)]
    public partial LstmLayer Layer { get; }
}

[RnnModel(InputSize = 16, WeightFormat = WeightFormat.BFloat16)]
internal partial class Gru16x64BFloat16
{
    [Gru(64)]
    public partial GruLayer Layer { get; }
}

[RnnModel(InputSize = 64, WeightFormat = WeightFormat.BFloat16)]
internal partial class Gru64x128BFloat16
{
    [Gru(128)]
    public partial GruLayer Layer { get; }
}

[RnnModel(InputSize = 128, WeightFormat = WeightFormat.BFloat16)]
internal partial class Gru128x256BFloat16
{
    [Gru(256)]
    public partial GruLayer Layer { get; }
}

[RnnModel(InputSize = 16, WeightFormat = WeightFormat.Int8)]
internal partial class Lstm16x64Int8
{
    [Lstm(64)]
    public partial LstmLayer Layer { get; }
}

[RnnModel(InputSize = 64, WeightFormat = WeightFormat.Int8)]
internal partial class Lstm64x128Int8
{
    [Lstm(128)]
    public partial LstmLayer Layer { get; }
}

[RnnModel(InputSize = 128, WeightFormat = WeightFormat.Int8)]
internal partial class Lstm128x256Int8
{
    [Lstm(256)]
    public partial LstmLayer Layer { get; }
}

[RnnModel(InputSize = 16, WeightFormat = WeightFormat.Int8)]
internal partial class Gru16x64Int8
{
    [Gru(64)]
    public partial GruLayer Layer { get; }
}

[RnnModel(InputSize = 64, WeightFormat = WeightFormat.Int8)]
internal partial class Gru64x128Int8
{
    [Gru(128)]
    public partial GruLayer Layer { get; }
}

[RnnModel(InputSize = 128, WeightFormat = WeightFormat.Int8)]
internal partial class Gru128x256Int8
{
    [Gru(256)]
    public partial GruLayer Layer { get; }
}
