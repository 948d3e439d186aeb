using System.Globalization;

namespace RnnCodegen.Generators.Tests.Robustness;

/// <summary>How many random projects and models are tried, and how failures are told.</summary>
internal static class Fuzz
{
    /// <summary>The first seed, and how many: RNNCODEGEN_FUZZ_SEED and RNNCODEGEN_FUZZ where they are set.</summary>
    /// <param name="usual">How many a run of every day tries.</param>
    /// <param name="whole">How many are tried where RNNCODEGEN_SWEEPS is all.</param>
    public static (int First, int Count) Range(int usual, int whole) => (
        Number("RNNCODEGEN_FUZZ_SEED", 0),
        Number("RNNCODEGEN_FUZZ", Environment.GetEnvironmentVariable("RNNCODEGEN_SWEEPS") == "all" ? whole : usual));

    /// <summary>A line of each failure, then the first of them whole.</summary>
    public static string Text(IReadOnlyList<string> failures) =>
        $"{failures.Count} failures\n{string.Join('\n', failures.Select(f => f.Split('\n')[0]))}\n\n" +
        $"{string.Join("\n\n", failures.Take(20))}";

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : otherwise;
}
