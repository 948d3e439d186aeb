using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Emission;

/// <summary>What is written for a model: files of its own, and the methods that it may share with other models.</summary>
internal sealed record EmittedModel(EquatableArray<(string HintName, string Text)> Files, EquatableArray<KernelMethod> Kernels)
{
    public static readonly EmittedModel Empty = new(default, default);
}

/// <summary>
/// A method of pointers and sizes, which belongs to no model. Its name follows from what it does alone: two of one name are one method.
/// </summary>
/// <param name="Class">The class it stands in: one a project and width.</param>
/// <param name="Width">Name of the machine that it is for.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Name">Its name.</param>
/// <param name="Text">Its text.</param>
internal sealed record KernelMethod(string Class, string Width, KernelKind Kind, string Name, string Text);

/// <summary>Kinds of shared methods, in the order in which a file has them: callers first.</summary>
internal enum KernelKind
{
    /// <summary>Equations, by themselves or with the product before them.</summary>
    Cell,

    /// <summary>A product of matrices of some sizes.</summary>
    Product,

    /// <summary>The loop over a register tile's terms.</summary>
    Tile,
}
