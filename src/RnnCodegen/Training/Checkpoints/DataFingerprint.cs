namespace RnnCodegen;

/// <summary>Tells whether two sets hold the same samples in the same order.</summary>
internal static class DataFingerprint
{
    /// <summary>Number of samples, and a hash of all their steps, inputs, targets and weights.</summary>
    public static string Of(TrainingSet? set)
    {
        if (set is null)
        {
            return "none";
        }

        var hash = new ContentHash();
        for (var i = 0; i < set.Count; i++)
        {
            var sample = set[i];
            hash.Append<int>([sample.Steps, sample.Values.Length, sample.Ids.Length, BitConverter.SingleToInt32Bits(sample.Weight)]);
            hash.Append(sample.Rows.Span);
            hash.Append(sample.Tokens.Span);
            hash.Append(sample.Values.Span);
            hash.Append(sample.Ids.Span);
            if (!sample.StepWeights.IsEmpty)
            {
                hash.Append(sample.StepWeights.Span);
            }
        }

        return $"{set.Count} samples, hash {hash}";
    }
}
