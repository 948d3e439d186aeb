using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <content>Gradients of many calls: their sums stand in double precision
/// beside the values once a float would lose too much of them.</content>
public sealed partial class ParameterSet
{
    private GradientSum? _sum;
    private int _terms;
    private int _versionOfTerms;
    private bool _isInSum;

    /// <summary>
    /// Begins a round of additions to the values, which counts as an
    /// <see cref="Edit"/>; whoever else edits them begins anew with what they are.
    /// </summary>
    /// <param name="accumulates">Whether the values stay, or become 0.</param>
    /// <param name="terms">Numbers that will be added to a value, one after the other.</param>
    /// <param name="isInSum">Whether the sums already hold what the values
    /// are; else the round's first act is to put them there, or zeros.</param>
    /// <returns>The sums to add to; null while the values are of so few terms that floats hold them.</returns>
    internal GradientSum? BeginAdditions(bool accumulates, int terms, out bool isInSum)
    {
        var goesOn = accumulates && _terms > 0 && _versionOfTerms == Version;
        Edit();
        isInSum = goesOn && _isInSum;

        // What was there is one term, and past the few it does not matter how many there are.
        var before = goesOn ? _terms : accumulates ? 1 : 0;
        _terms = Math.Min(before + terms, LongSums.FewTerms + 1);
        _versionOfTerms = Version;
        _isInSum = _terms > LongSums.FewTerms;
        return _isInSum ? _sum ??= new GradientSum(_count) : null;
    }
}
