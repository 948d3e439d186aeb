using RnnCodegen.Runtime;
using Xunit;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>
/// Runs a table of cases on the code of every width; each table is a class of tests, so that tables run beside each other. The same tables
/// are run on interpreted programs by the generator's tests.
/// </summary>
public abstract class EngineTests<TCases>
    where TCases : IEngineCases
{
    // What the reference says of a case is computed once for all widths.
    private static readonly Dictionary<string, EngineCase> s_cases = TCases.Cases.ToDictionary(s => s.Name, s => new EngineCase(s));

    public static TheoryData<string, SimdWidth> Rows()
    {
        var rows = new TheoryData<string, SimdWidth>();
        foreach (var name in s_cases.Keys)
        {
            foreach (var width in Enum.GetValues<SimdWidth>())
            {
                rows.Add(name, width);
            }
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Engine_equals_reference(string name, SimdWidth width) => s_cases[name].Check(width);
}

/// <summary>Every case on every engine: plain layers.</summary>
public class PlainEngineTests : EngineTests<PlainCases>;

/// <summary>Every case on every engine: options of cells and stacks.</summary>
public class VariantEngineTests : EngineTests<VariantCases>;

/// <summary>Every case on every engine: models of several layers.</summary>
public class ComposedEngineTests : EngineTests<ComposedCases>;

/// <summary>Every case on every engine: weights in reduced formats, in inference; training computes with them as they are.</summary>
public class ReducedEngineTests : EngineTests<ReducedCases>;

/// <summary>Every case on every engine: convolutions, poolings and attention over time.</summary>
public class TimeEngineTests : EngineTests<TimeCases>;

public class RowConvolutionEngineTests : EngineTests<RowConvolutionCases>;

/// <summary>Every case on every engine: cells that multiply x alone.</summary>
public class MinimalEngineTests : EngineTests<MinimalCases>;

/// <summary>Every case on every engine: dropout inside cells, with the masks read back, and its mean in inference.</summary>
public class NoiseEngineTests : EngineTests<NoiseCases>;

/// <summary>Every case on every engine: normalised gates, and layers of rows that are one walk along a row.</summary>
public class NormalizedEngineTests : EngineTests<NormalizedCases>;

/// <summary>Every case on every engine: bounds, activations with an alpha, layers in reverse, learned initial states.</summary>
public class CellOptionEngineTests : EngineTests<CellOptionCases>;

/// <summary>Every case on every engine: layers that work row by row.</summary>
public class RowLayerEngineTests : EngineTests<RowLayerCases>;

/// <summary>Every case on every engine: activations whose derivative the output does not say.</summary>
public class SmoothActivationEngineTests : EngineTests<SmoothActivationCases>;

/// <summary>Every case on every engine: embeddings that read columns of the input.</summary>
public class CategoryEngineTests : EngineTests<CategoryCases>;
