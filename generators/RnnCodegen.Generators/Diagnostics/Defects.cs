using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Diagnostics;

/// <summary>
/// Failures of the generator itself. An exception that leaves it takes every model and every finding of a project with it, so one in a
/// model's work ends there and becomes a finding at the model.
/// </summary>
internal static class Defects
{
    /// <summary>A result, or what is made of the finding that says why there is none.</summary>
    /// <param name="what">What is worked on, for the message.</param>
    /// <param name="place">Where that stands.</param>
    /// <param name="work">Makes the result.</param>
    /// <param name="otherwise">What there is instead.</param>
    public static T Guard<T>(string what, LocationInfo? place, Func<T> work, Func<DiagnosticInfo, T> otherwise)
    {
        try
        {
            return work();
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            var text = $"{failure.GetType().Name}: {failure.Message}".Replace('\r', ' ').Replace('\n', ' ');
            return otherwise(new DiagnosticInfo(ClassRules.Defect, place, new[] { what, text }.ToEquatableArray()));
        }
    }
}
