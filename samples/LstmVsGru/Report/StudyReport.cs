using Samples;

namespace LstmVsGru;

/// <summary>The report of a study.</summary>
internal static class StudyReport
{
    /// <summary>Writes it.</summary>
    /// <param name="study">The study, whose parts have run.</param>
    /// <param name="costs">What the cells cost on this machine.</param>
    /// <param name="command">The command that makes it.</param>
    /// <param name="markdown">Path of the Markdown file.</param>
    /// <returns>Path of the HTML file.</returns>
    public static string Write(Study study, IReadOnlyList<Cost> costs, string command, string markdown)
    {
        var outcomes = study.Outcomes();
        var text = new ReportText();
        text.Title("LSTM or GRU?", 1);
        text.Say(
            "Elman, LSTM, GRU and minGRU on the same problems, by measurement. Made by `" + command + "`"
            + $" on: {SampleResult.ThisMachine}.");
        var flows = GradientFlow.Study(study);
        Verdicts(text, new Claims(outcomes, costs, flows));
        Method(text, study);
        Structure(text);
        Costs(text, costs);
        Families(text, outcomes);
        Problems(text, outcomes);
        Gradients(text, flows);
        Gates(text, study);
        Rates(text, outcomes);
        var html = Path.Combine(study.Folder, "report.html");
        text.Save(markdown, html);
        return html;
    }

    private static void Verdicts(ReportText text, Claims claims)
    {
        text.Title("What is said, and what holds here");
        text.Say(
            "A difference counts where it is more than twice its own standard deviation over the seeds, and more than 1 %. Unless it says "
            + "otherwise, the cells have about as many parameters as the LSTM.");
        text.Table(["claim", "measured here", ""], claims.All().Select(c => new[] { c.Text, c.Here, c.Verdict }));
    }

    private static void Method(ReportText text, Study study)
    {
        text.Title("How it was measured");
        text.Say(
            $"Each cell is trained with {study.Seeds.Count} seeds, which decide data, initial weights and order. Its learning rate is "
            + "that of "
            + string.Join(", ", study.Rates.Select(rate => FormattableString.Invariant($"{rate}")))
            + " that reached the least loss on validation samples with another seed, for each cell, size and family of problems (the "
            + "last table has them). AdamW without decay, batches of 32 (16 of text), gradients clipped to a norm of 1. All cells "
            + "begin alike: hidden weights orthogonal, input weights by Glorot's rule, biases 0, but 1 for the LSTM's forget gate. "
            + "The GRU resets after the product. The epoch is chosen on validation samples, and the score is that of others, which "
            + "neither trained nor chose. Every cell has as much training; a problem counts as learned once the validation loss is "
            + "below a mark that is the same "
            + "for all.");
    }

    private static void Structure(ReportText text)
    {
        text.Title("Structure");
        var about = new Dictionary<string, string[]>
        {
            ["Elman"] = ["none", "h"], ["LSTM"] = ["input, forget, output", "h and c"], ["GRU"] = ["reset, update", "h"],
            ["minGRU"] = ["update, of the input alone", "h"],
        };
        text.Table(
            ["cell", "gates", "state", "parameters at 32 units", "operations a step", "units for as many parameters as the LSTM"],
            Contender.Of(Shape.Rows).GroupBy(contender => contender.Cell).Select(cell => new[]
            {
                cell.Key, about[cell.Key][0], about[cell.Key][1], $"{cell.First().Definition.ParameterCount:N0}",
                $"{cell.First().Definition.FlopsPerStep:N0}", $"{cell.Last().Units} ({cell.Last().Definition.ParameterCount:N0})",
            }));
        text.Say("With 8 inputs and a head of 8 outputs, which are counted too.");
    }

    private static void Costs(ReportText text, IReadOnlyList<Cost> costs)
    {
        text.Title("Cost");
        text.Table(
            ["units", .. costs.Select(cost => cost.Contender.Cell).Distinct()],
            costs.GroupBy(cost => cost.Contender.Units).Select(units => (string[])
            [
                $"{units.Key}",
                .. units.Select(c => FormattableString.Invariant(
                    $"{c.StepMicroseconds * 1000:F0} ns / {c.TrainingMicroseconds * 1000:F0} ns / {c.TapeBytes:N0} B")),
            ]));
        text.Say(
            "One step of a stream / forward and backward of one step of one sample, in batches of 32 samples of 50 steps / memory that it "
            + "takes on the tape. 8 inputs, one thread, the best of half a second. An epoch takes the second number times its steps.");
        text.Picture(
            "training-cost", "Cost of training",
            StudyPlots.Costs(costs, c => c.TrainingMicroseconds, "Forward and backward of a step", "us"));
    }

    private static void Families(ReportText text, IReadOnlyList<Outcome> outcomes)
    {
        foreach (var family in outcomes.Where(o => o.Problem.Size is not null).GroupBy(o => o.Problem.Family))
        {
            var sizes = family.Select(o => o.Problem.Size).Distinct().ToArray();
            text.Title($"Long dependencies: {family.Key}");
            text.Table(
                [$"{family.First().Problem.Score} ({family.First().Problem.Beside})", .. sizes.Select(s => $"{s}"), "largest learned"],
                family.GroupBy(o => o.Contender).Select(cell => (string[])
                [
                    $"{cell.Key.Name} ({cell.Key.Definition.ParameterCount:N0} parameters)",
                    .. cell.Select(o => $"{o.Text}{(o.Learned > 0 ? $"; {o.Learned} of {o.Runs.Count} learned" : "")}"),
                    $"{cell.Where(o => o.IsLearned).Max(o => o.Problem.Size)?.ToString() ?? "none"}",
                ]));
            if (sizes.Length > 1)
            {
                text.Picture(
                    family.Key.Split(',')[0], family.Key,
                    StudyPlots.Scores([.. family], $"{family.Key}: mean of the seeds, worst to best"));
            }
        }
    }

    private static void Problems(ReportText text, IReadOnlyList<Outcome> outcomes)
    {
        text.Title("Other problems");
        foreach (var problem in outcomes.Where(o => o.Problem.Size is null).GroupBy(o => o.Problem))
        {
            var more = problem.First().Runs[0].Values.Skip(5).Select(value => value.Name).ToArray();
            text.Title(problem.Key.Name, 3);
            text.Table(
                ["cell", $"{problem.Key.Score} ({problem.Key.Beside})", "worst and best seed", .. more, "best epoch"],
                problem.Select(o => (string[])
                [
                    $"{o.Contender.Name} ({o.Contender.Definition.ParameterCount:N0} parameters)", o.Text,
                    $"{problem.Key.Format(o.Scores.Min())} to {problem.Key.Format(o.Scores.Max())}",
                    .. more.Select(name => problem.Key.Format(o.MeanOf(name))),
                    FormattableString.Invariant($"{o.MeanOf("best epoch"):F1}"),
                ]));
        }
    }

    private static void Gradients(ReportText text, IReadOnlyList<Flow> flows)
    {
        text.Title("Gradients through time");
        text.Say(
            $"How much the answer of the adding problem of {GradientFlow.Steps} steps depends on the state some steps before, for cells of "
            + "32 units: the norm of the gradient, relative to one step back.");
        foreach (var (isTrained, when) in new[] { (false, "before"), (true, "after") })
        {
            var some = flows.Where(flow => flow.IsTrained == isTrained).ToArray();
            if (some.Length > 0)
            {
                text.Picture($"gradients-{when}", $"Gradients {when} training", StudyPlots.Gradients(some, $"{when} training"));
            }
        }
    }

    private static void Gates(ReportText text, Study study)
    {
        var adding = GradientFlow.Problem;
        var rows = adding.Draw(1, seed: 3).Single().Rows;
        var marks = Enumerable.Range(0, GradientFlow.Steps).Where(t => rows[(t * Problem.Width) + 1] == 1).ToArray();
        var contenders = Contender.Of(Shape.Rows)
            .Where(c => c.IsOfEqualUnits && c.Cell is "LSTM" or "GRU" && File.Exists(study.Weights(adding, c))).ToArray();
        if (contenders.Length == 0)
        {
            return;
        }

        text.Title("Gates over a sequence");
        text.Say(
            "The gate that keeps the state, of each of 32 units (rows), over one sequence of the adding problem, whose marked numbers are "
            + $"at steps {marks[0]} and {marks[1]}: 1, bright, keeps all.");
        foreach (var contender in contenders)
        {
            var gates = GateActivity.Of(study.Load(adding, contender), contender.Units, rows);
            var plot = Pictures.HeatMap(gates, [], [], $"{contender.Cell}: {(contender.Cell == "LSTM" ? "forget" : "update")} gate");
            Pictures.Name(plot.Axes.Bottom, marks.Select(t => ((double)t, $"step {t}")));
            text.Picture($"gates-{contender.Cell.ToLowerInvariant()}", $"Gates of the {contender.Cell}", plot, 1000, 360);
        }
    }

    private static void Rates(ReportText text, IReadOnlyList<Outcome> outcomes)
    {
        text.Title("Learning rates that were chosen");
        text.Table(
            ["family", "rates"],
            outcomes.GroupBy(o => o.Problem.Family).Select(family => new[]
            {
                family.Key,
                string.Join(", ", family.DistinctBy(o => o.Contender.Name)
                    .Select(o => FormattableString.Invariant($"{o.Contender.Name}: {o.Rate}"))),
            }));
    }
}
