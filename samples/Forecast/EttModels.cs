using RnnCodegen;

namespace Forecast;

/// <summary>
/// A channel's past in segments of two days, then a row for each segment to come that only says which it is: so a GRU makes 15 steps for
/// 30 days and two for the four days ahead (after Lin et al., 2023, SegRNN). All channels share it, each beside its name.
/// </summary>
[RnnModel(InputSize = Segment + Ahead + EttSeries.Channels)]
public partial class SegmentForecaster
{
    /// <summary>Hours of a segment.</summary>
    public const int Segment = 48;

    /// <summary>Segments of the past.</summary>
    public const int Back = 15;

    /// <summary>Segments to come.</summary>
    public const int Ahead = 2;

    /// <summary>A segment, or what is to come, as the memory reads it.</summary>
    [Dense(128, Activation = Activation.Relu)]
    public partial DenseLayer Projection { get; }

    /// <summary>Reads the segments.</summary>
    [Gru(128)]
    public partial GruLayer Memory { get; }

    /// <summary>Hides half of the memory, in training.</summary>
    [Dropout(0.5f)]
    public partial DropoutLayer Gaps { get; }

    /// <summary>Says a segment.</summary>
    [Dense(Segment)]
    public partial DenseLayer Outlook { get; }
}

/// <summary>Each hour to come as a weighted sum of a channel's past: what a network has to beat.</summary>
[RnnModel(InputSize = SegmentForecaster.Segment * SegmentForecaster.Back)]
public partial class LinearForecaster
{
    /// <summary>The weights.</summary>
    [Dense(SegmentForecaster.Segment * SegmentForecaster.Ahead)]
    public partial DenseLayer Sum { get; }
}
