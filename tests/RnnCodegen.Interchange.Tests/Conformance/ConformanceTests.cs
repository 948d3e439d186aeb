using RnnCodegen.Numerics.Tests.Conformance;
using Xunit;

namespace RnnCodegen.Interchange.Tests.Conformance;

/// <summary>Published cases and trained models, run by generated code of all widths.</summary>
public class ConformanceTests
{
    public static TheoryData<string, string, string> Names()
    {
        var rows = new TheoryData<string, string, string>();
        foreach (var group in ConformanceSuite.AllGroups)
        {
            foreach (var @case in group.Cases.Where(c => c.Reason is null))
            {
                rows.Add(group.Source, group.Name, @case.Name);
            }
        }

        return rows;
    }

    [DataTheory("README.md")]
    [MemberData(nameof(Names))]
    public void What_is_published_is_computed(string source, string group, string name)
    {
        var row = ConformanceSuite.AllGroups.Single(g => g.Source == source && g.Name == group);
        var outcome = ConformanceRun.Shared[row.Cases.Single(c => c.Name == name)];
        Assert.True(outcome.Largest <= row.Tolerance, $"{outcome.Detail} The tolerance is {row.Tolerance:E1}.");
    }

    public static TheoryData<string> Readings() => [.. Traps.All.Select(trap => trap.Name)];

    /// <summary>The case that is read right passes, so the difference is the reading's.</summary>
    [DataTheory("README.md")]
    [MemberData(nameof(Readings))]
    public void A_wrong_reading_is_far_off(string reading)
    {
        var trap = Traps.All.Single(t => t.Name == reading);
        var outcome = ConformanceRun.Shared[trap.Wrong];
        Assert.True(double.IsFinite(outcome.Largest), outcome.Detail);
        Assert.InRange(outcome.Largest, trap.AtLeast, double.MaxValue);
        Assert.InRange(ConformanceRun.Shared[trap.Right].Largest, 0, trap.Group.Tolerance);
    }

    [DataTheory("README.md")]
    [InlineData("conformance.md")]
    public void The_page_says_what_the_run_found(string file)
    {
        var page = ConformancePage.Render(ConformanceRun.Shared);
        var made = Path.Combine(AppContext.BaseDirectory, file);
        File.WriteAllText(made, page);
        var committed = Path.Combine(Repository(), "docs", file);
        Assert.True(
            File.Exists(committed)
                && ConformancePage.WithoutDifferences(File.ReadAllText(committed)) == ConformancePage.WithoutDifferences(page),
            $"The run's page differs from {committed} in more than differences; read {made}, and copy it there if it is right.");
    }

    /// <summary>A folder of the data that has expected values is in the table, so that a new one is not forgotten.</summary>
    [DataTheory("README.md")]
    [InlineData("*golden.safetensors")]
    [InlineData("*cases.json")]
    [InlineData("*_y_python.csv")]
    public void No_published_values_are_left_out(string pattern)
    {
        var folders = Directory.EnumerateFiles(SharedData.Root!, pattern, SearchOption.AllDirectories)
            .Select(path => Path.GetFileName(Path.GetDirectoryName(path))!);
        Assert.Empty(folders.Except(ConformanceSuite.Groups.Select(g => g.Source)));
    }

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "RnnCodegen.sln")))
        {
            folder = folder.Parent
                ?? throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds RnnCodegen.sln.");
        }

        return folder.FullName;
    }
}
