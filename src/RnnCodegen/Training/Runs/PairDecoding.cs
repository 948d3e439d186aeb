using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>Free-running greedy decoding of samples, for the metrics that compare whole sequences.</summary>
/// <param name="encoder">The encoder.</param>
/// <param name="decoder">The decoder.</param>
/// <param name="marks">Start and end token.</param>
/// <param name="maxLength">Most tokens that are decoded of a sample, unless its target has as many.</param>
/// <param name="maxLabels">Labels of the sample that has most.</param>
internal sealed class PairDecoding(ModelCore encoder, ModelCore decoder, (int Start, int End) marks, int maxLength, int maxLabels)
{
    private readonly SourceReader _reader = new(encoder);
    private readonly TokenWalk _walk = new(decoder, marks.Start, marks.End);
    private readonly ModelState _state = decoder.CreateState();
    private readonly int[] _tokens = new int[Math.Max(maxLength, checked(maxLabels + 1))];

    /// <summary>Decodes each sample that counts, once, and adds what comes out to each metric of whole sequences.</summary>
    public void AddTo(ReadOnlySpan<Metric> metrics, TrainingSet set, ReadOnlySpan<int> samples)
    {
        foreach (var index in samples)
        {
            var sample = set[index];
            if (sample.Weight == 0)
            {
                continue;
            }

            Read(set, sample);

            // With room for one more than the target has, an end that does not come is seen.
            var room = Room(metrics, sample.Ids.Length);
            var found = _tokens.AsSpan(0, _walk.Decode(_state, _tokens.AsSpan(0, room), out _, out _));
            foreach (var metric in metrics)
            {
                (metric as SequenceMetric)?.AddDecoded(found, sample.Ids.Span);
            }
        }
    }

    /// <summary>What the decoder says of a sample, of at most as many tokens as it was made for.</summary>
    public Hypothesis Decode(TrainingSet set, int index)
    {
        Read(set, set[index]);
        return _walk.Decode(_state, _tokens);
    }

    private void Read(TrainingSet set, in TrainingSample sample)
    {
        if (set.TakesTokens)
        {
            _reader.Read(sample.Tokens.Span, _state);
        }
        else
        {
            _reader.Read(sample.Rows.Span, _state);
        }
    }

    /// <summary>Whether two sequences are equal is known once one is longer; how far they are apart is not.</summary>
    private int Room(ReadOnlySpan<Metric> metrics, int length)
    {
        foreach (var metric in metrics)
        {
            if (metric is SequenceMetric { ReadsAll: true })
            {
                return Math.Max(maxLength, length + 1);
            }
        }

        return length + 1;
    }
}
