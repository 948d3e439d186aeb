using System.ComponentModel;
using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>A model's view of a pooling of windows over time.</summary>
public sealed class Pool1dLayer
{
    /// <summary>For generated code.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public Pool1dLayer(string name, Pooling pooling, TimeWindow window) => (Name, Pooling, Window) = (name, pooling, window);

    /// <summary>The property's name.</summary>
    public string Name { get; }

    /// <summary>Mean or maximum.</summary>
    public Pooling Pooling { get; }

    /// <summary>Which input steps each output sees.</summary>
    public TimeWindow Window { get; }
}
