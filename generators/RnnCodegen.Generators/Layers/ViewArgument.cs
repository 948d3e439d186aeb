namespace RnnCodegen.Generators.Layers;

/// <summary>An argument of a view's constructor that each layer has.</summary>
internal enum ViewArgument
{
    /// <summary>The model's parameters.</summary>
    Parameters,

    /// <summary>The layer's name.</summary>
    Name,

    /// <summary>The names of the layers read, an argument each.</summary>
    Sources,
}
