namespace RnnCodegen.Numerics.Tests.Models;

// Activations whose derivative the output does not say, wherever a layer has one.

[RnnModel(InputSize = 5)]
public partial class SmoothDense
{
    [Dense(17, Activation = Activation.Silu)] public partial DenseLayer Silu { get; }

    [Dense(33, Activation = Activation.Gelu)] public partial DenseLayer Gelu { get; }

    [Dense(16, Activation = Activation.GeluTanh, Bias = false)] public partial DenseLayer GeluTanh { get; }

    [Dense(9, Activation = Activation.Softplus)] public partial DenseLayer Softplus { get; }

    [Dense(20, Activation = Activation.Mish)] public partial DenseLayer Mish { get; }

    [Dense(3, Activation = Activation.HardSwish)] public partial DenseLayer HardSwish { get; }
}

[RnnModel(InputSize = 18)]
public partial class SmoothRows
{
    [Activation(Activation.Silu)] public partial ActivationLayer Silu { get; }

    [Activation(Activation.Gelu)] public partial ActivationLayer Gelu { get; }

    [Add(nameof(Gelu), nameof(Silu))] public partial AddLayer Sum { get; }

    [Conv1d(11, 3, Activation = Activation.Mish)] public partial Conv1dLayer Window { get; }

    [Elman(11, ReturnSequences = false)] public partial ElmanLayer Last { get; }

    [Activation(Activation.GeluTanh)] public partial ActivationLayer GeluTanh { get; }

    [Activation(Activation.Softplus)] public partial ActivationLayer Softplus { get; }

    [Activation(Activation.Sqrt)] public partial ActivationLayer Root { get; }

    [Activation(Activation.HardSwish)] public partial ActivationLayer HardSwish { get; }
}

[RnnModel(InputSize = 6)]
public partial class SmoothCells
{
    [Lstm(17, Activation = Activation.Silu, CellActivation = Activation.Mish, Peepholes = true)] public partial LstmLayer Lstm { get; }

    [Gru(9, Activation = Activation.Gelu)] public partial GruLayer After { get; }

    [Gru(16, Activation = Activation.Softplus, ResetAfter = false, Clip = 2)] public partial GruLayer Before { get; }

    [Elman(5, Activation = Activation.HardSwish, Bidirectional = true)] public partial ElmanLayer Elman { get; }

    [Lstm(4, GateActivation = Activation.GeluTanh, Projection = 3)] public partial LstmLayer Gates { get; }
}
