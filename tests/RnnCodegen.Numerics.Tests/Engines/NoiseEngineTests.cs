using RnnCodegen.Numerics.Tests.Models;
using static RnnCodegen.Numerics.Tests.Engines.EngineCase;
using static RnnCodegen.Numerics.Tests.Engines.LengthKind;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>Every case on every engine: dropout inside cells, with the masks read back, and its mean in inference.</summary>
public class NoiseEngineTests : EngineTests<NoiseEngineTests>, IEngineCases
{
    static IReadOnlyList<EngineCase> IEngineCases.Cases { get; } =
    [
        Of<LstmZoneout>(7, 5, Mixed, state: true), Of<LstmZoneout>(12, 1),
        Of<LstmNoise>(7, 5, Mixed, state: true), Of<LstmNoise>(12, 1),
        Of<GruNoise>(7, 5, Mixed, state: true), Of<GruNoise>(12, 1), Of<GruNoise>(300, 2, Mixed),
        Of<GruBeforeNoise>(7, 5, Mixed, state: true), Of<GruBeforeNoise>(12, 1),
        Of<WindowNoise>(13, 5, Mixed, state: true), Of<WindowNoise>(16, 1),
        Of<Int8Noise>(5, 5, Mixed, state: true), Of<Int8Noise>(9, 1),
    ];
}
