using RnnCodegen.Numerics.Tests.Models;
using static RnnCodegen.Numerics.Tests.Engines.CaseShape;
using static RnnCodegen.Numerics.Tests.Engines.LengthKind;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>Cases of embeddings that read columns of the input.</summary>
public sealed class CategoryCases : IEngineCases
{
    public static IReadOnlyList<CaseShape> Cases { get; } =
    [
        Of<CategoryFirst>(7, 5, Mixed, state: true), Of<CategoryFirst>(33, 1), Of<CategoryFirst>(1, 1), Of<CategoryFirst>(2, 5, Zero),
        Of<CategoriesBetween>(7, 5, Mixed, state: true), Of<CategoriesBetween>(33, 1, state: true), Of<CategoriesBetween>(2, 13),
        Of<CategoryAlone>(7, 5, Mixed, state: true), Of<CategoryAlone>(12, 1),
        Of<CategoryStrided>(8, 5, Mixed, state: true), Of<CategoryStrided>(12, 1, state: true), Of<CategoryStrided>(9, 3),
        Of<CategoryLast>(7, 5, Mixed), Of<CategoryLast>(33, 1),

        // more rows than are computed at a time, so that segments of a sequence meet
        Of<CategoryFirst>(700, 2, Mixed, state: true),
    ];
}
