using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace RnnCodegen.Generators.Tests.Robustness;

/// <summary>
/// A project whose models are right compiles without a word, whatever is around them; of one mistake, that mistake is all that is said, at
/// its place; and whatever else models say, the generator never fails. RNNCODEGEN_SWEEPS=all tries more than a run of every day does;
/// RNNCODEGEN_FUZZ says how many, and RNNCODEGEN_FUZZ_SEED the first.
/// </summary>
public class RandomProjectTests
{
    [Fact]
    public void Right_projects_compile_and_one_mistake_is_one_finding()
    {
        var right = 0;
        var found = new HashSet<string>();
        var count = Try(16, 40, seed =>
        {
            var project = new RandomProject(seed);
            var text = string.Concat(project.Files.Select(f => $"--- {f.Name}\n{f.Text}"));
            return (text, () =>
            {
                Check(project);
                right += project.Fault is null ? 1 : 0;
                found.Add(project.Fault?.Id ?? "");
            });
        });
        Assert.True(right > count / 2 && found.Count > Math.Min(15, count / 6),
            $"Only {right} projects were right, and only {found.Count} kinds of mistakes were tried.");
    }

    [Fact]
    public void Wild_projects_are_refused_or_compile()
    {
        var clean = 0;
        Try(12, 32, seed =>
        {
            var project = new WildProject(seed);
            var (source, others) = (project.Source(), project.Others());
            return ($"{source}\n{others}",
                () => clean += Check(Project.Build(source, seed % 3 == 0 ? Project.Harden : null, others)) ? 1 : 0);
        });
        Assert.True(clean > 0, "No project was right.");
    }

    /// <returns>How many were tried.</returns>
    private static int Try(int usual, int whole, Func<int, (string Text, Action Check)> create)
    {
        var (first, count) = Fuzz.Range(usual, whole);
        var failures = new List<string>();
        for (var seed = first; seed < first + count; seed++)
        {
            var (text, check) = create(seed);
            try
            {
                check();
            }
            catch (Exception failure) when (failure is Xunit.Sdk.XunitException)
            {
                failures.Add($"seed {seed}: {failure.Message}\n{text}");
            }
        }

        Assert.True(failures.Count == 0, Fuzz.Text(failures));
        return count;
    }

    private static void Check(RandomProject project)
    {
        var result = Project.Build(project.Compilation(), project.Properties);
        if (project.Fault is not { } fault)
        {
            var said = result.Said.Take(3).Select(d => d.ToString()).ToList();
            Assert.True(said.Count == 0, string.Join('\n', said));
            return;
        }

        // By its rule: a warning may be an error of the project's choice.
        var errors = result.Findings.Where(d => d.DefaultSeverity == DiagnosticSeverity.Error).ToList();
        Assert.True(errors.Count > 0 && errors.All(d => d.Id == fault.Id), $"{fault.Id} expected, found {string.Join('\n', errors)}");
        Assert.All(errors,
            d => Assert.Contains(RandomModel.Mark,
                d.Location.SourceTree!.GetText().Lines[d.Location.GetLineSpan().StartLinePosition.Line].ToString(),
                StringComparison.Ordinal));
        var unexpected = result.Compiled.Where(d => IsGenerated(d) || !fault.Unavoidable.Contains(d.Id)).Take(3).ToList();
        Assert.True(unexpected.Count == 0, $"{fault.Id} brings {string.Join('\n', unexpected)}");
        Assert.Equal(project.Models.Count - 1,
            result.Output.SyntaxTrees.Count(t => t.FilePath.EndsWith(".Card.g.cs", StringComparison.Ordinal)));
    }

    /// <summary>
    /// Whether the project is right. Where nothing is found, no finding of the compiler may be in a generated file; those in the author's
    /// are the author's.
    /// </summary>
    private static bool Check(ProjectResult result)
    {
        var generated = result.Compiled.Where(IsGenerated).ToList();
        var own = result.Compiled.Except(generated).ToList();
        var isRefused = result.Findings.Any(d => d.Severity == DiagnosticSeverity.Error);
        if (!isRefused && own.All(d => d.Severity != DiagnosticSeverity.Error))
        {
            Assert.True(generated.Count == 0, string.Join('\n', generated.Take(3)));
        }

        // What the author's own code has no fault in, an error of the model's must be said of.
        var unsaid = own.Where(d => d.Id is "CS9248" or "CS8785").ToList();
        Assert.True(isRefused || unsaid.Count == 0 || own.Any(d => d.Severity == DiagnosticSeverity.Error && d.Id != "CS9248"),
            string.Join('\n', unsaid.Take(3)));
        return !isRefused && own.Count == 0;
    }

    private static bool IsGenerated(Diagnostic diagnostic) =>
        diagnostic.Location.SourceTree?.FilePath.EndsWith(".g.cs", StringComparison.Ordinal) == true;
}
