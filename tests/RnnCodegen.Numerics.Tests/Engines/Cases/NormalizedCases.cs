using RnnCodegen.Numerics.Tests.Models;
using static RnnCodegen.Numerics.Tests.Engines.CaseShape;
using static RnnCodegen.Numerics.Tests.Engines.LengthKind;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>Cases of normalised gates, and of layers of rows that are one walk along a row.</summary>
public sealed class NormalizedCases : IEngineCases
{
    public static IReadOnlyList<CaseShape> Cases { get; } =
    [
        Of<LstmPerGate>(7, 5, Mixed, state: true), Of<LstmPerGate>(12, 1),
        Of<LstmJoint>(7, 5, Mixed, state: true), Of<LstmJoint>(12, 1),
        Of<LstmNormalizedEverything>(7, 5, Mixed, state: true), Of<LstmNormalizedEverything>(12, 1),
        Of<LstmNormalizedCoupled>(7, 5, Mixed, state: true), Of<LstmNormalizedCoupled>(12, 1),
        Of<GruPerGate>(7, 5, Mixed, state: true), Of<GruPerGate>(12, 1), Of<GruPerGate>(300, 2, Mixed),
        Of<GruNormalizedBefore>(7, 5, Mixed, state: true), Of<GruNormalizedBefore>(12, 1),
        Of<Int8Normalized>(5, 5, Mixed, state: true), Of<Int8Normalized>(9, 1),
        Of<LongRows>(7, 5, Mixed), Of<LongRows>(3, 1),
        Of<NormalizedTwice>(7, 5, Mixed), Of<NormalizedTwice>(90, 1), Of<NormalizedTwice>(40, 5, Mixed),
        Of<NormalizedJoins>(7, 5, Mixed, state: true), Of<NormalizedJoins>(12, 1),
    ];
}
