namespace RnnCodegen;

/// <summary>Runs an encoder over one source, and hands its final state to a decoder.</summary>
internal sealed class SourceReader(ModelCore encoder)
{
    private readonly ModelState _final = encoder.CreateState();
    private float[] _output = [];

    public void Read(ReadOnlySpan<int> tokens, ModelState state)
    {
        encoder.Run(tokens, Output(tokens.Length), tokens.Length, finalState: _final);
        state.CopyAcross(_final);
    }

    public void Read(ReadOnlySpan<float> rows, ModelState state)
    {
        var steps = rows.Length / Math.Max(1, encoder.Definition.InputSize);
        encoder.Run(rows, Output(steps), steps, finalState: _final);
        state.CopyAcross(_final);
    }

    private Span<float> Output(int steps)
    {
        var length = checked((encoder.Definition.OutputIsSequence ? steps : 1) * encoder.Definition.OutputSize);
        if (_output.Length < length)
        {
            _output = new float[length];
        }

        return _output.AsSpan(0, length);
    }
}
