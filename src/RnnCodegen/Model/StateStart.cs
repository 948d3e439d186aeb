using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>The state before the first step where the caller gives none: each vector's learned values, zeros where it has none.</summary>
internal sealed class StateStart
{
    private readonly ParameterSet _parameters;
    private readonly LearnedVector[] _learned;

    public StateStart(ModelDefinition definition, ParameterSet parameters)
    {
        _parameters = parameters;
        var learned = new List<LearnedVector>();
        var before = 0;
        foreach (var slot in definition.State)
        {
            if (slot.InitialOffset >= 0)
            {
                learned.Add(new LearnedVector(before, AlignedBuffer.Stride(slot.Size), slot.Size, slot.InitialOffset));
            }

            before += AlignedBuffer.Stride(slot.Size);
        }

        (_learned, StateFloats) = ([.. learned], before);
    }

    /// <summary>The vectors whose first values are learned: their gradients, summed over the samples, are the parameters'.</summary>
    public ReadOnlySpan<LearnedVector> Learned => _learned;

    /// <summary>Floats of one sample's state, padding included.</summary>
    public int StateFloats { get; }

    /// <summary>Writes the start of so many samples, as a call for them has it.</summary>
    public void Fill(Span<float> state, int samples)
    {
        state[..(StateFloats * samples)].Clear();
        foreach (var vector in _learned)
        {
            var values = _parameters.Values.Slice(vector.Offset, vector.Size);
            for (var sample = 0; sample < samples; sample++)
            {
                values.CopyTo(state[((vector.Before * samples) + (vector.Stride * sample))..]);
            }
        }
    }
}

/// <summary>A vector of the state whose first values are learned.</summary>
/// <param name="Before">Floats a sample of the vectors before it.</param>
/// <param name="Stride">Floats from one sample to the next.</param>
/// <param name="Size">Values.</param>
/// <param name="Offset">The first one among the parameters.</param>
internal readonly record struct LearnedVector(int Before, int Stride, int Size, int Offset);
