namespace RnnCodegen.Benchmarks.Models;

[RnnModel(InputSize = 1)]
internal partial class Lstm1x32
{
    [Lstm(32)]
    public partial LstmLayer Layer { get; }
}

[RnnModel(InputSize = 8)]
internal partial class Lstm8x8
{
    [Lstm(8)]
    public partial LstmLayer Layer { get; }
}

[RnnModel(InputSize = 16)]
internal partial class Lstm16x16
{
    [Lstm(16)]
    public partial LstmLayer Layer { get; }
}

[RnnModel(InputSize = 16)]
internal partial class Lstm16x64
{
    [Lstm(64)]
    public partial LstmLayer Layer { get; }
}

[RnnModel(InputSize = 28)]
internal partial class Lstm28x128
{
    [Lstm(128)]
    public partial LstmLayer Layer { get; }
}

[RnnModel(InputSize = 32)]
internal partial class Lstm32x32
{
    [Lstm(32)]
    public partial LstmLayer Layer { get; }
}

[RnnModel(InputSize = 64)]
internal partial class Lstm64x64
{
    [Lstm(64)]
    public partial LstmLayer Layer { get; }
}

[RnnModel(InputSize = 64)]
internal partial class Lstm64x128
{
    [Lstm(128)]
    public partial LstmLayer Layer { get; }
}

[RnnModel(InputSize = 128)]
internal partial class Lstm128x128
{
    [Lstm(128)]
    public partial LstmLayer Layer { get; }
}

[RnnModel(InputSize = 128)]
internal partial class Lstm128x256
{
    [Lstm(256)]
    public partial LstmLayer Layer { get; }
}

[RnnModel(InputSize = 256)]
internal partial class Lstm256x256
{
    [Lstm(256)]
    public partial LstmLayer Layer { get; }
}

[RnnModel(InputSize = 512)]
internal partial class Lstm512x512
{
    [Lstm(512)]
    public partial LstmLayer Layer { get; }
}
