namespace RnnCodegen.Numerics.Tests.Models;

// One recurrent layer each; the name says input and hidden size. Sizes are 1, lane counts and their neighbours, and odd tails.

[RnnModel(InputSize = 1)]
public partial class LstmI1H1
{
    [Lstm(1)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 3)]
public partial class LstmI3H15
{
    [Lstm(15)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 16)]
public partial class LstmI16H16
{
    [Lstm(16)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 17)]
public partial class LstmI17H17
{
    [Lstm(17)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 20)]
public partial class LstmI20H33
{
    [Lstm(33)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 40)]
public partial class LstmI40H20
{
    [Lstm(20)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 64)]
public partial class LstmI64H64
{
    [Lstm(64)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 15)]
public partial class LstmI15H128
{
    [Lstm(128)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 33)]
public partial class LstmI33H256
{
    [Lstm(256)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 256)]
public partial class LstmI256H3
{
    [Lstm(3)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 1)]
public partial class GruI1H3
{
    [Gru(3)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 15)]
public partial class GruI15H1
{
    [Gru(1)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 33)]
public partial class GruI33H16
{
    [Gru(16)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 48)]
public partial class GruI48H48
{
    [Gru(48)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 40)]
public partial class GruI40H33
{
    [Gru(33)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 3)]
public partial class GruI3H64
{
    [Gru(64)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 20)]
public partial class GruI20H256
{
    [Gru(256)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 3)]
public partial class GruBeforeI3H1
{
    [Gru(1, ResetAfter = false)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 3)]
public partial class GruBeforeI3H5
{
    [Gru(5, ResetAfter = false)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 16)]
public partial class GruBeforeI16H15
{
    [Gru(15, ResetAfter = false)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 17)]
public partial class GruBeforeI17H40
{
    [Gru(40, ResetAfter = false)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 1)]
public partial class GruBeforeI1H128
{
    [Gru(128, ResetAfter = false)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 1)]
public partial class ElmanI1H16
{
    [Elman(16)] public partial ElmanLayer Cell { get; }
}

[RnnModel(InputSize = 17)]
public partial class ElmanI17H33
{
    [Elman(33)] public partial ElmanLayer Cell { get; }
}

[RnnModel(InputSize = 64)]
public partial class ElmanI64H128
{
    [Elman(128)] public partial ElmanLayer Cell { get; }
}

[RnnModel(InputSize = 40)]
public partial class ElmanReluI40H3
{
    [Elman(3, Activation = Activation.Relu)] public partial ElmanLayer Cell { get; }
}

[RnnModel(InputSize = 20)]
public partial class ElmanReluI20H64
{
    [Elman(64, Activation = Activation.Relu)] public partial ElmanLayer Cell { get; }
}
