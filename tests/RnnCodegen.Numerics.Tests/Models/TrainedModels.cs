using Forecast;

namespace RnnCodegen.Numerics.Tests.Models;

// The forecaster of the samples and the recurrent part of a voice detector, with weights in each reduced format.

[RnnModel(InputSize = WeatherEncoder.Features, WeightFormat = WeightFormat.BFloat16)]
public partial class BFloat16Forecaster
{
    [Gru(32)] public partial GruLayer Memory { get; }

    [Dense(WeatherForecaster.Horizon)] public partial DenseLayer Outlook { get; }
}

[RnnModel(InputSize = WeatherEncoder.Features, WeightFormat = WeightFormat.Int8)]
public partial class Int8Forecaster
{
    [Gru(32)] public partial GruLayer Memory { get; }

    [Dense(WeatherForecaster.Horizon)] public partial DenseLayer Outlook { get; }
}

[RnnModel(InputSize = 128)]
public partial class VoiceDetector
{
    [Lstm(128)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 128, WeightFormat = WeightFormat.BFloat16)]
public partial class BFloat16VoiceDetector
{
    [Lstm(128)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 128, WeightFormat = WeightFormat.Int8)]
public partial class Int8VoiceDetector
{
    [Lstm(128)] public partial LstmLayer Cell { get; }
}
