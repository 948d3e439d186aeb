namespace RnnCodegen.Numerics.Tests.Models;

// Cells without a product inside the time loop, with the options of all recurrent layers.

[RnnModel(InputSize = 1)]
public partial class MinGruI1H1
{
    [MinGru(1)] public partial MinGruLayer Cell { get; }
}

[RnnModel(InputSize = 17)]
public partial class MinGruI17H33
{
    [MinGru(33)] public partial MinGruLayer Cell { get; }
}

[RnnModel(InputSize = 9)]
public partial class MinGruStack
{
    [MinGru(20, Layers = 2, Bidirectional = true, Dropout = 0.2f, LearnedInitialState = true)] public partial MinGruLayer Cell { get; }
}

[RnnModel(InputSize = 6)]
public partial class MinGruOptions
{
    [MinGru(18, Reverse = true, Bias = false, Activation = Activation.Elu, Alpha = 0.7f)] public partial MinGruLayer Below { get; }

    [MinGru(12, Clip = 0.4f, Activation = Activation.Tanh, ReturnSequences = false)] public partial MinGruLayer Cell { get; }

    [Dense(3)] public partial DenseLayer Head { get; }
}

[RnnModel(InputSize = 6, WeightFormat = WeightFormat.BFloat16)]
public partial class MinGruBFloat16
{
    [MinGru(17, Clip = 0.6f)] public partial MinGruLayer Cell { get; }
}

[RnnModel(InputSize = 6, WeightFormat = WeightFormat.Int8)]
public partial class MinGruInt8
{
    [MinGru(17)] public partial MinGruLayer Cell { get; }
}

[RnnModel(InputSize = 1)]
public partial class MinLstmI1H1
{
    [MinLstm(1)] public partial MinLstmLayer Cell { get; }
}

[RnnModel(InputSize = 17)]
public partial class MinLstmI17H33
{
    [MinLstm(33)] public partial MinLstmLayer Cell { get; }
}

[RnnModel(InputSize = 9)]
public partial class MinLstmStack
{
    [MinLstm(20, Layers = 2, Bidirectional = true, Dropout = 0.2f, LearnedInitialState = true)] public partial MinLstmLayer Cell { get; }
}

[RnnModel(InputSize = 6)]
public partial class MinLstmOptions
{
    [MinLstm(18, Reverse = true, Bias = false, Activation = Activation.Elu, Alpha = 0.7f)] public partial MinLstmLayer Below { get; }

    [MinLstm(12, Clip = 0.4f, Activation = Activation.Tanh, ReturnSequences = false)] public partial MinLstmLayer Cell { get; }

    [Dense(3)] public partial DenseLayer Head { get; }
}

[RnnModel(InputSize = 6, WeightFormat = WeightFormat.BFloat16)]
public partial class MinLstmBFloat16
{
    [MinLstm(17, Clip = 0.6f)] public partial MinLstmLayer Cell { get; }
}

[RnnModel(InputSize = 6, WeightFormat = WeightFormat.Int8)]
public partial class MinLstmInt8
{
    [MinLstm(17)] public partial MinLstmLayer Cell { get; }
}

[RnnModel(InputSize = 6, ActivationAccuracy = ActivationAccuracy.Fast)]
public partial class MinLstmFast
{
    [MinLstm(17)] public partial MinLstmLayer Cell { get; }
}
