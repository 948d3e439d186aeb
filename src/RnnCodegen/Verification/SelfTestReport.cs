using System.Globalization;

namespace RnnCodegen;

/// <summary>
/// How far one way to compute a golden pair is from it: the largest difference, and the value that is worst against what it may differ by,
/// which is the one of that difference where this is the same for all.
/// </summary>
/// <param name="Call">The call that computed it: Run or Step.</param>
/// <param name="LargestDifference">The largest absolute difference; infinite where a result is not a number.</param>
/// <param name="Tensor">The golden pair's tensor: <c>output</c>, or <c>final.</c> with a state's name behind it.</param>
/// <param name="Step">The time step, from 0; -1 where the tensor has none.</param>
/// <param name="Sample">The sample, from 0.</param>
/// <param name="Feature">The element of the row, from 0.</param>
/// <param name="Expected">The golden value.</param>
/// <param name="Actual">The model's.</param>
public sealed record SelfTestResult(
    string Call, double LargestDifference, string Tensor, int Step, int Sample, int Feature, float Expected, float Actual)
{
    /// <summary>What the value may differ by: the tolerance, and the relative one times the golden value's size.</summary>
    public double Allowed { get; internal init; }

    /// <summary>Whether the value, and so all values, differ by no more than is allowed.</summary>
    public bool Passed => double.IsFinite(LargestDifference) && Excess <= 0;

    /// <summary>How far the value is beyond what is allowed; negative where it is within.</summary>
    internal double Excess => GoldenTolerance.Difference(Expected, Actual) - Allowed;

    /// <summary>The place as text, e.g. <c>output[3, 0, 7]</c>.</summary>
    public string Place => Step < 0 ? $"{Tensor}[{Sample}, {Feature}]" : $"{Tensor}[{Step}, {Sample}, {Feature}]";

    /// <summary>One line: the call, the difference, the place and both values.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Call} differs by {LargestDifference:G3} at most; worst at {Place}: {Actual:G9} instead of {Expected:G9}, allowed {Allowed:G3}");
}

/// <summary>
/// What a model computed for a golden pair's input, compared with its output; the text says what differs most, and where.
/// </summary>
public sealed class SelfTestReport
{
    internal SelfTestReport(string model, GoldenTolerance tolerance, IReadOnlyList<SelfTestResult> results) =>
        (Model, Tolerance, RelativeTolerance, Results) = (model, tolerance.Absolute, tolerance.Relative, results);

    /// <summary>Full name of the model's class.</summary>
    public string Model { get; }

    /// <summary>The absolute difference that always passes.</summary>
    public double Tolerance { get; }

    /// <summary>What passes beyond it, as a part of the golden value.</summary>
    public double RelativeTolerance { get; }

    /// <summary>One result for Run, and one for Step where the model can stream.</summary>
    public IReadOnlyList<SelfTestResult> Results { get; }

    /// <summary>The result that is worst against what is allowed.</summary>
    public SelfTestResult Worst => Results.MaxBy(r => r.Excess)!;

    /// <summary>The largest absolute difference of all; infinite where a result is not a number.</summary>
    public double LargestDifference => Results.Max(r => r.LargestDifference);

    /// <summary>Whether all differences are within the tolerance.</summary>
    public bool Passed => Results.All(r => r.Passed);

    /// <summary>A line for the model and one for each result.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Model}: {(Passed ? "passed" : "FAILED")}, tolerance {new GoldenTolerance(Tolerance, RelativeTolerance)}\n" +
        $"{string.Join('\n', Results)}");
}
