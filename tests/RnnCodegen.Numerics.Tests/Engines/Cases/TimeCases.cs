using RnnCodegen.Numerics.Tests.Models;
using static RnnCodegen.Numerics.Tests.Engines.CaseShape;
using static RnnCodegen.Numerics.Tests.Engines.LengthKind;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>Cases of convolutions, poolings and attention over time.</summary>
public sealed class TimeCases : IEngineCases
{
    public static IReadOnlyList<CaseShape> Cases { get; } =
    [
        Of<ConvCausal>(7, 5, Mixed, state: true), Of<ConvCausal>(1, 2, state: true), Of<ConvCausal>(33, 1),
        Of<ConvCausal>(2, 3, Zero, state: true),
        Of<ConvDilated>(13, 5, Mixed, state: true), Of<ConvDilated>(3, 1, state: true), Of<ConvDilated>(100, 2),
        Of<ConvSame>(7, 5, Mixed, state: true), Of<ConvSame>(1, 1), Of<ConvSame>(20, 3),
        Of<ConvValid>(7, 5, Mixed, state: true), Of<ConvValid>(5, 2), Of<ConvValid>(33, 3, Zero),
        Of<ConvPadded>(7, 5, Mixed, state: true), Of<ConvPadded>(1, 2), Of<ConvPadded>(33, 3),
        Of<ConvStrided>(12, 5, Mixed, state: true), Of<ConvStrided>(13, 3, state: true), Of<ConvStrided>(60, 1, state: true),
        Of<ConvStrided>(5, 2), Of<RecurrentThenStride>(9, 5, Mixed, state: true), Of<RecurrentThenStride>(2, 1),
        Of<Pooled>(12, 5, Mixed, state: true), Of<Pooled>(4, 1), Of<Pooled>(37, 3),
        Of<PooledOverlapping>(9, 5, Mixed, state: true), Of<PooledOverlapping>(5, 1),
        Of<GloballyPooled>(7, 5, Mixed, state: true), Of<GloballyPooled>(1, 1), Of<GloballyPooled>(33, 2, Zero), Of<GloballyPooled>(100, 8),
        Of<ConvPooledRow>(7, 5, Mixed, state: true), Of<ConvPooledRow>(3, 1),
        Of<TokenConvBFloat16>(7, 5, Mixed, state: true), Of<TokenConvBFloat16>(33, 1),
        Of<ConvInt8>(8, 5, Mixed, state: true), Of<ConvInt8>(9, 1),
        Of<AttendingDot>(7, 5, Mixed, state: true), Of<AttendingDot>(1, 1), Of<AttendingDot>(33, 2),
        Of<AttendingTokens>(7, 5, Mixed, state: true), Of<AttendingTokens>(9, 1),
        Of<AttendingTwice>(7, 5, Mixed, state: true), Of<AttendingTwice>(12, 3),
        Of<AttendingOnce>(8, 5, Mixed, state: true), Of<AttendingOnce>(2, 1),
    ];
}
