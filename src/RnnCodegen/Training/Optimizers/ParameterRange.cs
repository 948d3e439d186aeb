namespace RnnCodegen;

/// <summary>Neighbouring tensors that an optimizer treats alike.</summary>
internal readonly record struct ParameterRange(int Offset, int Length, double LearningRateScale, double? WeightDecay, bool Frozen)
{
    /// <summary>Whether the optimizer's own settings hold.</summary>
    public bool IsPlain => LearningRateScale == 1 && WeightDecay is null && !Frozen;

    /// <summary>Divides all parameters into as few ranges as the groups allow.</summary>
    /// <exception cref="ArgumentException">A group matches nothing or sets nothing, or two set the same thing of one tensor.</exception>
    public static ParameterRange[] Resolve(ParameterSet parameters, IReadOnlyList<ParameterGroup> groups)
    {
        foreach (var group in groups)
        {
            group.Check(parameters);
        }

        var ranges = new List<ParameterRange>();
        foreach (var tensor in parameters.Tensors)
        {
            ParameterGroup[] held = [.. groups.Where(group => group.Holds(tensor.Info))];
            var scale = Single(held, group => group.LearningRateScale is not null, tensor, nameof(ParameterGroup.LearningRateScale));
            var decay = Single(held, group => group.WeightDecay is not null, tensor, nameof(ParameterGroup.WeightDecay));
            var frozen = Single(held, group => group.Frozen, tensor, nameof(ParameterGroup.Frozen));
            var range = new ParameterRange(
                tensor.Info.Offset, tensor.Info.Length, scale?.LearningRateScale ?? 1, decay?.WeightDecay, frozen is not null);
            if (ranges.Count > 0 && range == ranges[^1] with { Offset = range.Offset, Length = range.Length })
            {
                ranges[^1] = ranges[^1] with { Length = ranges[^1].Length + range.Length };
            }
            else
            {
                ranges.Add(range);
            }
        }

        return [.. ranges];
    }

    /// <summary>The tensors and what is set for them.</summary>
    public string Describe(ParameterSet parameters)
    {
        var (start, end) = (Offset, Offset + Length);
        var names = parameters.Tensors.Where(tensor => tensor.Info.Offset >= start && tensor.Info.Offset < end)
            .Select(tensor => tensor.Name);
        List<string> settings = [];
        if (LearningRateScale != 1)
        {
            settings.Add(FormattableString.Invariant($"learningRateScale {LearningRateScale}"));
        }

        if (WeightDecay is not null)
        {
            settings.Add(FormattableString.Invariant($"weightDecay {WeightDecay}"));
        }

        if (Frozen)
        {
            settings.Add("frozen");
        }

        return $"{string.Join(" ", names)}: {string.Join(", ", settings)}";
    }

    private static ParameterGroup? Single(ParameterGroup[] groups, Func<ParameterGroup, bool> sets, Parameter tensor, string what)
    {
        ParameterGroup[] setting = [.. groups.Where(sets)];
        return setting.Length < 2 ? setting.FirstOrDefault() : throw new ArgumentException(
            $"Tensor '{tensor.Name}' gets its {what} from two groups, {setting[0].Description} and {setting[1].Description}; let " +
            "one say it.",
            "parameters");
    }
}
