using System.Globalization;

namespace RnnCodegen;

/// <summary>The value of a golden pair that one way to compute it is farthest from.</summary>
/// <param name="Call">The call that computed it: Run or Step.</param>
/// <param name="LargestDifference">The absolute difference; infinite where a result is not a number.</param>
/// <param name="Tensor">The golden pair's tensor: <c>output</c>, or <c>final.</c> with a state's name behind it.</param>
/// <param name="Step">The time step, from 0; -1 where the tensor has none.</param>
/// <param name="Sample">The sample, from 0.</param>
/// <param name="Feature">The element of the row, from 0.</param>
/// <param name="Expected">The golden value.</param>
/// <param name="Actual">The model's.</param>
public sealed record SelfTestResult(
    string Call, double LargestDifference, string Tensor, int Step, int Sample, int Feature, float Expected, float Actual)
{
    /// <summary>The place as text, e.g. <c>output[3, 0, 7]</c>.</summary>
    public string Place => Step < 0 ? $"{Tensor}[{Sample}, {Feature}]" : $"{Tensor}[{Step}, {Sample}, {Feature}]";

    /// <summary>One line: the call, the difference, the place and both values.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Call} differs by {LargestDifference:G3} at most, at {Place}: {Actual:G9} instead of {Expected:G9}");
}

/// <summary>
/// What a model computed for a golden pair's input, compared with its output; the text says what differs most, and where.
/// </summary>
public sealed class SelfTestReport
{
    internal SelfTestReport(string model, double tolerance, IReadOnlyList<SelfTestResult> results) =>
        (Model, Tolerance, Results) = (model, tolerance, results);

    /// <summary>Full name of the model's class.</summary>
    public string Model { get; }

    /// <summary>The largest absolute difference that passes.</summary>
    public double Tolerance { get; }

    /// <summary>One result for Run, and one for Step where the model can stream.</summary>
    public IReadOnlyList<SelfTestResult> Results { get; }

    /// <summary>The result that differs most.</summary>
    public SelfTestResult Worst => Results.MaxBy(r => r.LargestDifference)!;

    /// <summary>The largest absolute difference of all; infinite where a result is not a number.</summary>
    public double LargestDifference => Worst.LargestDifference;

    /// <summary>Whether all differences are within the tolerance.</summary>
    public bool Passed => LargestDifference <= Tolerance;

    /// <summary>A line for the model and one for each result.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Model}: {(Passed ? "passed" : "FAILED")}, tolerance {Tolerance:G3}\n{string.Join('\n', Results)}");
}
