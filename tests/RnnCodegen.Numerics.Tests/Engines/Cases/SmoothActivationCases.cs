using RnnCodegen.Numerics.Tests.Models;
using static RnnCodegen.Numerics.Tests.Engines.CaseShape;
using static RnnCodegen.Numerics.Tests.Engines.LengthKind;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>Cases of activations whose derivative the output does not say.</summary>
public sealed class SmoothActivationCases : IEngineCases
{
    public static IReadOnlyList<CaseShape> Cases { get; } =
    [
        Of<SmoothDense>(7, 5, Mixed, state: true), Of<SmoothDense>(33, 1), Of<SmoothDense>(1, 1),
        Of<SmoothRows>(7, 5, Mixed, state: true), Of<SmoothRows>(12, 1),
        Of<SmoothCells>(7, 5, Mixed, state: true), Of<SmoothCells>(12, 1), Of<SmoothCells>(2, 13),
    ];
}
