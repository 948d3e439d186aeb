namespace LstmVsGru;

/// <summary>A common claim, what was measured about it, and whether it holds here.</summary>
internal sealed record Claim(string Text, string Here, string Verdict);

/// <summary>Derives the verdicts from the results, so that another run may come to others.</summary>
internal sealed class Claims(IReadOnlyList<Outcome> outcomes, IReadOnlyList<Cost> costs, IReadOnlyList<Flow> flows)
{
    private const string Holds = "holds", Fails = "does not hold", Open = "not decided";

    /// <summary>All claims that the results say something about.</summary>
    public IReadOnlyList<Claim> All() =>
    [
        Parameters(), Time(),
        .. Families("adding").Concat(Families("copying")).Select(Long),
        .. One("counting").Select(Counts),
        .. One("noisy").Concat(One("sentiment")).Select(Short),
        .. One("weather").Concat(One("next character")).Select(Equal),
        .. Families("adding").Concat(Families("copying")).SelectMany(Faster),
        Vanishes(isTrained: false),
        .. flows.Any(flow => flow.IsTrained) ? [Vanishes(isTrained: true)] : Array.Empty<Claim>(),
        .. One("noisy").Concat(One("copying, lag 5")).Select(Elman),
        .. One("noisy").Concat(One("copying, lag 10")).Concat(One("next character")).Select(MinGru),
    ];

    private static string Versus(Outcome first, Outcome second) =>
        $"{first.Problem.Name}: {first.Contender.Name} {first.Text}, {second.Contender.Name} {second.Text}";

    private Claim Parameters()
    {
        var (lstm, gru) = (Cell("LSTM", 128), Cell("GRU", 128));
        double Of(Cost cost) => cost.Contender.Definition.FlopsPerStep;
        double Size(Cost cost) => cost.Contender.Definition.ParameterCount;
        var (flops, parameters) = (Of(gru) / Of(lstm), Size(gru) / Size(lstm));
        return new(
            "A GRU has about 3/4 of an LSTM's parameters and operations",
            FormattableString.Invariant($"128 units with a small head: {parameters:P0} of the parameters, {flops:P0} of the operations"),
            parameters is > 0.72 and < 0.79 && flops is > 0.72 and < 0.79 ? Holds : Fails);
    }

    private Claim Time()
    {
        var ratios = costs.Where(cost => cost.Contender.Cell == "GRU").Select(gru =>
            (gru.Contender.Units, Ratio: gru.TrainingMicroseconds / Cell("LSTM", gru.Contender.Units).TrainingMicroseconds,
                Step: gru.StepMicroseconds / Cell("LSTM", gru.Contender.Units).StepMicroseconds)).ToArray();
        return new(
            "and takes 3/4 of its time",
            string.Join(", ", ratios.Select(r => FormattableString.Invariant($"{r.Units} units: training {r.Ratio:P0}, step {r.Step:P0}"))),
            ratios.All(r => r.Ratio is > 0.65 and < 0.85) ? Holds
                : ratios.Average(r => r.Ratio) is > 0.65 and < 0.85 ? "holds on average, not at each size" : Fails);
    }

    private Claim Long(IReadOnlyList<Outcome> family)
    {
        var (lstm, gru) = (Largest(family, "LSTM"), Largest(family, "GRU"));
        return new(
            $"An LSTM is ahead on long dependencies: {family[0].Problem.Family}",
            $"the largest that most seeds learned: LSTM {Or(lstm)}, GRU of as many parameters {Or(gru)}",
            (lstm ?? 0) > (gru ?? 0) ? Holds : Fails);

        static string Or(int? size) => size?.ToString() ?? "none";

        static int? Largest(IReadOnlyList<Outcome> family, string cell) => family
            .Where(o => o.IsLearned && o.Contender.Cell == cell && (cell == "LSTM" || !o.Contender.IsOfEqualUnits))
            .Max(o => o.Problem.Size);
    }

    private Claim Counts(IReadOnlyList<Outcome> problem)
    {
        var (lstm, gru) = (Of(problem, "LSTM"), Of(problem, "GRU"));
        return new(
            "An LSTM counts beyond what it has seen, a GRU does not", Versus(lstm, gru), lstm.IsBetterThan(gru) ? Holds : Fails);
    }

    private Claim Short(IReadOnlyList<Outcome> problem)
    {
        var (lstm, gru) = (Of(problem, "LSTM"), Of(problem, "GRU"));
        return new("For short dependencies a GRU is enough", Versus(lstm, gru), lstm.IsBetterThan(gru) ? Fails : Holds);
    }

    private Claim Equal(IReadOnlyList<Outcome> problem)
    {
        var (lstm, gru) = (Of(problem, "LSTM"), Of(problem, "GRU"));
        return new(
            "With as many parameters the two are about equal", Versus(lstm, gru),
            !lstm.DiffersFrom(gru) ? Holds : $"does not hold: {(lstm.IsBetterThan(gru) ? lstm : gru).Contender.Cell} is better");
    }

    private IEnumerable<Claim> Faster(IReadOnlyList<Outcome> family)
    {
        foreach (var problem in family.GroupBy(outcome => outcome.Problem))
        {
            var (lstm, gru) = (Of([.. problem], "LSTM"), Of([.. problem], "GRU"));
            if (lstm.Learned == lstm.Runs.Count && gru.Learned == gru.Runs.Count)
            {
                // Both have about as many parameters, so an epoch takes about as long.
                var (first, second) = (lstm.MeanOf("learned after"), gru.MeanOf("learned after"));
                var chance = 2 * Math.Sqrt(
                    (lstm.VarianceOf("learned after") / lstm.Runs.Count) + (gru.VarianceOf("learned after") / gru.Runs.Count));
                yield return new(
                    $"A GRU trains faster to a given error: {problem.Key.Name}",
                    FormattableString.Invariant($"epochs until it is learned: LSTM {first:F1}, GRU {second:F1}, of as many parameters"),
                    Math.Abs(first - second) <= chance ? Open : second < first ? Holds : Fails);
            }
        }
    }

    private Claim Vanishes(bool isTrained)
    {
        const int Back = 50;
        double Left(string cell) => flows.First(flow => flow.IsTrained == isTrained && flow.Contender.Cell == cell).Norms[Back - 1];
        var (elman, lstm, gru) = (Left("Elman"), Left("LSTM"), Left("GRU"));
        return new(
            $"An Elman network's gradients vanish, those of gates do not: {(isTrained ? "after training" : "before training")}",
            FormattableString.Invariant($"of a gradient is left {Back} steps back: Elman {elman:G2}, LSTM {lstm:G2}, GRU {gru:G2}"),
            elman < 0.1 * Math.Min(lstm, gru) ? Holds : Fails);
    }

    private Claim Elman(IReadOnlyList<Outcome> problem)
    {
        var (elman, lstm) = (Of(problem, "Elman"), Of(problem, "LSTM"));
        return new(
            "Without gates, short dependencies can be learned too", Versus(elman, lstm),
            lstm.IsBetterThan(elman) ? "does not hold: LSTM is better" : Holds);
    }

    private Claim MinGru(IReadOnlyList<Outcome> problem)
    {
        var (min, gru) = (Of(problem, "minGRU"), Of(problem, "GRU"));
        return new(
            "A minGRU, whose gates do not see the state, does as well as a GRU", Versus(min, gru),
            gru.IsBetterThan(min) ? Fails : Holds);
    }

    private Cost Cell(string cell, int units) => costs.First(cost => cost.Contender.Cell == cell && cost.Contender.Units == units);

    private static Outcome Of(IReadOnlyList<Outcome> problem, string cell) =>
        problem.First(o => o.Contender.Cell == cell && (cell == "LSTM" || !o.Contender.IsOfEqualUnits));

    private IEnumerable<IReadOnlyList<Outcome>> Families(string start) => outcomes
        .Where(o => o.Problem.Family.StartsWith(start, StringComparison.Ordinal)).GroupBy(o => o.Problem.Family).Select(g => g.ToArray());

    private IEnumerable<IReadOnlyList<Outcome>> One(string start) => outcomes
        .Where(o => o.Problem.Name.StartsWith(start, StringComparison.Ordinal))
        .GroupBy(o => o.Problem.Name).Select(g => g.ToArray()).Take(1);
}
