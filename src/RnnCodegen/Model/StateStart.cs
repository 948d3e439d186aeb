using RnnCodegen.Kernels;

namespace RnnCodegen;

/// <summary>The state before the first step where the caller gives none: each vector's learned values, zeros where it has none.</summary>
internal sealed unsafe class StateStart
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

    /// <summary>Floats of one sample's state, padding included.</summary>
    public int StateFloats { get; }

    /// <summary>Whether any vector has learned values.</summary>
    public bool IsLearned => _learned.Length > 0;

    /// <summary>Writes the start of so many samples, as a call for them has it.</summary>
    public void Fill(float* state, int samples)
    {
        new Span<float>(state, StateFloats * samples).Clear();
        foreach (var vector in _learned)
        {
            var values = _parameters.Values.Slice(vector.Offset, vector.Size);
            for (var sample = 0; sample < samples; sample++)
            {
                values.CopyTo(new Span<float>(vector.Row(state, samples, sample), vector.Size));
            }
        }
    }

    /// <summary>Adds what the state's gradient says of the learned values, summed over the samples, to the parameters' gradients.</summary>
    public void AddGradients(float* stateGradient, int samples, float* gradients)
    {
        // Sums and their low parts, of so many columns at a time.
        const int Block = 256;
        var sums = stackalloc float[2 * Block];
        foreach (var vector in _learned)
        {
            for (var column = 0; column < vector.Size; column += Block)
            {
                var count = Math.Min(Block, vector.Size - column);
                new Span<float>(sums, 2 * Block).Clear();
                RowOps.AddColumnSums(vector.Row(stateGradient, samples, 0) + column, vector.Stride, samples, count, sums, Block);
                RowOps.Add(sums + Block, count, sums, count, 1, count);
                RowOps.Add(sums, count, gradients + vector.Offset + column, count, 1, count);
            }
        }
    }

    /// <param name="Before">Floats a sample of the vectors before it.</param>
    /// <param name="Stride">Floats from one sample to the next.</param>
    /// <param name="Size">Values.</param>
    /// <param name="Offset">The first one among the parameters.</param>
    private readonly record struct LearnedVector(int Before, int Stride, int Size, int Offset)
    {
        public float* Row(float* state, int samples, int sample) => state + ((nint)Before * samples) + ((nint)Stride * sample);
    }
}
