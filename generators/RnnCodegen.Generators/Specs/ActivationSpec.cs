namespace RnnCodegen.Generators.Specs;

/// <summary>An activation with its constant, wherever a layer has one.</summary>
/// <param name="Kind">The function.</param>
/// <param name="Alpha">Its alpha, positive; 0 for functions that have none, so that equal functions are equal specs.</param>
internal readonly record struct ActivationSpec(ActivationKind Kind, float Alpha)
{
    /// <summary>Whether the function has an alpha to choose.</summary>
    public bool HasAlpha => HasAlphaOf(Kind);

    /// <summary>The function with the alpha it has where its layer gives none.</summary>
    public static implicit operator ActivationSpec(ActivationKind kind) => Of(kind, float.NaN);

    /// <summary>The function with a layer's alpha, which does not matter to functions without one; NaN for the function's own.</summary>
    public static ActivationSpec Of(ActivationKind kind, float alpha) => new(kind, kind switch
    {
        _ when !HasAlphaOf(kind) => 0,
        _ when !float.IsNaN(alpha) => alpha,
        ActivationKind.LeakyRelu => 0.01f,
        _ => 1,
    });

    private static bool HasAlphaOf(ActivationKind kind) => kind is ActivationKind.LeakyRelu or ActivationKind.Elu;
}
