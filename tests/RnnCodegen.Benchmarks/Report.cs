namespace RnnCodegen.Benchmarks;

/// <summary>The Markdown file: a section a family, each with its own date and command, so that one family can be run again alone.</summary>
internal static class Report
{
    private const string Head =
        """
        # Benchmarks

        Written by `tests/RnnCodegen.Benchmarks`; each section names the machine, the date and the command that made it, and running
        that command replaces it. A layer alone, without a head, single precision, one thread, unless a section says otherwise. All engines
        have the same weights and inputs in the same process. Before anything is timed, our results are compared with the layer's definition in
        double precision (of long sequences, the same layer on short ones), and theirs with ours. Times are the best of BenchmarkDotNet's
        31 iterations or more of about 10 ms each; in brackets, how many times ours the peer's time is.

        *Bound* is the time the machine itself would need, as measured in the same run: the products at the peak rate of multiply-adds, or,
        where a product has to wait for the step before, reading its weights once a step, if that takes longer. The rate of reading is that
        of exactly so many bytes read again and again, as brackets say; what part of them each level of memory holds is in it. Activations,
        calls and optimizers are not. *Of bound* is bound / ours. A dash: that engine cannot do the case, or takes a good part of a second for it.

        A family takes a minute or two:

        ```
        dotnet run -c Release --project tests/RnnCodegen.Benchmarks -- --family step
        taskset -c 1 dotnet run -c Release --project tests/RnnCodegen.Benchmarks -p:Peers=true -p:Torch=true -- --family step
        ```

        The second pins it to a core and brings the peers: ONNX Runtime with `Peers` (390 MB) and
        TorchSharp with `Torch` (600 MB). libtorch needs GLIBCXX_3.4.32, which Debian 13 and Ubuntu 24.04 have; elsewhere its column is
        missing and the report says why. `DOTNET_EnableAVX512=0` before either measures the code for AVX2 into sections of its own, beside
        the others; the peers' native code does not obey it.

        The families: step, run, batch, train, small (a whole training step), threads (which a process pinned to a core cannot
        run), formats (of weights), accuracy (of activations), scaling (cost against H, T and B), silence (a stream of silence
        after sound), curves (losses of a training beside TorchSharp's), trained (models that others trained, beside ONNX Runtime), load (a file of weights), cost (of the plans, predicted and measured), generator.
        """;

    // Written by hand: why targets are missed. Kept as it is.
    private const string Reasons = "reasons";

    // Sections of 512 bits, then those of the other widths.
    private static readonly string[] Suffixes = [string.Empty, ".avx2", ".128"];

    /// <summary>Replaces the given sections of this process's vector width, writes their files, and keeps the others.</summary>
    public static void Update(string path, IReadOnlyList<ReportSection> sections)
    {
        var old = Read(path);
        var names = BenchmarkOptions.AllFamilies.Prepend(Reasons).Prepend(TargetsText.Name);
        var texts =
            from suffix in Suffixes
            from name in names
            let fresh = suffix == ReportSection.Suffix ? sections.FirstOrDefault(s => s.Name == name)?.Text : null
            let text = (fresh ?? Existing(old, name + suffix)).ReplaceLineEndings("\n").Trim()
            where text.Length > 0
            select $"{Begin(name + suffix)}\n{text}\n{End(name + suffix)}\n";
        var report = (path, Head.ReplaceLineEndings("\n") + "\n\n" + string.Join('\n', texts));
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        foreach (var (file, text) in sections.SelectMany(s => s.Files).Select(f => (Path.Combine(folder, f.Key), f.Value)).Prepend(report))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
            File.WriteAllText(file, text);
        }
    }

    /// <summary>A section of this process's vector width as the file has it; empty where it has none.</summary>
    public static string Section(string path, string name) => Existing(Read(path), name + ReportSection.Suffix);

    private static string Read(string path) => File.Exists(path) ? File.ReadAllText(path) : string.Empty;

    private static string Begin(string name) => $"<!-- {name} -->";

    private static string End(string name) => $"<!-- end of {name} -->";

    private static string Existing(string report, string name)
    {
        var begin = report.IndexOf(Begin(name), StringComparison.Ordinal);
        var end = report.IndexOf(End(name), StringComparison.Ordinal);
        return begin < 0 || end < begin ? string.Empty : report[(begin + Begin(name).Length)..end];
    }
}
