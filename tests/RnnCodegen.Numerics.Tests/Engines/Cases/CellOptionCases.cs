using RnnCodegen.Numerics.Tests.Models;
using static RnnCodegen.Numerics.Tests.Engines.CaseShape;
using static RnnCodegen.Numerics.Tests.Engines.LengthKind;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>Cases of bounds, activations with an alpha, layers in reverse, learned initial states.</summary>
public sealed class CellOptionCases : IEngineCases
{
    public static IReadOnlyList<CaseShape> Cases { get; } =
    [
        Of<LstmClip>(7, 5, Mixed, state: true), Of<LstmClip>(12, 1),
        Of<LstmCellClip>(7, 5, Mixed, state: true), Of<LstmCellClip>(33, 1),
        Of<LstmBoundedEverything>(7, 5, Mixed, state: true), Of<LstmBoundedEverything>(5, 1, state: true),
        Of<LstmCellElu>(7, 3, Mixed, state: true), Of<LstmCellElu>(12, 1),
        Of<LstmCellLinear>(7, 5, Mixed, state: true), Of<LstmCellLinear>(12, 1),
        Of<LstmLinearGatesPeepholes>(5, 5, Mixed, state: true),
        Of<LstmLeakyElu>(7, 5, Mixed, state: true), Of<LstmLeakyElu>(7, 1),
        Of<GruClip>(7, 5, Mixed, state: true), Of<GruClip>(33, 1),
        Of<GruBeforeClip>(7, 5, Mixed, state: true), Of<GruBeforeClip>(12, 1, state: true),
        Of<GruEluLeaky>(7, 3, Mixed, state: true), Of<GruEluLeaky>(7, 1),
        Of<GruBeforeLinearClip>(7, 5, Mixed, state: true), Of<GruBeforeLinearClip>(7, 1),
        Of<ElmanOfEveryActivation>(7, 5, Mixed, state: true), Of<ElmanOfEveryActivation>(12, 1),
        Of<HeadsWithAlpha>(7, 5, Mixed), Of<HeadsWithAlpha>(3, 1),
        Of<LstmReverse>(7, 5, Mixed, state: true), Of<LstmReverse>(12, 1), Of<LstmReverse>(300, 2, Mixed),
        Of<LastOfReverse>(7, 8, Mixed, state: true), Of<LastOfReverse>(5, 1), Of<LastOfReverse>(1, 3, Zero, state: true),
        Of<ThereAndBack>(7, 5, Mixed, state: true), Of<ThereAndBack>(12, 1),
        Of<LstmLearned>(7, 5, Mixed), Of<LstmLearned>(7, 5, Mixed, state: true), Of<LstmLearned>(12, 1), Of<LstmLearned>(2, 5, Zero),
        Of<LstmLearnedStackedBidirectional>(7, 8, Mixed), Of<LstmLearnedStackedBidirectional>(7, 3, Mixed, state: true),
        Of<LstmLearnedStackedBidirectional>(5, 1),
        Of<LearnedAndNot>(7, 5, Mixed), Of<LearnedAndNot>(7, 3, state: true), Of<LearnedAndNot>(12, 1), Of<LearnedAndNot>(3, 130, Mixed),
        Of<LearnedTokens>(7, 5, Mixed), Of<LearnedTokens>(12, 1),
        Of<EveryCellOption>(7, 5, Mixed), Of<EveryCellOption>(7, 5, Mixed, state: true), Of<EveryCellOption>(9, 1),
        Of<WideBounds>(7, 5, Mixed), Of<FastClip>(7, 5, Mixed), Of<FastClip>(12, 1),
        Of<BFloat16Bounded>(7, 5, Mixed, state: true), Of<BFloat16Bounded>(12, 1), Of<BFloat16Bounded>(5, 3, Mixed),
        Of<Int8Bounded>(5, 5, Mixed, state: true), Of<Int8Bounded>(9, 1), Of<Int8Bounded>(5, 3, Mixed),
    ];
}
