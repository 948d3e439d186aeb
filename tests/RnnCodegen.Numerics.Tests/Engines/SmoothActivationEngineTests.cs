using RnnCodegen.Numerics.Tests.Models;
using static RnnCodegen.Numerics.Tests.Engines.EngineCase;
using static RnnCodegen.Numerics.Tests.Engines.LengthKind;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>Every case on every engine: activations whose derivative the output does not say.</summary>
public class SmoothActivationEngineTests : EngineTests<SmoothActivationEngineTests>, IEngineCases
{
    static IReadOnlyList<EngineCase> IEngineCases.Cases { get; } =
    [
        Of<SmoothDense>(7, 5, Mixed, state: true), Of<SmoothDense>(33, 1), Of<SmoothDense>(1, 1),
        Of<SmoothRows>(7, 5, Mixed, state: true), Of<SmoothRows>(12, 1),
        Of<SmoothCells>(7, 5, Mixed, state: true), Of<SmoothCells>(12, 1), Of<SmoothCells>(2, 13),
    ];
}
