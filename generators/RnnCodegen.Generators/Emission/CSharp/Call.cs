namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>A call as a statement.</summary>
/// <param name="Method">What is called.</param>
/// <param name="Arguments">With what.</param>
internal sealed record Call(string Method, IReadOnlyList<string> Arguments)
{
    /// <summary>What must hold for it to be made; null where it always is.</summary>
    public string? Condition { get; init; }

    /// <summary>The locals that its arguments name.</summary>
    public IReadOnlyCollection<Local> Locals { get; init; } = [];

    public void Write(SourceWriter writer)
    {
        using (Condition is null ? default(SourceWriter.Scope?) : writer.Block($"if ({Condition})"))
        {
            writer.Call(Method, Arguments);
        }
    }
}

/// <summary>A local variable that a body declares where a call of it needs it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Declaration">Its declaration.</param>
/// <param name="Needs">Locals that the declaration names.</param>
internal sealed record Local(string Name, string Declaration, IReadOnlyList<Local> Needs);
