using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>Runs an encoder over one source, and hands its final state to a decoder.</summary>
internal sealed class SourceReader(ModelCore encoder)
{
    private readonly ModelState _final = encoder.CreateState();
    private float[] _output = [];

    public void Read(ReadOnlySpan<int> tokens, ModelState state)
    {
        var output = Output(tokens.Length);
        encoder.Run(tokens, output, tokens.Length, finalState: _final);
        Hand(output, state);
    }

    public void Read(ReadOnlySpan<float> rows, ModelState state)
    {
        var steps = rows.Length / Math.Max(1, encoder.Definition.InputSize);
        var output = Output(steps);
        encoder.Run(rows, output, steps, finalState: _final);
        Hand(output, state);
    }

    /// <summary>The final state becomes the decoder's initial one, and the outputs what it attends to.</summary>
    private void Hand(ReadOnlySpan<float> output, ModelState state)
    {
        state.CopyAcross(_final);
        if (state.Definition.MemorySize > 0)
        {
            state.SetMemory(output, output.Length / encoder.Definition.OutputSize);
        }
    }

    private Span<float> Output(int steps)
    {
        var encoded = encoder.Definition.OutputRows(steps, 1) * encoder.Definition.OutputSize;
        var length = (int)ModelChecks.Room(encoder.Definition, "The output", encoded, steps, 1);
        if (_output.Length < length)
        {
            _output = new float[length];
        }

        return _output.AsSpan(0, length);
    }
}
