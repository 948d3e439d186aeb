using RnnCodegen.Numerics.Tests.Models;
using static RnnCodegen.Numerics.Tests.Engines.CaseShape;
using static RnnCodegen.Numerics.Tests.Engines.LengthKind;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>Cases of cells that multiply x alone.</summary>
public sealed class MinimalCases : IEngineCases
{
    public static IReadOnlyList<CaseShape> Cases { get; } =
    [
        Of<MinGruI1H1>(7, 3, Mixed, state: true), Of<MinGruI1H1>(33, 1),
        Of<MinGruI17H33>(7, 13, Mixed, state: true), Of<MinGruI17H33>(100, 1), Of<MinGruI17H33>(2, 5, Zero, state: true),
        Of<MinGruStack>(7, 5, Mixed, state: true), Of<MinGruStack>(7, 5, Mixed), Of<MinGruStack>(12, 1),
        Of<MinGruOptions>(7, 5, Mixed, state: true), Of<MinGruOptions>(12, 1), Of<MinGruOptions>(1, 3, Zero, state: true),
        Of<MinGruBFloat16>(7, 5, Mixed, state: true), Of<MinGruBFloat16>(12, 1),
        Of<MinGruInt8>(7, 5, Mixed, state: true), Of<MinGruInt8>(12, 1),
        Of<MinLstmI1H1>(7, 3, Mixed, state: true), Of<MinLstmI1H1>(33, 1),
        Of<MinLstmI17H33>(7, 13, Mixed, state: true), Of<MinLstmI17H33>(100, 1), Of<MinLstmI17H33>(2, 5, Zero, state: true),
        Of<MinLstmStack>(7, 5, Mixed, state: true), Of<MinLstmStack>(7, 5, Mixed), Of<MinLstmStack>(12, 1),
        Of<MinLstmOptions>(7, 5, Mixed, state: true), Of<MinLstmOptions>(12, 1), Of<MinLstmOptions>(1, 3, Zero, state: true),
        Of<MinLstmBFloat16>(7, 5, Mixed, state: true), Of<MinLstmBFloat16>(12, 1),
        Of<MinLstmInt8>(7, 5, Mixed, state: true), Of<MinLstmInt8>(12, 1),
        Of<MinLstmFast>(7, 5, Mixed, state: true), Of<MinLstmFast>(12, 1),
    ];
}
