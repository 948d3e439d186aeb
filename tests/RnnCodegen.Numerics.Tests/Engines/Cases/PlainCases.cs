using RnnCodegen.Numerics.Tests.Models;
using static RnnCodegen.Numerics.Tests.Engines.CaseShape;
using static RnnCodegen.Numerics.Tests.Engines.LengthKind;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>Cases of plain layers.</summary>
public sealed class PlainCases : IEngineCases
{
    public static IReadOnlyList<CaseShape> Cases { get; } =
    [
        Of<LstmI1H1>(7, 3), Of<LstmI1H1>(33, 1, Mixed, state: true), Of<LstmI1H1>(2, 5, Zero, state: true),
        Of<LstmI3H15>(7, 5, Mixed, state: true), Of<LstmI3H15>(1, 1),
        Of<LstmI16H16>(2, 8), Of<LstmI16H16>(7, 2, Full, state: true),
        Of<LstmI17H17>(7, 13, Mixed, state: true), Of<LstmI17H17>(100, 1),
        Of<LstmI20H33>(33, 3, Mixed), Of<LstmI20H33>(2, 32, state: true),
        Of<LstmI40H20>(7, 8, state: true), Of<LstmI40H20>(1, 13, Mixed),
        Of<LstmI64H64>(7, 5, Mixed, state: true), Of<LstmI64H64>(2, 32),
        Of<LstmI15H128>(7, 3, state: true),
        Of<LstmI33H256>(2, 5, Mixed, state: true), Of<LstmI33H256>(7, 1),
        Of<LstmI256H3>(7, 2, state: true),
        Of<GruI1H3>(33, 5, Mixed, state: true), Of<GruI1H3>(1, 2),
        Of<GruI15H1>(7, 3, state: true),
        Of<GruI33H16>(7, 8, Mixed, state: true), Of<GruI33H16>(100, 1),
        Of<GruI48H48>(5, 2, state: true), Of<GruI48H48>(12, 1),
        Of<GruI40H33>(2, 13), Of<GruI40H33>(7, 3, Mixed, state: true),
        Of<GruI3H64>(7, 32, Mixed),
        Of<GruI20H256>(2, 3, state: true),
        Of<GruBeforeI3H1>(7, 3, state: true), Of<GruBeforeI3H1>(2, 1, Zero, state: true),
        Of<GruBeforeI16H15>(7, 13, Mixed, state: true), Of<GruBeforeI16H15>(33, 1),
        Of<GruBeforeI17H40>(7, 5, Mixed, state: true), Of<GruBeforeI17H40>(2, 32),
        Of<GruBeforeI1H128>(7, 2, state: true),
        Of<ElmanI1H16>(33, 3, Mixed, state: true), Of<ElmanI1H16>(1, 1),
        Of<ElmanI17H33>(7, 8, Mixed, state: true), Of<ElmanI17H33>(100, 2),
        Of<ElmanI64H128>(7, 3, state: true),
        Of<ElmanReluI40H3>(7, 5, Mixed, state: true),
        Of<ElmanReluI20H64>(7, 13, state: true),
    ];
}

/// <summary>Cases of options of cells and stacks.</summary>
public sealed class VariantCases : IEngineCases
{
    public static IReadOnlyList<CaseShape> Cases { get; } =
    [
        Of<LstmStacked>(7, 5, Mixed, state: true), Of<LstmStacked>(33, 1),
        Of<LstmBidirectional>(7, 5, Mixed, state: true), Of<LstmBidirectional>(1, 3),
        Of<LstmStackedBidirectional>(7, 8, Mixed, state: true), Of<LstmStackedBidirectional>(2, 2, state: true),
        Of<LstmProjection>(7, 5, Mixed, state: true), Of<LstmProjection>(33, 1, state: true),
        Of<LstmProjectionStackedBidirectional>(7, 5, Mixed, state: true),
        Of<LstmPeepholes>(7, 5, Mixed, state: true), Of<LstmPeepholes>(33, 2),
        Of<LstmCoupled>(7, 5, Mixed, state: true), Of<LstmCoupled>(2, 1),
        Of<LstmPeepholesProjectionCoupled>(7, 5, Mixed, state: true), Of<LstmPeepholesProjectionCoupled>(1, 1),
        Of<LstmNoBias>(7, 3, Mixed, state: true),
        Of<LstmHardSigmoidRelu>(7, 3, Mixed, state: true),
        Of<LstmKeras2>(7, 3, Mixed, state: true),
        Of<LstmTanhSigmoid>(7, 3, state: true),
        Of<LstmReluLinear>(7, 3, state: true),
        Of<GruStacked>(7, 5, Mixed, state: true), Of<GruStacked>(33, 1),
        Of<GruStackedBidirectional>(7, 5, Mixed, state: true),
        Of<GruBeforeStackedBidirectional>(7, 5, Mixed, state: true),
        Of<GruNoBias>(7, 3, Mixed, state: true),
        Of<GruBeforeNoBias>(7, 3, Mixed, state: true),
        Of<GruHardSigmoidLinear>(7, 3, state: true),
        Of<GruBeforeHardSigmoidRelu>(7, 3, Mixed, state: true),
        Of<ElmanStackedBidirectional>(7, 5, Mixed, state: true),
        Of<FastLstm>(7, 5, Mixed, state: true), Of<FastLstm>(33, 1),
        Of<FastGruElman>(7, 5, Mixed, state: true), Of<FastGruElman>(33, 1),

        // more rows than are computed at a time, so that chunks meet
        Of<LstmStackedBidirectional>(300, 2, Mixed, state: true), Of<GruStacked>(271, 4, Mixed, state: true),
        Of<LstmPeepholes>(2, 520, Mixed, state: true),

        // more calls than one method makes
        Of<ElmanTall>(2, 2, Mixed, state: true),
        Of<ElmanNoBias>(7, 3, state: true),
    ];
}

/// <summary>Cases of models of several layers.</summary>
public sealed class ComposedCases : IEngineCases
{
    public static IReadOnlyList<CaseShape> Cases { get; } =
    [
        Of<HeadOfEveryActivation>(7, 5, Mixed, state: true), Of<HeadOfEveryActivation>(1, 1), Of<HeadOfEveryActivation>(33, 8),
        Of<SoftmaxClassifier>(7, 5, Mixed, state: true), Of<SoftmaxClassifier>(2, 1),
        Of<SigmoidTagger>(7, 5, Mixed, state: true), Of<SigmoidTagger>(33, 2),
        Of<LanguageModel>(7, 5, Mixed, state: true), Of<LanguageModel>(33, 1),
        Of<Sentiment>(7, 8, Mixed, state: true), Of<Sentiment>(1, 3),
        Of<LastOfProjection>(7, 5, Mixed, state: true), Of<LastOfProjection>(7, 1),
        Of<LastOfElman>(7, 5, Mixed, state: true), Of<LastOfElman>(1, 2),
        Of<Normalised>(7, 5, Mixed, state: true), Of<Normalised>(33, 1),
        Of<Residual>(7, 5, Mixed, state: true), Of<Residual>(2, 13),
        Of<Branches>(7, 5, Mixed, state: true), Of<Branches>(2, 3),
        Of<LastStatesJoined>(7, 5, Mixed, state: true), Of<LastStatesJoined>(2, 1),
        Of<Dropped>(7, 5, Mixed, state: true), Of<Dropped>(33, 2),
        Of<DroppedBidirectional>(7, 5, Mixed, state: true), Of<DroppedBidirectional>(2, 2),
        Of<Container.Nested>(7, 3, Mixed, state: true),
    ];
}

/// <summary>Cases of weights in reduced formats, in inference; training computes with them as they are.</summary>
public sealed class ReducedCases : IEngineCases
{
    public static IReadOnlyList<CaseShape> Cases { get; } =
    [
        Of<BFloat16LstmI1H1>(7, 5, Mixed, state: true), Of<BFloat16LstmI1H1>(33, 1),
        Of<BFloat16LstmI5H7>(7, 5, Mixed, state: true), Of<BFloat16LstmI5H7>(7, 1),
        Of<BFloat16LstmI20H33>(7, 5, Mixed, state: true), Of<BFloat16LstmI20H33>(12, 1, state: true),
        Of<BFloat16LstmI3H24>(7, 13, state: true), Of<BFloat16LstmI3H24>(9, 2),
        Of<BFloat16GruI9H17>(7, 5, Mixed, state: true), Of<BFloat16GruI9H17>(12, 1),
        Of<BFloat16GruBeforeI6H33>(7, 5, Mixed, state: true), Of<BFloat16GruBeforeI6H33>(12, 1, state: true),
        Of<BFloat16ElmanReluI40H7>(7, 5, Mixed, state: true), Of<BFloat16ElmanReluI40H7>(12, 1),
        Of<BFloat16LstmEverything>(5, 5, Mixed, state: true), Of<BFloat16LstmEverything>(7, 1, state: true),
        Of<BFloat16LstmProjectionPeepholes>(7, 5, Mixed, state: true), Of<BFloat16LstmProjectionPeepholes>(12, 1),
        Of<BFloat16Classifier>(5, 5, Mixed, state: true), Of<BFloat16Classifier>(5, 1),
        Of<Int8LstmI1H1>(7, 5, Mixed, state: true), Of<Int8LstmI1H1>(33, 1),
        Of<Int8LstmI5H7>(7, 5, Mixed, state: true), Of<Int8LstmI5H7>(7, 1),
        Of<Int8LstmI20H33>(7, 5, Mixed, state: true), Of<Int8LstmI20H33>(12, 1, state: true),
        Of<Int8LstmI3H24>(7, 13, state: true), Of<Int8LstmI3H24>(9, 2),
        Of<Int8GruI9H17>(7, 5, Mixed, state: true), Of<Int8GruI9H17>(12, 1),
        Of<Int8GruBeforeI6H33>(7, 5, Mixed, state: true), Of<Int8GruBeforeI6H33>(12, 1, state: true),
        Of<Int8ElmanReluI40H7>(7, 5, Mixed, state: true), Of<Int8ElmanReluI40H7>(12, 1),
        Of<Int8LstmEverything>(5, 5, Mixed, state: true), Of<Int8LstmEverything>(7, 1, state: true),
        Of<Int8LstmProjectionPeepholes>(7, 5, Mixed, state: true), Of<Int8LstmProjectionPeepholes>(12, 1),
        Of<Int8Classifier>(5, 5, Mixed, state: true), Of<Int8Classifier>(5, 1),
        Of<MixedFormats>(7, 5, Mixed, state: true), Of<MixedFormats>(12, 1, state: true),
        Of<OneReducedLayer>(7, 5, Mixed, state: true), Of<OneReducedLayer>(12, 1, state: true),
    ];
}
