namespace RnnCodegen;

/// <summary>
/// An encoder and a decoder (Sutskever et al., 2014): the encoder reads a source, and its final state is the decoder's initial one. The
/// n-th vector of the encoder's state goes to the n-th of the decoder's, so both need as many, of the same kinds (h or c) and sizes. A
/// decoder with attention (Bahdanau et al., 2015; Luong et al., 2015) attends to the encoder's outputs, one row per step. An instance
/// serves one call at a time.
/// </summary>
/// <typeparam name="TEncoder">The encoder's class; takes rows or tokens. Only a decoder with attention uses its output.</typeparam>
/// <typeparam name="TDecoder">The decoder's class; a token model that can stream, with a row of output per step.</typeparam>
public sealed class EncoderDecoder<TEncoder, TDecoder>
    where TEncoder : class, IRnnModel<TEncoder>
    where TDecoder : class, IRnnModel<TDecoder>
{
    private readonly SourceReader _reader;

    /// <summary>A pair of models.</summary>
    /// <param name="encoder">Reads the source.</param>
    /// <param name="decoder">Produces the target.</param>
    /// <param name="startToken">The token that the decoder's first step reads; a row of its embedding.</param>
    /// <param name="endToken">The token that ends a target; one of the decoder's outputs that occurs in no target.</param>
    /// <exception cref="ArgumentException">
    /// The decoder cannot decode, the states do not fit, or a token is not one of the decoder's; the message says why.
    /// </exception>
    public EncoderDecoder(TEncoder encoder, TDecoder decoder, int startToken, int endToken)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentNullException.ThrowIfNull(decoder);
        TokenScorer.Check(decoder.Core.Definition, startToken, endToken);
        if (StateFit.FindFault(encoder.Core.Definition, decoder.Core.Definition) is { } fault)
        {
            throw new ArgumentException(fault, nameof(encoder));
        }

        (Encoder, Decoder, StartToken, EndToken) = (encoder, decoder, startToken, endToken);
        _reader = new SourceReader(encoder.Core);
    }

    /// <summary>Reads the source.</summary>
    public TEncoder Encoder { get; }

    /// <summary>Produces the target.</summary>
    public TDecoder Decoder { get; }

    /// <summary>The token that the decoder's first step reads.</summary>
    public int StartToken { get; }

    /// <summary>The token that ends a target.</summary>
    public int EndToken { get; }

    /// <summary>Reads a source of tokens.</summary>
    /// <param name="tokens">Token ids [T].</param>
    /// <param name="state">Receives the decoder's initial state: a state of the decoder, of one sample.</param>
    /// <exception cref="ArgumentException">The encoder takes no tokens, a token
    /// is not in its vocabulary, or the state is not the decoder's.</exception>
    public void Encode(ReadOnlySpan<int> tokens, ModelState state)
    {
        CheckState(state);
        _reader.Read(tokens, state);
    }

    /// <summary>Reads a source of rows.</summary>
    /// <param name="rows">Rows of features [T, I].</param>
    /// <param name="state">Receives the decoder's initial state: a state of the decoder, of one sample.</param>
    /// <exception cref="ArgumentException">The encoder takes no rows, or
    /// rows of another size, or the state is not the decoder's.</exception>
    public void Encode(ReadOnlySpan<float> rows, ModelState state)
    {
        CheckState(state);
        _reader.Read(rows, state);
    }

    private void CheckState(ModelState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        ModelChecks.State(Decoder.Core.Definition, state, 1, nameof(state));
    }
}
