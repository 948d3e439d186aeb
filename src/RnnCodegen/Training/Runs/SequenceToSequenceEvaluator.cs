namespace RnnCodegen;

/// <summary>Computes loss and exact matches of a set; the models stay as they are.</summary>
internal sealed class SequenceToSequenceEvaluator
{
    private readonly TrainingSet _set;
    private readonly BatchPlan _plan;
    private readonly SequenceToSequenceBatch _batch;
    private readonly SourceReader _reader;
    private readonly GreedyWalk _walk;
    private readonly ModelState _state;
    private readonly int[] _tokens;

    public SequenceToSequenceEvaluator(
        ModelCore encoder, ModelCore decoder, (int Start, int End) marks, TrainingSet set, BatchPlan plan, SequenceToSequenceBatch batch)
    {
        (_set, _plan, _batch) = (set, plan, batch);
        (_reader, _walk) = (new SourceReader(encoder), new GreedyWalk(decoder, marks.Start, marks.End));
        _state = decoder.CreateState();
        _tokens = new int[set.MaxLabels + 1];
        _plan.Arrange(null);
    }

    public SequenceToSequenceEvaluation Run(CancellationToken cancellation)
    {
        var (mean, right, count) = (default(LossMean), 0, 0);
        for (var p = 0; p < _plan.Count; p++)
        {
            cancellation.ThrowIfCancellationRequested();
            var samples = _plan.Samples(_plan[p]);
            _batch.Fill(_set, samples);
            mean.Add(_batch.Evaluate(), _batch.Weight);
            foreach (var sample in samples)
            {
                if (_set[sample].Weight > 0)
                {
                    (right, count) = (right + (IsExact(_set[sample]) ? 1 : 0), count + 1);
                }
            }
        }

        return new SequenceToSequenceEvaluation(mean.Value, (double)right / count);
    }

    private bool IsExact(in TrainingSample sample)
    {
        if (_set.TakesTokens)
        {
            _reader.Read(sample.Tokens.Span, _state);
        }
        else
        {
            _reader.Read(sample.Rows.Span, _state);
        }

        var target = sample.Ids.Span;
        var count = _walk.Decode(_state, _tokens.AsSpan(0, target.Length + 1), out var isComplete, out _);
        return isComplete && target.SequenceEqual(_tokens.AsSpan(0, count));
    }
}
