using RnnCodegen.Generators.Diagnostics;
using RnnCodegen.Generators.Layers;

namespace RnnCodegen.Generators.Specs;

// The law of this folder: a spec is flat, immutable and compares by value. It holds no symbol, no syntax and no
// array without value equality, because it is what Roslyn caches between edits.

/// <summary>One model as its author annotated it, checked: Parsing emits a spec only when no error was found in it.</summary>
/// <param name="Namespace">Namespace as written in code, keywords with their @; empty for the global one.</param>
/// <param name="ContainingTypes">Types around the class, outermost first; empty for a top-level class.</param>
/// <param name="Name">Class name.</param>
/// <param name="InputSize">Features of an input row; 0 where the first layer is an embedding (the input is token ids).</param>
/// <param name="Output">The transform that inference applies to the output row.</param>
/// <param name="ActivationAccuracy">How exactly layers compute sigmoid and tanh.</param>
/// <param name="Layers">Layers in order; the last one is the model's output.</param>
internal sealed record ModelSpec(
    string Namespace,
    EquatableArray<ContainingTypeSpec> ContainingTypes,
    string Name,
    int InputSize,
    OutputTransformKind Output,
    ActivationAccuracyKind ActivationAccuracy,
    EquatableArray<LayerSpec> Layers)
{
    /// <summary>Features of a row of the memory that attention reads; 0 where there is none.</summary>
    public int MemorySize { get; init; }

    /// <summary>Whether the model has device code, and the members that bring it to a device.</summary>
    public bool HasCuda { get; init; }

    /// <summary>What device code rounds the operands of large products to.</summary>
    public CudaPrecisionKind CudaPrecision { get; init; }

    /// <summary>Members of the class, its author's or inherited, whose names start as those of generated fields do.</summary>
    public EquatableArray<string> OwnNames { get; init; }

    /// <summary>The generated members that hide inherited ones.</summary>
    public EquatableArray<string> Hiding { get; init; }

    /// <summary>The members for embedded files that the class cannot get, because it has something else under their names.</summary>
    public EquatableArray<string> FreeOfFiles { get; init; }

    /// <summary>Whether the project checks integers for overflow unless told otherwise.</summary>
    public bool ChecksOverflow { get; init; }

    /// <summary>Name of the project's assembly.</summary>
    public string Assembly { get; init; } = "";

    /// <summary>Starts the names of the model's files; no other model's do so.</summary>
    public string FileName { get; init; } = "";

    /// <summary>Where the class stands, for a failure of the generator's own; the code does not depend on it.</summary>
    public Aside<LocationInfo?> Place { get; init; }

    /// <summary>The activation that the outputs come from.</summary>
    public ActivationKind OutputActivation => Generators.Layers.OutputActivation.Of(Layers);

    /// <summary>Source index that means the model's input.</summary>
    public const int Input = -1;

    /// <summary>What authors write to read it; mirrors the runtime's <c>RnnModelAttribute.Input</c>.</summary>
    public const string InputName = "<input>";

    /// <summary>Full name: <c>Ns.Outer.Model</c>.</summary>
    public string HintName => string.Join(".", new[] { Namespace.Replace("@", "") }.Where(n => n.Length > 0)
        .Concat(ContainingTypes.Select(t => t.Name)).Append(Name));
}

/// <summary>
/// A type around a nested model: its keywords as written (<c>class</c>, <c>struct</c>, <c>record</c>, <c>record struct</c>,
/// <c>interface</c>) and name.
/// </summary>
internal sealed record ContainingTypeSpec(string Keyword, string Name)
{
    /// <summary>Its type parameters as written, of a type that no model can stand in or be; empty for none.</summary>
    public string TypeParameters { get; init; } = "";
}
