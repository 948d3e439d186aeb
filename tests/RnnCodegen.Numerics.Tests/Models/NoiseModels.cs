namespace RnnCodegen.Numerics.Tests.Models;

// Dropout inside cells: one mask a sequence on what the gates see of the state, and states that stay.

[RnnModel(InputSize = 5)]
public partial class LstmZoneout
{
    [Lstm(17, Zoneout = 0.2f, CellZoneout = 0.4f)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 5)]
public partial class LstmNoise
{
    [Lstm(
        20, Layers = 2, Bidirectional = true, Dropout = 0.2f, Projection = 7, Peepholes = true, CellClip = 0.5f, RecurrentDropout = 0.3f,
        Zoneout = 0.2f, CellZoneout = 0.1f)]
    public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 6)]
public partial class GruNoise
{
    [Gru(33, RecurrentDropout = 0.4f)] public partial GruLayer Below { get; }

    [Gru(9, RecurrentDropout = 0.2f, Zoneout = 0.3f, Reverse = true, LearnedInitialState = true)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 6)]
public partial class GruBeforeNoise
{
    [Gru(18, ResetAfter = false, RecurrentDropout = 0.3f, Zoneout = 0.2f)] public partial GruLayer Cell { get; }

    [Dropout(0.25f)] public partial DropoutLayer Drop { get; }

    [Elman(12, RecurrentDropout = 0.5f, Zoneout = 0.1f, ReturnSequences = false)] public partial ElmanLayer Last { get; }
}

[RnnModel(InputSize = 3)]
public partial class WindowNoise
{
    [Conv1d(6, 4, Stride = 2, Padding = TimePadding.Causal)] public partial Conv1dLayer Front { get; }

    [Lstm(9, RecurrentDropout = 0.2f, Zoneout = 0.2f, CellZoneout = 0.3f)] public partial LstmLayer Cell { get; }

    [Pool1d(Pooling.Average, 2)] public partial Pool1dLayer Pool { get; }

    [Gru(5, Zoneout = 0.4f)] public partial GruLayer Slow { get; }
}

[RnnModel(InputSize = 6, WeightFormat = WeightFormat.Int8)]
public partial class Int8Noise
{
    [Lstm(17, RecurrentDropout = 0.3f, CellZoneout = 0.2f)] public partial LstmLayer Cell { get; }
}
