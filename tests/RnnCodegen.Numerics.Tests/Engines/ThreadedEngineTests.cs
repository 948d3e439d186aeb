using RnnCodegen.Runtime;
using RnnCodegen.Numerics.Tests.Models;
using Xunit;
using static RnnCodegen.Numerics.Tests.Engines.CaseShape;
using static RnnCodegen.Numerics.Tests.Engines.LengthKind;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>
/// Batches that threads share equal the reference like others: even and uneven parts, every kind of layer at the parts' edges.
/// </summary>
[Collection("One team of workers")]
public class ThreadedEngineTests
{
    private static readonly CaseShape[] Shapes =
    [
        Of<LstmI17H17>(5, 27, Mixed, state: true), Of<LstmI40H20>(7, 32), Of<GruI40H33>(5, 25, Mixed, state: true),
        Of<GruBeforeI16H15>(4, 33, Mixed),
        Of<LstmStackedBidirectional>(7, 27, Mixed, state: true), Of<LstmPeepholesProjectionCoupled>(5, 26, Mixed, state: true),
        Of<HeadOfEveryActivation>(5, 27, Mixed, state: true), Of<SoftmaxClassifier>(5, 27, Mixed, state: true),
        Of<SigmoidTagger>(5, 27, Mixed),
        Of<LanguageModel>(5, 27, Mixed, state: true), Of<Sentiment>(5, 27, Mixed, state: true), Of<Normalised>(5, 27, Mixed, state: true),
        Of<Branches>(5, 27, Mixed, state: true), Of<LastStatesJoined>(5, 27, Mixed, state: true),
        Of<Dropped>(5, 27, Mixed, state: true), Of<DroppedBidirectional>(5, 27, Mixed, state: true),
        Of<RowLayers17>(5, 27, Mixed, state: true), Of<ReversedInput>(5, 27, Mixed, state: true),
        Of<RowLayersOfTokens>(5, 27, Mixed, state: true), Of<CategoriesBetween>(5, 27, Mixed, state: true),
        Of<ConvStrided>(13, 27, Mixed, state: true), Of<ConvPadded>(5, 27, Mixed, state: true),
        Of<SpectraThenLstm>(5, 27, Mixed, state: true), Of<RowConvOfManyPlaces>(5, 27, Mixed),
        Of<GloballyPooled>(5, 27, Mixed, state: true),
        Of<AttendingTwice>(5, 27, Mixed, state: true), Of<AttendingTokens>(5, 27, Mixed, state: true),
        Of<LstmLearnedStackedBidirectional>(5, 27, Mixed), Of<LearnedAndNot>(4, 33, Mixed), Of<EveryCellOption>(5, 27, Mixed, state: true),

        // parts of more rows than are computed at a time, so that chunks meet
        Of<GruStacked>(100, 24, Mixed, state: true),

        // masks inside cells, which are those of the whole batch whoever computes a part of it
        Of<LstmNoise>(5, 27, Mixed, state: true), Of<GruNoise>(7, 33, Mixed), Of<GruBeforeNoise>(5, 27, Mixed, state: true),
        Of<WindowNoise>(13, 27, Mixed, state: true),
    ];

    private static readonly Dictionary<string, EngineCase> Cases = Shapes.ToDictionary(s => s.Name, s => new EngineCase(s));

    public static TheoryData<string, SimdWidth, int> Rows()
    {
        var rows = new TheoryData<string, SimdWidth, int>();
        foreach (var name in Cases.Keys)
        {
            foreach (var width in Enum.GetValues<SimdWidth>())
            {
                rows.Add(name, width, 2);
                rows.Add(name, width, 3);
            }
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Engine_equals_reference(string name, SimdWidth width, int threads) => Cases[name].Check(width, threads);
}
