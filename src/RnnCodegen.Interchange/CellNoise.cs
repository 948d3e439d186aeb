namespace RnnCodegen.Interchange;

/// <summary>The dropout inside a recurrent layer's cells.</summary>
internal static class CellNoise
{
    /// <summary>Whether a state keeps a share of its old value, which inference computes as well.</summary>
    public static bool HasZoneout(RecurrentAttribute options) => options switch
    {
        LstmAttribute l => l.Zoneout > 0 || l.CellZoneout > 0,
        GruAttribute g => g.Zoneout > 0,
        ElmanAttribute e => e.Zoneout > 0,
        _ => false,
    };

    /// <summary>The dropout of the state that the gates see, in training only; 0 for layers without the option.</summary>
    public static float RecurrentDropout(RecurrentAttribute options) => options switch
    {
        LstmAttribute l => l.RecurrentDropout,
        GruAttribute g => g.RecurrentDropout,
        ElmanAttribute e => e.RecurrentDropout,
        _ => 0,
    };
}
