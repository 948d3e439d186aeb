namespace RnnCodegen.Benchmarks;

/// <summary>A family's part of the report.</summary>
/// <param name="Family">Its name.</param>
/// <param name="Text">Markdown.</param>
internal sealed record ReportSection(string Family, string Text);

/// <summary>The Markdown file: a section a family, each with its own date and command, so that one family can be run again alone.</summary>
internal static class Report
{
    private const string Head =
        """
        # Benchmarks

        Written by `tests/RnnCodegen.Benchmarks`; each section names the machine, the date and the command that made it, and running
        that command replaces it. A layer alone, without a head, single precision, one thread. All engines have the same weights and
        inputs in the same process, and their results are compared before anything is timed. Times are the best of BenchmarkDotNet's
        31 iterations of about 10 ms each; in brackets, how many times ours the peer's time is.

        *Bound* is the time the machine itself would need, as measured at the start of the same run: the products at the peak rate of
        multiply-adds, or reading the weights once a step from the nearest level of memory that holds them, whichever is longer.
        Activations and calls are not in it. Weights a little larger than a level still come from it in part, which can beat the bound.
        *Of bound* is bound / ours. A dash: that engine cannot do the case, or takes a good part of a second for it.

        A family takes a minute or two (families: step, run, batch, train, generator):

        ```
        dotnet run -c Release --project tests/RnnCodegen.Benchmarks -- --family step
        taskset -c 1 dotnet run -c Release --project tests/RnnCodegen.Benchmarks -p:Peers=true -p:Torch=true -- --family step
        ```

        The second pins it to a core and brings the peers, which no other build restores: ONNX Runtime with `Peers` (390 MB) and
        TorchSharp with `Torch` (600 MB). libtorch needs GLIBCXX_3.4.32, which Debian 13 and Ubuntu 24.04 have; elsewhere its column is
        missing and the report says why. `DOTNET_EnableAVX512=0` before either shows AVX2.
        """;

    /// <summary>Replaces the given families' sections and keeps the others.</summary>
    public static void Update(string path, IReadOnlyList<ReportSection> sections)
    {
        var old = File.Exists(path) ? File.ReadAllText(path) : string.Empty;
        var texts = BenchmarkOptions.AllFamilies
            .Select(family => sections.FirstOrDefault(s => s.Family == family)?.Text ?? Existing(old, family))
            .Zip(BenchmarkOptions.AllFamilies, (text, family) => text is null ? null : $"{Begin(family)}\n{text.Trim()}\n{End(family)}\n");
        File.WriteAllText(path, Head + "\n\n" + string.Join('\n', texts.Where(t => t is not null)));
    }

    private static string Begin(string family) => $"<!-- {family} -->";

    private static string End(string family) => $"<!-- end of {family} -->";

    private static string? Existing(string report, string family)
    {
        var begin = report.IndexOf(Begin(family), StringComparison.Ordinal);
        var end = report.IndexOf(End(family), StringComparison.Ordinal);
        return begin < 0 || end < begin ? null : report[(begin + Begin(family).Length)..end];
    }
}
