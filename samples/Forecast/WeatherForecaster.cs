using RnnCodegen;

namespace Forecast;

/// <summary>
/// One day's weather in, the next three days' highs out, as departures from the season in standard deviations.
/// It streams: what it knows of the past is in its state.
/// </summary>
[RnnModel(InputSize = WeatherEncoder.Features)]
public partial class WeatherForecaster
{
    /// <summary>Days ahead.</summary>
    public const int Horizon = 3;

    /// <summary>Reads the days.</summary>
    [Gru(32)]
    public partial GruLayer Memory { get; }

    /// <summary>Says what follows.</summary>
    [Dense(Horizon)]
    public partial DenseLayer Outlook { get; }
}
