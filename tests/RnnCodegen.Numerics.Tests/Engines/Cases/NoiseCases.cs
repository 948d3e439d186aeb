using RnnCodegen.Numerics.Tests.Models;
using static RnnCodegen.Numerics.Tests.Engines.CaseShape;
using static RnnCodegen.Numerics.Tests.Engines.LengthKind;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>Cases of dropout inside cells, with the masks read back, and its mean in inference.</summary>
public sealed class NoiseCases : IEngineCases
{
    public static IReadOnlyList<CaseShape> Cases { get; } =
    [
        Of<LstmZoneout>(7, 5, Mixed, state: true), Of<LstmZoneout>(12, 1),
        Of<LstmNoise>(7, 5, Mixed, state: true), Of<LstmNoise>(12, 1),
        Of<GruNoise>(7, 5, Mixed, state: true), Of<GruNoise>(12, 1), Of<GruNoise>(300, 2, Mixed),
        Of<GruBeforeNoise>(7, 5, Mixed, state: true), Of<GruBeforeNoise>(12, 1),
        Of<WindowNoise>(13, 5, Mixed, state: true), Of<WindowNoise>(16, 1),
        Of<Int8Noise>(5, 5, Mixed, state: true), Of<Int8Noise>(9, 1),
    ];
}
