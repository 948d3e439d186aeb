using System.Globalization;
using Microsoft.CodeAnalysis;

namespace RnnCodegen.Generators.Tests.Robustness;

/// <summary>
/// Whatever a project's models say, the generator never fails: each has findings, or its code compiles without a word. Set RNNCODEGEN_FUZZ to the number of projects
/// to try more than a build of every day does.
/// </summary>
public class RandomProjectTests
{
    [Fact]
    public void RandomModelsAreRefusedOrCompile()
    {
        var count = int.TryParse(Environment.GetEnvironmentVariable("RNNCODEGEN_FUZZ"), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 200;
        var clean = 0;
        var failures = new List<string>();
        for (var seed = 0; seed < count; seed++)
        {
            var project = new RandomProject(seed);
            var (source, others) = (project.Source(), project.Others());
            try
            {
                var result = Project.Build(source, seed % 3 == 0 ? Project.Harden : null, others);
                clean += Check(result) ? 1 : 0;
            }
            catch (Exception failure) when (failure is Xunit.Sdk.XunitException)
            {
                failures.Add($"seed {seed}: {failure.Message}\n{source}\n{others}");
            }
        }

        Assert.True(failures.Count == 0, $"{failures.Count} failures\n\n{string.Join("\n\n", failures.Take(5))}");

        // The fuzzer would see nothing if all its projects were wrong.
        Assert.True(clean > count / 50, $"Only {clean} of {count} projects were right.");
    }

    /// <summary>Whether the project is right. Where nothing is found, no finding of the compiler may be in a generated file; those in the author's are the author's.</summary>
    private static bool Check(ProjectResult result)
    {
        var generated = result.Compiled.Where(d => d.Location.SourceTree?.FilePath.EndsWith(".g.cs", StringComparison.Ordinal) == true).ToList();
        var own = result.Compiled.Except(generated).ToList();
        var isRefused = result.Findings.Any(d => d.Severity == DiagnosticSeverity.Error);
        if (!isRefused && own.All(d => d.Severity != DiagnosticSeverity.Error))
        {
            Assert.True(generated.Count == 0, string.Join('\n', generated.Take(3)));
        }

        // What the author's own code has no fault in, an error of the model's must be said of.
        var unsaid = own.Where(d => d.Id is "CS9248" or "CS8785").ToList();
        Assert.True(isRefused || unsaid.Count == 0 || own.Any(d => d.Severity == DiagnosticSeverity.Error && d.Id != "CS9248"), string.Join('\n', unsaid.Take(3)));
        return !isRefused && own.Count == 0;
    }
}
