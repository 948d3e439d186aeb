using RnnCodegen.Numerics.Tests.Models;
using static RnnCodegen.Numerics.Tests.Engines.CaseShape;
using static RnnCodegen.Numerics.Tests.Engines.LengthKind;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>Cases of convolutions inside rows.</summary>
public sealed class RowConvolutionCases : IEngineCases
{
    public static IReadOnlyList<CaseShape> Cases { get; } =
    [
        Of<SpectraThenLstm>(7, 5, Mixed, state: true), Of<SpectraThenLstm>(1, 1), Of<SpectraThenLstm>(33, 2, Zero),
        Of<RowConvOfState>(7, 5, Mixed, state: true), Of<RowConvOfState>(1, 2), Of<RowConvOfState>(9, 1),
        Of<RowConvTwice>(7, 5, Mixed, state: true), Of<RowConvTwice>(12, 1),
        Of<RowConvWhole>(5, 3, Mixed), Of<RowConvWhole>(1, 1),
        Of<RowConvBehindStride>(12, 5, Mixed, state: true), Of<RowConvBehindStride>(4, 1, state: true),
        Of<RowConvOfManyPlaces>(6, 5, Mixed), Of<RowConvOfManyPlaces>(3, 1),
        Of<RowConvWiderThanRows>(5, 3, Mixed), Of<RowConvWiderThanRows>(1, 1), Of<RowConvI16>(5, 3, Mixed),
        Of<RowConvBFloat16>(7, 5, Mixed, state: true), Of<RowConvBFloat16>(20, 1),
        Of<RowConvInt8>(8, 5, Mixed), Of<RowConvInt8>(9, 1),
    ];
}
