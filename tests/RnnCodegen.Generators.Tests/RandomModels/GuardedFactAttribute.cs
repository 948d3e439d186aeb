namespace RnnCodegen.Generators.Tests.RandomModels;

/// <summary>A test that guards memory; skipped with the reason where it cannot.</summary>
internal sealed class GuardedFactAttribute : FactAttribute
{
    public GuardedFactAttribute() => Skip = GuardedMemory.Missing;
}

/// <summary>A theory that guards memory; skipped with the reason where it cannot.</summary>
internal sealed class GuardedTheoryAttribute : TheoryAttribute
{
    public GuardedTheoryAttribute() => Skip = GuardedMemory.Missing;
}
