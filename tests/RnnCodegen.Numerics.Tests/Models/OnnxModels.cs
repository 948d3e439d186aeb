namespace RnnCodegen.Numerics.Tests.Models;

// The sizes and options of the ONNX node cases; their GRU applies the reset gate before the product.

[RnnModel(InputSize = 2)]
public partial class OnnxGruI2H6
{
    [Gru(6, ResetAfter = false, Bias = false)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 2)]
public partial class OnnxGruI2H5
{
    [Gru(5, ResetAfter = false, Bias = false)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 3)]
public partial class OnnxGruI3H5
{
    [Gru(5, ResetAfter = false)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 3)]
public partial class OnnxGruI3H3
{
    [Gru(3, ResetAfter = false)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 2)]
public partial class OnnxLstmI2H7
{
    [Lstm(7, Bias = false)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 2)]
public partial class OnnxLstmI2H3
{
    [Lstm(3, Bias = false)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 3)]
public partial class OnnxLstmI3H4
{
    [Lstm(4)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 4)]
public partial class OnnxLstmPeepholesI4H3
{
    [Lstm(3, Peepholes = true)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 2)]
public partial class OnnxElmanI2H4
{
    [Elman(4, Bias = false)] public partial ElmanLayer Cell { get; }
}

[RnnModel(InputSize = 3)]
public partial class OnnxElmanI3H5
{
    [Elman(5)] public partial ElmanLayer Cell { get; }
}
