using System.Runtime.InteropServices;
using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <content>What the last step of a stream attended to.</content>
public sealed partial class ModelState
{
    private float[] _attention = [];
    private int[] _attentionRows = [];
    private int _attendedSteps;

    /// <summary>
    /// Whether each Step with this state keeps what the model's attention layers attend to, for <see cref="AttentionOf"/>; no unless set.
    /// Memory for it is allocated by the first such step, and where the attended memory has grown.
    /// </summary>
    /// <exception cref="InvalidOperationException">It is set, and the model has no attention layer.</exception>
    public bool KeepsAttention
    {
        get;
        set
        {
            if (value && Definition.AttentionLayers.Count == 0)
            {
                throw new InvalidOperationException($"{Definition.Name} has no [Attention] layer.");
            }

            field = value;
        }
    }

    /// <summary>
    /// How much the last Step with this state attended to each row of the memory: S weights that add up to 1, with 0 past the memory's
    /// valid rows. They stand until the next step.
    /// </summary>
    /// <param name="layer">The attention layer's name; may be null where the model has one.</param>
    /// <exception cref="InvalidOperationException">The last Step was not to keep them, or there was none.</exception>
    /// <exception cref="ArgumentException">The model has no such layer, or several and none is named.</exception>
    public ReadOnlySpan<float> AttentionOf(string? layer = null)
    {
        if (_attendedSteps == 0)
        {
            throw new InvalidOperationException(
                $"The state has no weights of attention: set {nameof(KeepsAttention)}, then call Step with it.");
        }

        var place = Definition.AttentionPlace(layer);
        var row = (place * Definition.StepRows) + Math.Max(0, _attentionRows[place] - 1);
        return _attention.AsSpan(row * _attendedSteps, _attendedSteps);
    }

    /// <summary>Gives a step room for the weights of attention layers, where they are kept.</summary>
    internal unsafe void BindAttention(ref ModelCall call)
    {
        call.AttentionWeights = null;
        if (LayAttention(call.MemorySteps))
        {
            call.Steps = Definition.StepRows;
            call.AttentionWeights = (float*)Marshal.UnsafeAddrOfPinnedArrayElement(_attention, 0);
            call.AttentionSteps = (int*)Marshal.UnsafeAddrOfPinnedArrayElement(_attentionRows, 0);
        }
    }

    /// <summary>Makes room for the weights of a step's attention layers, and forgets those of the step before.</summary>
    /// <param name="memorySteps">Rows S of the memory.</param>
    /// <returns>Whether they are kept at all.</returns>
    internal bool LayAttention(int memorySteps)
    {
        ForgetAttention();
        if (!KeepsAttention)
        {
            return false;
        }

        var layers = Definition.AttentionLayers.Count;
        var length = ModelChecks.Product(layers, Definition.StepRows, memorySteps);
        if (_attention.Length < ModelChecks.Room(Definition, "The weights of attention", length, Definition.StepRows, 1))
        {
            _attention = GC.AllocateUninitializedArray<float>((int)length, pinned: true);
        }

        if (_attentionRows.Length == 0)
        {
            _attentionRows = GC.AllocateArray<int>(layers, pinned: true);
        }

        _attentionRows.AsSpan().Clear();
        _attendedSteps = memorySteps;
        return true;
    }

    /// <summary>Forgets the weights of the step before.</summary>
    internal void ForgetAttention() => _attendedSteps = 0;

    /// <summary>Where a layer's weights in a step go, of so many rows.</summary>
    internal Span<float> AttentionRows(int layer, int rows)
    {
        _attentionRows[layer] = rows;
        return _attention.AsSpan(layer * Definition.StepRows * _attendedSteps, rows * _attendedSteps);
    }
}
