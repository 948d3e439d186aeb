using RnnCodegen.Numerics.Tests.Conformance;
using Xunit;

namespace RnnCodegen.Interchange.Tests.Conformance;

/// <summary>Published cases and trained models, run by generated code of all widths.</summary>
public class ConformanceTests
{
    public static TheoryData<string, string, string> Names()
    {
        var rows = new TheoryData<string, string, string>();
        foreach (var group in ConformanceSuite.Groups)
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
        var row = ConformanceSuite.Groups.Single(g => g.Source == source && g.Name == group);
        var outcome = ConformanceRun.Shared[row.Cases.Single(c => c.Name == name)];
        Assert.True(outcome.Largest <= row.Tolerance, $"{outcome.Failure} The tolerance is {row.Tolerance:E1}.");
    }
}
