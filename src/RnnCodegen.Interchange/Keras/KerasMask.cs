namespace RnnCodegen.Interchange;

/// <summary>
/// A mask that a layer makes, and what the layers behind it do with it;
/// together they decide how such a model is given padded sequences here.
/// </summary>
/// <param name="layer">The layer that makes it.</param>
/// <param name="skips">What Keras skips, e.g. the steps whose id is 0.</param>
/// <param name="replaced">The value that the layer itself replaces by 0 at masked steps; 0 where it replaces none.</param>
internal sealed class KerasMask(KerasLayer layer, string skips, float replaced = 0)
{
    private string? _user;
    private string? _ignorer;

    /// <summary>Says that a layer leaves masked steps out, as one with lengths does here.</summary>
    public void UseIn(KerasLayer user) => _user ??= Text(user);

    /// <summary>Says that a layer counts masked steps, which one with lengths does not.</summary>
    public void IgnoreIn(KerasLayer ignorer) => _ignorer ??= Text(ignorer);

    /// <summary>Says how sequences have to be given.</summary>
    /// <param name="builder">Where it is said.</param>
    /// <param name="isOutput">Whether the model's output is a sequence that still has the mask.</param>
    public void Note(KerasBuilder builder, bool isOutput) => builder.Note(layer, (_user, _ignorer) switch
    {
        (_, null) => $"{skips}. Here lengths say where a sequence ends, so pad at the end and give " +
            $"lengths.{(isOutput ? " Rows behind the end are 0 here, but not in Keras." : "")}",
        (null, _) => $"{skips} where a layer has the mask, but {_ignorer} counts every step, and no layer before it skips any: give " +
            "padded sequences whole, without lengths."
            + (replaced == 0 ? "" : $" Give zeros in place of rows that all equal {replaced}."),
        _ =>
            $"{skips} in {_user}, but counts them in {_ignorer}. Lengths hold for all layers here, so what Keras makes of padded sequences "
                + "cannot be had: give sequences without padding, and without lengths.",
    });

    private static string Text(KerasLayer layer) => $"'{layer.Name}' ({layer.ClassName})";
}

/// <summary>What is known of a mask where rows are read.</summary>
/// <param name="Mask">The mask.</param>
/// <param name="IsLost">Whether a layer before dropped it, so that Keras counts all steps from there on.</param>
/// <param name="IsRepeated">Whether the rows at masked steps repeat those before, as recurrent layers give them.</param>
internal readonly record struct KerasMasked(KerasMask Mask, bool IsLost = false, bool IsRepeated = false)
{
    /// <summary>The mask behind a layer that leaves masked steps out.</summary>
    public static KerasMasked? Use(KerasLayer layer, KerasMasked? source, bool isRepeated = false)
    {
        if (source is not { IsLost: false } live)
        {
            return Drop(layer, source);
        }

        live.Mask.UseIn(layer);
        return live with { IsRepeated = isRepeated };
    }

    /// <summary>The mask behind a layer that mixes steps and knows of no mask.</summary>
    public static KerasMasked? Drop(KerasLayer layer, KerasMasked? source)
    {
        source?.Mask.IgnoreIn(layer);
        return Lose(source);
    }

    /// <summary>The mask behind a layer that passes none on, but mixes no steps either.</summary>
    public static KerasMasked? Lose(KerasMasked? source) => source is { } masked ? masked with { IsLost = true } : null;

    /// <summary>
    /// The mask behind a layer that joins others: a source without one makes all steps count, since Keras 3.4; before that it said nothing,
    /// and the others' mask held.
    /// </summary>
    public static KerasMasked? Join(KerasLayer layer, List<KerasRows> sources)
    {
        if (sources.Find(s => s.Masked is { IsLost: false }).Masked is not { } first)
        {
            return Lose(sources.Find(s => s.Masked is not null).Masked);
        }

        var isUnmaskedPassed = layer.Version.MergesPassMask;
        if (sources.TrueForAll(s => s.Masked is { IsLost: false } m ? m.Mask == first.Mask : isUnmaskedPassed))
        {
            return first with { IsRepeated = sources.TrueForAll(s => s.Masked is { IsRepeated: true }) };
        }

        foreach (var other in sources.Where(s => s.Masked is { } m && m.Mask != first.Mask))
        {
            other.Masked!.Value.Mask.IgnoreIn(layer);
            first.Mask.IgnoreIn(layer);
        }

        return Lose(first);
    }
}
