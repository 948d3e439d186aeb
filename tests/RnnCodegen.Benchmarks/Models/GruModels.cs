namespace RnnCodegen.Benchmarks.Models;

[RnnModel(InputSize = 1)]
internal partial class Gru1x32
{
    [Gru(32)]
    public partial GruLayer Layer { get; }
}

[RnnModel(InputSize = 8)]
internal partial class Gru8x8
{
    [Gru(8)]
    public partial GruLayer Layer { get; }
}

[RnnModel(InputSize = 16)]
internal partial class Gru16x16
{
    [Gru(16)]
    public partial GruLayer Layer { get; }
}

[RnnModel(InputSize = 16)]
internal partial class Gru16x64
{
    [Gru(64)]
    public partial GruLayer Layer { get; }
}

[RnnModel(InputSize = 28)]
internal partial class Gru28x128
{
    [Gru(128)]
    public partial GruLayer Layer { get; }
}

[RnnModel(InputSize = 32)]
internal partial class Gru32x32
{
    [Gru(32)]
    public partial GruLayer Layer { get; }
}

[RnnModel(InputSize = 64)]
internal partial class Gru64x64
{
    [Gru(64)]
    public partial GruLayer Layer { get; }
}

[RnnModel(InputSize = 64)]
internal partial class Gru64x128
{
    [Gru(128)]
    public partial GruLayer Layer { get; }
}

[RnnModel(InputSize = 128)]
internal partial class Gru128x128
{
    [Gru(128)]
    public partial GruLayer Layer { get; }
}

[RnnModel(InputSize = 128)]
internal partial class Gru128x256
{
    [Gru(256)]
    public partial GruLayer Layer { get; }
}

[RnnModel(InputSize = 256)]
internal partial class Gru256x256
{
    [Gru(256)]
    public partial GruLayer Layer { get; }
}

[RnnModel(InputSize = 512)]
internal partial class Gru512x512
{
    [Gru(512)]
    public partial GruLayer Layer { get; }
}
