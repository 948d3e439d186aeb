using RnnCodegen;
using RnnCodegen.Runtime;

namespace LstmVsGru;

/// <summary>One training of the study, with a seed.</summary>
internal sealed record Trial(Problem Problem, Contender Contender, double Rate)
{
    public override string ToString() => FormattableString.Invariant($"{Problem.Name}; {Contender.Name}; rate {Rate}");
}

/// <summary>
/// What is compared: each contender on each problem with several seeds, each with the learning rate that did best for it on that kind of
/// problem, by the loss on samples that neither train nor judge.
/// </summary>
/// <param name="Problems">The problems, those of a family by size.</param>
/// <param name="Rates">The learning rates to choose from.</param>
/// <param name="Seeds">Seeds of each comparison.</param>
/// <param name="BothSizes">Whether the other cells take part with as many units as the LSTM too, not with as many parameters only.</param>
/// <param name="Folder">Where results and weights are.</param>
internal sealed record Study(
    IReadOnlyList<Problem> Problems, IReadOnlyList<double> Rates, IReadOnlyList<int> Seeds, bool BothSizes, string Folder)
{
    private static readonly int[] TuningSeeds = [101];

    /// <summary>Results of the first part.</summary>
    public string Tuning => Path.Combine(Folder, "tuning.jsonl");

    /// <summary>Results of the second part.</summary>
    public string Comparison => Path.Combine(Folder, "comparison.jsonl");

    /// <summary>The first part: tries the rates.</summary>
    public Sweep<Trial> Tune() => new(
        [
            .. from family in Problems.GroupBy(problem => problem.Family)
               from contender in Contenders(family.First())
               from rate in Rates
               select new Trial(TuningProblem(family), contender, rate),
        ],
        TuningSeeds, (trial, seed) => trial.Contender.Train(trial.Problem, trial.Rate, seed, weights: null));

    /// <summary>The second part: all seeds, with the rates that the first part chose.</summary>
    /// <exception cref="FileNotFoundException">The first part has not run.</exception>
    public Sweep<Trial> Compare()
    {
        var rates = ChosenRates();
        Directory.CreateDirectory(Path.Combine(Folder, "weights"));
        return new(
            [
                .. from problem in Problems
                   from contender in Contenders(problem)
                   select new Trial(problem, contender, rates[(problem.Family, contender.Name)]),
            ],
            Seeds,
            (trial, seed) => trial.Contender.Train(
                trial.Problem, trial.Rate, seed, seed == Seeds[0] ? Weights(trial.Problem, trial.Contender) : null));
    }

    /// <summary>Where the weights of the first seed are.</summary>
    public string Weights(Problem problem, Contender contender) =>
        Path.Combine(Folder, "weights", $"{problem.Name}, {contender.Name}.safetensors");

    /// <summary>The model of the first seed.</summary>
    public ModelCore Load(Problem problem, Contender contender)
    {
        var model = contender.Create(seed: 0);
        SafeTensors.Load(Weights(problem, contender), model.Parameters);
        return model;
    }

    /// <summary>The contenders of a problem.</summary>
    public IReadOnlyList<Contender> Contenders(Problem problem)
    {
        var all = Contender.Of(problem.Shape);
        return BothSizes ? all : [.. all.GroupBy(contender => contender.Cell).Select(cell => cell.Last())];
    }

    /// <summary>The rate that was chosen for each family and contender.</summary>
    public IReadOnlyDictionary<(string Family, string Contender), double> ChosenRates()
    {
        var losses = Sweep.Merge(Tuning).Where(result => result.Error is null)
            .ToDictionary(result => result.Setting, result => result["validation loss"]);
        return (
            from family in Problems.GroupBy(problem => problem.Family)
            from contender in Contenders(family.First())
            let trials = Rates.Select(rate => new Trial(TuningProblem(family), contender, rate))
            let best = trials.MinBy(trial => losses.TryGetValue($"{trial}", out var loss) && !double.IsNaN(loss) ? loss : double.MaxValue)!
            select (Key: (family.Key, contender.Name), best.Rate)).ToDictionary(pair => pair.Key, pair => pair.Rate);
    }

    /// <summary>The results of the second part, of all workers.</summary>
    public IReadOnlyList<Outcome> Outcomes()
    {
        var rates = ChosenRates();
        var results = Sweep.Merge(Comparison).ToLookup(result => result.Setting);
        return
        [
            .. from problem in Problems
               from contender in Contenders(problem)
               let rate = rates[(problem.Family, contender.Name)]
               let runs = results[$"{new Trial(problem, contender, rate)}"].Where(run => run.Error is null).ToArray()
               where runs.Length > 0
               select new Outcome(problem, contender, rate, runs),
        ];
    }

    // The lower middle one of a family's sizes.
    private static Problem TuningProblem(IEnumerable<Problem> family)
    {
        var all = family.ToArray();
        return all[(all.Length - 1) / 2];
    }
}

/// <summary>What a contender did on a problem, with all seeds.</summary>
internal sealed record Outcome(Problem Problem, Contender Contender, double Rate, IReadOnlyList<SweepResult> Runs)
{
    /// <summary>Scores of the seeds.</summary>
    public IReadOnlyList<double> Scores => [.. Runs.Select(run => run["score"])];

    /// <summary>Their mean.</summary>
    public double Mean => MeanOf("score");

    /// <summary>Their standard deviation; 0 of a single one.</summary>
    public double Deviation => Math.Sqrt(VarianceOf("score"));

    /// <summary>Seeds that learned the problem.</summary>
    public int Learned => Runs.Count(run => !double.IsNaN(run["learned after"]));

    /// <summary>Whether most seeds learned it.</summary>
    public bool IsLearned => 2 * Learned > Runs.Count;

    /// <summary>Mean of another value.</summary>
    public double MeanOf(string value) => Runs.Average(run => run[value]);

    /// <summary>Variance of another value; 0 of a single one.</summary>
    public double VarianceOf(string value) => Runs.Count < 2 ? 0
        : Runs.Sum(run => Math.Pow(run[value] - MeanOf(value), 2)) / (Runs.Count - 1);

    /// <summary>The mean, and the deviation where there are several seeds.</summary>
    public string Text => Runs.Count < 2 ? Problem.Format(Mean) : $"{Problem.Format(Mean)} \u00b1 {Problem.Format(Deviation)}";

    /// <summary>Whether the means differ by more than twice the deviation of their difference, and by more than 1 %.</summary>
    public bool DiffersFrom(Outcome other)
    {
        var chance = 2 * Math.Sqrt((Deviation * Deviation / Runs.Count) + (other.Deviation * other.Deviation / other.Runs.Count));
        return Math.Abs(Mean - other.Mean) > Math.Max(chance, 0.01 * Math.Max(Math.Abs(Mean), Math.Abs(other.Mean)));
    }

    /// <summary>Whether this is better, and differs.</summary>
    public bool IsBetterThan(Outcome other) => DiffersFrom(other) && Mean > other.Mean == Problem.HigherIsBetter;
}
