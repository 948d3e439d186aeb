using Samples;
using Xunit;

namespace RnnCodegen.Samples.Tests;

/// <summary>The table of samples/README.md is what the recorded runs say.</summary>
public sealed class ResultsTests
{
    private const string Start = "<!-- results -->\n", End = "\n<!-- end of results -->";

    [Fact]
    public void Table_in_the_readme_is_that_of_the_recorded_runs()
    {
        var results = SampleResult.ResultFolder(AppContext.BaseDirectory);
        var readme = Path.Combine(Path.GetDirectoryName(results)!, "README.md");
        var text = File.ReadAllText(readme);
        var (from, to) = (text.IndexOf(Start, StringComparison.Ordinal) + Start.Length, text.IndexOf(End, StringComparison.Ordinal));
        var expected = SampleResult.Table(SampleResult.ReadAll(results));
        if (Environment.GetEnvironmentVariable("RNNCODEGEN_UPDATE_SAMPLES") == "1")
        {
            File.WriteAllText(readme, string.Concat(text.AsSpan(0, from), expected, text.AsSpan(to)));
            return;
        }

        Assert.Equal(expected, text[from..to]);
    }
}
