namespace RnnCodegen.Generators.Graph;

/// <summary>What a node's backward pass does to the rows of a gradient that nothing was written to before.</summary>
internal enum GradientRows
{
    /// <summary>It writes each feature and leaves what stands behind the features of a row.</summary>
    Features,

    /// <summary>It writes rows whole, with zeros behind their features.</summary>
    Whole,

    /// <summary>It adds to some of the rows, and so needs zeros to start from.</summary>
    Sums,
}

/// <summary>How a node's gradient reaches one of the values that it reads.</summary>
/// <param name="Value">The value.</param>
/// <param name="Adds">Whether a node that comes later wrote the value's gradient already, so that this one is added.</param>
internal readonly record struct GradientWrite(Value Value, bool Adds);

/// <summary>A node's place in the backward pass.</summary>
/// <param name="Node">The node.</param>
/// <param name="Writes">What happens to the gradient of each value that it reads, in the order of <see cref="Node.Reads"/>.</param>
internal sealed record NodeGradient(Node Node, IReadOnlyList<GradientWrite> Writes)
{
    /// <summary>
    /// Values whose rows need zeros behind their features before the node writes: products multiply what stands there with zeros, and NaN
    /// would stay.
    /// </summary>
    public IEnumerable<Value> NeedPadding => Node.Writes == GradientRows.Features ? Writes.Where(w => !w.Adds).Select(w => w.Value) : [];

    /// <summary>Values whose gradient needs zeros before the node adds to some of its rows.</summary>
    public IEnumerable<Value> NeedZeros => Node.Writes == GradientRows.Sums ? Writes.Where(w => !w.Adds).Select(w => w.Value) : [];
}

/// <summary>The adjoint of a model: its nodes in the order in which gradients pass through them.</summary>
/// <param name="Nodes">The nodes, the last first.</param>
internal sealed record ModelGradient(IReadOnlyList<NodeGradient> Nodes)
{
    public static ModelGradient Of(ModelGraph graph)
    {
        // The caller writes the output's; a value that several nodes read gets their gradients one after the other.
        var written = new HashSet<Value> { graph.Output };
        return new ModelGradient(
            [.. graph.Nodes.Reverse().Select(n => new NodeGradient(n, [.. n.Reads.Select(v => new GradientWrite(v, !written.Add(v)))]))]);
    }
}
