namespace RnnCodegen.Interchange.Onnx;

/// <summary>
/// The functions of a recurrent node: lists over directions, whose alphas and betas are consumed in order by the functions that take one.
/// </summary>
internal static class RecurrentActivations
{
    /// <summary>The functions of each direction with their alphas (NaN for the function's default or none).</summary>
    public static (Activation Function, float Alpha)[][] Read(NodeReader n, RecurrentCell cell, int directions)
    {
        var names = n.Texts("activations");
        var (alphas, betas) = (new Queue<float>(n.Reals("activation_alpha") ?? []), new Queue<float>(n.Reals("activation_beta") ?? []));
        if (names is null || names.Count == 0)
        {
            return [.. Enumerable.Range(0, directions).Select(_ => cell.Defaults.Select(a => (a, float.NaN)).ToArray())];
        }

        if (names.Count != directions * cell.Defaults.Length)
        {
            throw n.Refuse(
                "attribute activations " +
                $"names {names.Count} functions; {directions} direction{(directions == 1 ? "" : "s")} of {cell.Op} take " +
                $"{directions * cell.Defaults.Length}");
        }

        var (given, takesAny) = (alphas.Count, false);
        var all = new (Activation Function, float Alpha)[names.Count];
        for (var k = 0; k < all.Length; k++)
        {
            (all[k].Function, all[k].Alpha, var takes) = One(n, names[k], alphas, betas);
            takesAny |= takes;
        }

        // Whoever writes a value for every function and whoever writes one for those that take it mean different things; only where no
        // function takes one, they mean the same.
        if (takesAny && alphas.Count > 0)
        {
            throw n.Refuse(
                $"attribute activation_alpha has {given} values, of which its functions take {given - alphas.Count}; give as many " +
                "as they take");
        }

        return [.. all.Chunk(cell.Defaults.Length)];
    }

    private static (Activation Function, float Alpha, bool Takes) One(NodeReader n, string name, Queue<float> alphas, Queue<float> betas)
    {
        switch (name.ToUpperInvariant())
        {
            case "SIGMOID":
                return (Activation.Sigmoid, float.NaN, false);
            case "TANH":
                return (Activation.Tanh, float.NaN, false);
            case "RELU":
                return (Activation.Relu, float.NaN, false);
            case "SOFTPLUS":
                return (Activation.Softplus, float.NaN, false);
            case "LEAKYRELU":
                return (Activation.LeakyRelu, ActivationNames.Alpha(n, Activation.LeakyRelu, Next(alphas, ActivationNames.LeakyReluAlpha)),
                    true);
            case "ELU":
                return (Activation.Elu, ActivationNames.Alpha(n, Activation.Elu, Next(alphas, ActivationNames.EluAlpha)), true);
            case "HARDSIGMOID":
                var (slope, shift) = (Next(alphas, ActivationNames.HardSigmoidKeras2Alpha), Next(betas, ActivationNames.HardSigmoidBeta));
                return (ActivationNames.HardSigmoid(slope, shift)
                    ?? throw n.Refuse($"attribute activations: HardSigmoid with alpha {slope} and beta {shift}; layers have 0.2 and 0.5, " +
                        "or 1/6 and 0.5"), float.NaN, true);
            case "AFFINE":
                // The defaults differ between the format and its main implementation, so they have to be given.
                var (scale, offset) = (Next(alphas, float.NaN), Next(betas, float.NaN));
                return scale == 1 && offset == 0 ? (Activation.Linear, float.NaN, true)
                    : throw n.Refuse($"attribute activations: Affine with alpha {scale} and beta {offset}; layers have 1 and 0");
            default:
                throw n.Refuse($"attribute activations: {name} has no counterpart");
        }
    }

    private static float Next(Queue<float> values, float otherwise) => values.TryDequeue(out var value) ? value : otherwise;
}
