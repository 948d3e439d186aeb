using RnnCodegen;

namespace LstmVsGru;

// Models of rows of numbers: 8 inputs and 8 outputs a step, which every problem of rows uses as far as it needs them.
// Each cell with as many units as the LSTM, and with about as many parameters.

/// <summary>Elman, 32 units: as many units as the LSTM.</summary>
[RnnModel(InputSize = Problem.Width)]
public sealed partial class RowElman32
{
    [Elman(32)] public partial ElmanLayer Cell { get; }
    [Dense(Problem.Width)] public partial DenseLayer Head { get; }
}

/// <summary>Elman, 67 units: as many parameters as the LSTM.</summary>
[RnnModel(InputSize = Problem.Width)]
public sealed partial class RowElman67
{
    [Elman(67)] public partial ElmanLayer Cell { get; }
    [Dense(Problem.Width)] public partial DenseLayer Head { get; }
}

/// <summary>LSTM, 32 units: the measure of the others.</summary>
[RnnModel(InputSize = Problem.Width)]
public sealed partial class RowLstm32
{
    [Lstm(32)] public partial LstmLayer Cell { get; }
    [Dense(Problem.Width)] public partial DenseLayer Head { get; }
}

/// <summary>GRU, 32 units: as many units as the LSTM.</summary>
[RnnModel(InputSize = Problem.Width)]
public sealed partial class RowGru32
{
    [Gru(32)] public partial GruLayer Cell { get; }
    [Dense(Problem.Width)] public partial DenseLayer Head { get; }
}

/// <summary>GRU, 37 units: as many parameters as the LSTM.</summary>
[RnnModel(InputSize = Problem.Width)]
public sealed partial class RowGru37
{
    [Gru(37)] public partial GruLayer Cell { get; }
    [Dense(Problem.Width)] public partial DenseLayer Head { get; }
}

/// <summary>minGRU, 32 units: as many units as the LSTM.</summary>
[RnnModel(InputSize = Problem.Width)]
public sealed partial class RowMinGru32
{
    [MinGru(32)] public partial MinGruLayer Cell { get; }
    [Dense(Problem.Width)] public partial DenseLayer Head { get; }
}

/// <summary>minGRU, 216 units: as many parameters as the LSTM.</summary>
[RnnModel(InputSize = Problem.Width)]
public sealed partial class RowMinGru216
{
    [MinGru(216)] public partial MinGruLayer Cell { get; }
    [Dense(Problem.Width)] public partial DenseLayer Head { get; }
}
