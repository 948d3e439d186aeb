using RnnCodegen;

namespace Pretrained.Models;

/// <summary>
/// Imported from model_1.onnx (ONNX). 257 features a row in; layers: Lstm4 (Lstm 128), Lstm5 (Lstm 128), Dense2 (Dense
/// 257).
/// </summary>
[RnnModel(InputSize = 257)]
public partial class DtlnMask
{
    [Lstm(128)]                                   public partial LstmLayer Lstm4 { get; }
    [Lstm(128)]                                   public partial LstmLayer Lstm5 { get; }
    [Dense(257, Activation = Activation.Sigmoid)] public partial DenseLayer Dense2 { get; }
}
