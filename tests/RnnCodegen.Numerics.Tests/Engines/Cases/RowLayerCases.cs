using RnnCodegen.Numerics.Tests.Models;
using static RnnCodegen.Numerics.Tests.Engines.CaseShape;
using static RnnCodegen.Numerics.Tests.Engines.LengthKind;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>Cases of layers that work row by row.</summary>
public sealed class RowLayerCases : IEngineCases
{
    public static IReadOnlyList<CaseShape> Cases { get; } =
    [
        Of<RowLayers1>(7, 5, Mixed, state: true), Of<RowLayers1>(33, 1), Of<RowLayers1>(2, 5, Zero, state: true), Of<RowLayers1>(1, 1),
        Of<RowLayers15>(7, 5, Mixed, state: true), Of<RowLayers15>(2, 13), Of<RowLayers15>(33, 1, state: true),
        Of<RowLayers16>(7, 5, Mixed, state: true), Of<RowLayers16>(33, 3), Of<RowLayers16>(1, 1),
        Of<RowLayers17>(7, 5, Mixed, state: true), Of<RowLayers17>(2, 32), Of<RowLayers17>(33, 1),
        Of<RowLayers33>(7, 5, Mixed, state: true), Of<RowLayers33>(7, 8, Full), Of<RowLayers33>(12, 1, state: true),
        Of<AffineLast>(7, 5, Mixed, state: true), Of<AffineLast>(33, 2), Of<AffineLast>(2, 3, Zero, state: true),
        Of<PReluLast>(7, 5, Mixed, state: true), Of<PReluLast>(33, 1),
        Of<ActivationLast>(7, 5, Mixed, state: true), Of<ActivationLast>(33, 1),
        Of<MultiplyLast>(7, 5, Mixed, state: true), Of<MultiplyLast>(2, 3),
        Of<ReversedAround>(7, 5, Mixed, state: true), Of<ReversedAround>(33, 1, Mixed), Of<ReversedAround>(1, 3),
        Of<ReversedAround>(2, 5, Zero, state: true),
        Of<ReversedInput>(7, 5, Mixed, state: true), Of<ReversedInput>(12, 1), Of<ReversedInput>(6, 4, Full),
        Of<ReversedLast>(7, 5, Mixed, state: true), Of<ReversedLast>(12, 2),
        Of<InputThrice>(7, 5, Mixed, state: true), Of<InputThrice>(33, 1), Of<InputThrice>(2, 13),
        Of<InputJoined>(7, 5, Mixed, state: true), Of<InputJoined>(33, 1), Of<InputJoined>(1, 2),
        Of<NoiseSuppressor>(7, 5, Mixed, state: true), Of<NoiseSuppressor>(33, 1, state: true), Of<NoiseSuppressor>(2, 13),
        Of<RowLayersDropped>(7, 5, Mixed, state: true), Of<RowLayersDropped>(33, 1),
        Of<RowLayersOfTokens>(7, 5, Mixed, state: true), Of<RowLayersOfTokens>(33, 1),
        Of<RowLayersStrided>(8, 5, Mixed, state: true), Of<RowLayersStrided>(12, 1, state: true), Of<RowLayersStrided>(9, 3),
        Of<ReversedStrided>(9, 5, Mixed, state: true), Of<ReversedStrided>(12, 1), Of<ReversedStrided>(7, 3, Zero),
        Of<RowLayersRounded>(7, 5, Mixed, state: true), Of<RowLayersRounded>(12, 1, state: true),

        // more rows than are computed at a time, so that segments of a sequence meet, and more than a sum of gradients takes at a time
        Of<NoiseSuppressor>(700, 2, Mixed, state: true), Of<RowLayers33>(300, 2, Mixed), Of<ReversedAround>(300, 3, Mixed, state: true),
    ];
}
