using RnnCodegen.Runtime;

namespace RnnCodegen.Cuda;

/// <content>Run over more steps than the device shall have memory for at once.</content>
internal sealed unsafe partial class CudaEngine
{
    private float[] _carried = [];
    private int[] _lengthsOfPiece = [];

    /// <summary>
    /// Steps of a piece of a long Run, where the model does not need the whole sequence. Pieces end where chunks of time loops do, and
    /// steps of slower axes, and what remains is the last one's: so no product has so few rows in one that another kernel would take it,
    /// and the bits are those of one Run over all steps.
    /// </summary>
    private long PieceSteps(int batch) => Definition.CanStream
        ? (long)Math.Max(1, Division.ChunkRows / batch) * Definition.StepRows * Division.PieceChunks
        : long.MaxValue;

    /// <summary>Runs piece after piece: the state that one leaves is the next one's first.</summary>
    private void RunInPieces(
        int piece, ModelInput x, Span<float> y, int steps, int batch, ReadOnlySpan<int> lengths, ModelState? initial, ModelState? final)
    {
        using var turn = Begin();
        try
        {
            var call = NewCall();
            var attended = Bring(initial?.Memory);
            var longest = piece + (steps % piece);

            // The frame grows once.
            _ = _run.Lay(longest, batch, attended?.Steps ?? 0);
            for (int first = 0, count; first < steps; first += count)
            {
                count = steps - first == longest ? longest : piece;
                var isLast = first + count == steps;
                var shape = _run.Lay(count, batch, attended?.Steps ?? 0);
                WriteInput(_run, shape, call, attended, Piece(x, first, count, batch), Piece(lengths, first, count));
                if (first == 0)
                {
                    _states.WriteStart(_run, shape, initial);
                }
                else
                {
                    var states = _run.Floats(shape.States, shape.EndOfStates);
                    _carried.AsSpan(0, states.Length).CopyTo(states);
                }

                _run.Execute(shape, !_states.Any || (isLast && final is null) ? CudaPass.InferWithoutState : CudaPass.Infer);
                var rows = y[..checked((int)(Definition.OutputRows(count, batch) * Definition.OutputSize))];
                _run.Values(shape.Output, rows.Length).CopyTo(rows);
                y = Definition.OutputIsSequence ? y[rows.Length..] : y;
                if (isLast)
                {
                    _states.Read(_run, shape, final);
                }
                else
                {
                    Carry(shape);
                }
            }
        }
        catch (CudaException failure)
        {
            throw Failed(failure, _run);
        }
    }

    private void Carry(CudaShape shape)
    {
        var states = _run.Floats(shape.States, shape.EndOfStates);
        if (_carried.Length < states.Length)
        {
            _carried = new float[states.Length];
        }

        states.CopyTo(_carried);
    }

    private ModelInput Piece(ModelInput x, int first, int count, int batch) => Definition.TakesTokens
        ? new ModelInput(x.Tokens.Slice(first * batch, count * batch))
        : new ModelInput(x.Rows.Slice(first * batch * Definition.InputSize, count * batch * Definition.InputSize));

    private ReadOnlySpan<int> Piece(ReadOnlySpan<int> lengths, int first, int count)
    {
        if (_lengthsOfPiece.Length < lengths.Length)
        {
            _lengthsOfPiece = new int[lengths.Length];
        }

        for (var sample = 0; sample < lengths.Length; sample++)
        {
            _lengthsOfPiece[sample] = Math.Clamp(lengths[sample] - first, 0, count);
        }

        return _lengthsOfPiece.AsSpan(0, lengths.Length);
    }
}
