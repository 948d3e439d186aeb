using System.ComponentModel;

namespace RnnCodegen;

/// <summary>A model's view of attention to a memory.</summary>
public sealed class AttentionLayer
{
    /// <summary>For generated code.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public AttentionLayer(ParameterSet parameters, string name, AttentionScore score)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        (Name, Score) = (name, score);
        Parameters = [.. parameters.Tensors.Where(t => t.Name.StartsWith($"{name}.", StringComparison.Ordinal))];
    }

    /// <summary>The property's name.</summary>
    public string Name { get; }

    /// <summary>How rows are scored.</summary>
    public AttentionScore Score { get; }

    /// <summary>
    /// The tensors: weight [Q, M] of <see cref="AttentionScore.General"/>; query_weight [U, Q], memory_weight [U, M] and score_weight [U]
    /// of <see cref="AttentionScore.Additive"/>; none of the others.
    /// </summary>
    public IReadOnlyList<Parameter> Parameters { get; }
}
