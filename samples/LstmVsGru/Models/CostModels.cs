using RnnCodegen;

namespace LstmVsGru;

// The other sizes whose cost is measured.

/// <summary>Elman, 64 units, to measure its cost.</summary>
[RnnModel(InputSize = Problem.Width)]
public sealed partial class RowElman64
{
    [Elman(64)] public partial ElmanLayer Cell { get; }
    [Dense(Problem.Width)] public partial DenseLayer Head { get; }
}

/// <summary>Elman, 128 units, to measure its cost.</summary>
[RnnModel(InputSize = Problem.Width)]
public sealed partial class RowElman128
{
    [Elman(128)] public partial ElmanLayer Cell { get; }
    [Dense(Problem.Width)] public partial DenseLayer Head { get; }
}

/// <summary>Elman, 256 units, to measure its cost.</summary>
[RnnModel(InputSize = Problem.Width)]
public sealed partial class RowElman256
{
    [Elman(256)] public partial ElmanLayer Cell { get; }
    [Dense(Problem.Width)] public partial DenseLayer Head { get; }
}

/// <summary>LSTM, 64 units, to measure its cost.</summary>
[RnnModel(InputSize = Problem.Width)]
public sealed partial class RowLstm64
{
    [Lstm(64)] public partial LstmLayer Cell { get; }
    [Dense(Problem.Width)] public partial DenseLayer Head { get; }
}

/// <summary>LSTM, 128 units, to measure its cost.</summary>
[RnnModel(InputSize = Problem.Width)]
public sealed partial class RowLstm128
{
    [Lstm(128)] public partial LstmLayer Cell { get; }
    [Dense(Problem.Width)] public partial DenseLayer Head { get; }
}

/// <summary>LSTM, 256 units, to measure its cost.</summary>
[RnnModel(InputSize = Problem.Width)]
public sealed partial class RowLstm256
{
    [Lstm(256)] public partial LstmLayer Cell { get; }
    [Dense(Problem.Width)] public partial DenseLayer Head { get; }
}

/// <summary>GRU, 64 units, to measure its cost.</summary>
[RnnModel(InputSize = Problem.Width)]
public sealed partial class RowGru64
{
    [Gru(64)] public partial GruLayer Cell { get; }
    [Dense(Problem.Width)] public partial DenseLayer Head { get; }
}

/// <summary>GRU, 128 units, to measure its cost.</summary>
[RnnModel(InputSize = Problem.Width)]
public sealed partial class RowGru128
{
    [Gru(128)] public partial GruLayer Cell { get; }
    [Dense(Problem.Width)] public partial DenseLayer Head { get; }
}

/// <summary>GRU, 256 units, to measure its cost.</summary>
[RnnModel(InputSize = Problem.Width)]
public sealed partial class RowGru256
{
    [Gru(256)] public partial GruLayer Cell { get; }
    [Dense(Problem.Width)] public partial DenseLayer Head { get; }
}

/// <summary>minGRU, 64 units, to measure its cost.</summary>
[RnnModel(InputSize = Problem.Width)]
public sealed partial class RowMinGru64
{
    [MinGru(64)] public partial MinGruLayer Cell { get; }
    [Dense(Problem.Width)] public partial DenseLayer Head { get; }
}

/// <summary>minGRU, 128 units, to measure its cost.</summary>
[RnnModel(InputSize = Problem.Width)]
public sealed partial class RowMinGru128
{
    [MinGru(128)] public partial MinGruLayer Cell { get; }
    [Dense(Problem.Width)] public partial DenseLayer Head { get; }
}

/// <summary>minGRU, 256 units, to measure its cost.</summary>
[RnnModel(InputSize = Problem.Width)]
public sealed partial class RowMinGru256
{
    [MinGru(256)] public partial MinGruLayer Cell { get; }
    [Dense(Problem.Width)] public partial DenseLayer Head { get; }
}
