using RnnCodegen;

namespace Pretrained.Models;

/// <summary>
/// Imported from silero_vad_16k_op15.onnx (ONNX). 576 features a row in; layers: Stft (RowConv1d 129 256), Stft_2
/// (Multiply), Stft_3 (RowConv1d 129 256), Stft_4 (Multiply), Stft_5 (Add), Stft_6 (Activation Sqrt), ReparamConv
/// (RowConv1d 128 3), ReparamConv_2 (RowConv1d 64 3), ReparamConv_3 (Dense 64), ReparamConv_4 (Dense 128), Rnn (Lstm
/// 128), Decoder1 (Activation Relu), Decoder2 (Dense 1).
/// </summary>
[RnnModel(InputSize = 576)]
public partial class SileroVoice
{
    [RowConv1d(129, 256, Stride = 128, PadRight = 64, Mirror = true, Bias = false)]
    public partial RowConv1dLayer Stft { get; }
    [Multiply(nameof(Stft), nameof(Stft))]      public partial MultiplyLayer Stft_2 { get; }
    [RowConv1d(129, 256, From = RnnModelAttribute.Input, Stride = 128, PadRight = 64, Mirror = true, Bias = false)]
    public partial RowConv1dLayer Stft_3 { get; }
    [Multiply(nameof(Stft_3), nameof(Stft_3))]  public partial MultiplyLayer Stft_4 { get; }
    [Add(nameof(Stft_2), nameof(Stft_4))]       public partial AddLayer Stft_5 { get; }
    [Activation(Activation.Sqrt)]               public partial ActivationLayer Stft_6 { get; }
    [RowConv1d(128, 3, Channels = 129, PadLeft = 1, PadRight = 1, Activation = Activation.Relu)]
    public partial RowConv1dLayer ReparamConv { get; }
    [RowConv1d(64, 3, Channels = 128, Stride = 2, PadLeft = 1, Activation = Activation.Relu)]
    public partial RowConv1dLayer ReparamConv_2 { get; }
    [Dense(64, Activation = Activation.Relu)]   public partial DenseLayer ReparamConv_3 { get; }
    [Dense(128, Activation = Activation.Relu)]  public partial DenseLayer ReparamConv_4 { get; }
    [Lstm(128)]                                 public partial LstmLayer Rnn { get; }
    [Activation(Activation.Relu)]               public partial ActivationLayer Decoder1 { get; }
    [Dense(1, Activation = Activation.Sigmoid)] public partial DenseLayer Decoder2 { get; }
}
