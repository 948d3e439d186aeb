using Xunit;

namespace RnnCodegen.Numerics.Tests.Training;

/// <summary>A fact that takes long and says little more than another one: run where RNNCODEGEN_SWEEPS is all, as in .ci/run.</summary>
public sealed class SweepFactAttribute : FactAttribute
{
    /// <summary>A fact of the long run.</summary>
    public SweepFactAttribute() => Skip = Environment.GetEnvironmentVariable("RNNCODEGEN_SWEEPS") == "all"
        ? null
        : "Takes long; RNNCODEGEN_SWEEPS=all runs it.";
}
