namespace RnnCodegen;

/// <summary>Base of the attributes that make a partial property a layer.</summary>
[AttributeUsage(AttributeTargets.Property, Inherited = false)]
public abstract class LayerAttribute : Attribute
{
    private protected LayerAttribute()
    {
    }
}

/// <summary>Base of the layers that read one other layer.</summary>
public abstract class ChainedLayerAttribute : LayerAttribute
{
    private protected ChainedLayerAttribute()
    {
    }

    /// <summary>Name of the layer whose output this one reads; the member before it (or the model's input) when not set.</summary>
    public string? From { get; set; }
}
