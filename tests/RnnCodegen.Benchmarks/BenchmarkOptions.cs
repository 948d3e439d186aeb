namespace RnnCodegen.Benchmarks;

/// <summary>What the user asked for.</summary>
internal sealed class BenchmarkOptions
{
    /// <summary>How it is called.</summary>
    public const string Usage =
        """
        dotnet run -c Release --project tests/RnnCodegen.Benchmarks [-p:Peers=true] [-p:Torch=true] -- [options]

          --family LIST   one or several with commas; all where not given:
                            step       one step a call, one stream
                            run        one sequence a call
                            batch      a batch of sequences a call
                            train      forward and backward of a batch
                            small      a whole training step of a small model, with loss and optimizer
                            threads    our code on one thread and on two; not in a pinned process
                            formats    a step with weights of 32, 16 and 8 bits
                            accuracy   accurate and fast activations
                            scaling    cost against H, T and B, with plots beside the report
                            curves     losses of a training beside TorchSharp's, with plots; needs -p:Torch=true
                            trained    trained models beside ONNX Runtime on the same file; needs -p:Peers=true and RNNCODEGEN_DATA
                            cost       what the plans' cost model predicts, beside what is measured
                            load       a file of weights, beside reading its bytes
                            generator  the source generator's own speed, and the size of its code
          --case TEXT     only cases whose name contains this, e.g. "LSTM (64,128)"; such a run writes no report unless --report is given
          --report FILE   the Markdown report, whose sections of these families are replaced; docs/benchmarks.md where not given
          --note TEXT     a sentence for the report, e.g. what else ran on the machine

        -p:Peers=true brings ONNX Runtime (390 MB), -p:Torch=true TorchSharp (600 MB). With DOTNET_EnableAVX512=0 set, the report gets
        sections of its own for AVX2.
        """;

    /// <summary>The family of the generator's own speed.</summary>
    public const string Generator = "generator";

    /// <summary>The family of losses beside a peer's.</summary>
    public const string Curves = "curves";

    /// <summary>The family of models that others trained.</summary>
    public const string Trained = "trained";

    /// <summary>The family of loading weights.</summary>
    public const string Load = "load";

    /// <summary>The family of streams of silence.</summary>
    public const string Silence = "silence";

    /// <summary>The family of the cost model.</summary>
    public const string Cost = "cost";

    /// <summary>All families, in the report's order.</summary>
    public static readonly string[] AllFamilies = [.. Family.All.Select(f => f.Name), Silence, Curves, Trained, Load, Cost, Generator];

    /// <summary>This process's.</summary>
    public static BenchmarkOptions Current { get; private set; } = new();

    /// <summary>Whether this process has one core; the runtime counts those it may use.</summary>
    public static bool IsPinned => Environment.ProcessorCount == 1;

    /// <summary>The families to run.</summary>
    public string[] Families { get; private set; } = AllFamilies;

    /// <summary>Part of the names of the cases to run.</summary>
    public string Case { get; private set; } = string.Empty;

    /// <summary>Where the report goes; null for the usual place.</summary>
    public string? Report { get; private set; }

    /// <summary>A sentence for the report.</summary>
    public string Note { get; private set; } = string.Empty;

    /// <summary>The arguments that say what to run.</summary>
    public string Selection =>
        (Families == AllFamilies ? string.Empty : $"--family {string.Join(',', Families)}")
        + (Case.Length == 0 ? string.Empty : $" --case \"{Case}\"");

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ArgumentException">An option or a family that is not known, or an option without its value.</exception>
    public static BenchmarkOptions Parse(string[] args)
    {
        var result = new BenchmarkOptions();
        for (var k = 0; k < args.Length; k += 2)
        {
            var value = k + 1 < args.Length ? args[k + 1] : throw new ArgumentException($"{args[k]} needs a value.");
            switch (args[k])
            {
                case "--family":
                    result.Families = value.Split(',');
                    if (result.Families.FirstOrDefault(f => !AllFamilies.Contains(f)) is { } unknown)
                    {
                        throw new ArgumentException($"There is no family '{unknown}'; there are {string.Join(", ", AllFamilies)}.");
                    }

                    break;
                case "--case":
                    result.Case = value;
                    break;
                case "--report":
                    result.Report = value;
                    break;
                case "--note":
                    result.Note = value;
                    break;
                default:
                    throw new ArgumentException($"There is no option '{args[k]}'.");
            }
        }

        return Current = result;
    }
}
