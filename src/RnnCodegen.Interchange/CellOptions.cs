namespace RnnCodegen.Interchange;

/// <summary>What a recurrent layer's cells have that most frameworks' do not: noise in training, and normalisation.</summary>
internal static class CellOptions
{
    /// <summary>Whether a state keeps a share of its old value, which inference computes as well.</summary>
    public static bool HasZoneout(RecurrentAttribute options) => options switch
    {
        LstmAttribute l => l.Zoneout > 0 || l.CellZoneout > 0,
        GruAttribute g => g.Zoneout > 0,
        ElmanAttribute e => e.Zoneout > 0,
        _ => false,
    };

    /// <summary>Whether the products of its gates are normalised.</summary>
    public static bool IsNormalised(RecurrentAttribute options) => options is
        LstmAttribute { Normalization: not GateNormalization.None } or GruAttribute { Normalization: not GateNormalization.None };

    /// <summary>The dropout of the state that the gates see, in training only; 0 for layers without the option.</summary>
    public static float RecurrentDropout(RecurrentAttribute options) => options switch
    {
        LstmAttribute l => l.RecurrentDropout,
        GruAttribute g => g.RecurrentDropout,
        ElmanAttribute e => e.RecurrentDropout,
        _ => 0,
    };
}
