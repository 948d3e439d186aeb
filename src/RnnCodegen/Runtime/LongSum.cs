namespace RnnCodegen.Runtime;

/// <summary>
/// Sums of many terms that are added to floats in memory: every few terms what stands there moves on into doubles, so that a sum is as good
/// however many terms it has. Where they are few from the start, nothing moves.
/// </summary>
/// <param name="few">The floats, to which the caller adds; at the end they are the sums.</param>
/// <param name="many">As many doubles, which nobody else uses meanwhile.</param>
/// <param name="count">Number of sums.</param>
/// <param name="terms">Most terms that a sum will have beside what stands there.</param>
internal unsafe struct LongSum(float* few, double* many, nint count, long terms)
{
    private readonly nint _count = terms > LongSums.FewTerms ? count : 0;
    private long _terms;

    /// <summary>Notes that a term was added to each sum.</summary>
    public void CountTerm()
    {
        if (++_terms % LongSums.FewTerms == 0 && _count > 0)
        {
            if (_terms == LongSums.FewTerms)
            {
                new Span<double>(many, checked((int)_count)).Clear();
            }

            LongSums.Fold(few, many, _count);
        }
    }

    /// <summary>Leaves the sums in the floats.</summary>
    public readonly void Finish()
    {
        if (_terms >= LongSums.FewTerms && _count > 0)
        {
            LongSums.Finish(few, many, _count);
        }
    }
}
