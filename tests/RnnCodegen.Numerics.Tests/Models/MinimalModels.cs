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
